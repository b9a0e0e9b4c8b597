// Sums over a sliding window without subtraction: bars are cut into blocks of n at rows 0, n, 2n …, and a
// window ending inside a block is the tail of the block before plus the head of this one. Nothing is ever
// taken off a running sum, so nothing drifts, a NaN leaves with its bar, and the row of a result depends on
// no later row (van Herk 1992, Gil and Werman 1993).
//
// Values are summed as distances from the block's first bar, the anchor. Every window that ends in the block
// holds that bar, so no distance exceeds the window's own range: a mean of 1e8 costs no digits of a deviation
// of 1e-3, and equal prices give distances of exactly 0.

/** Tails for the first block: NaN, as no window that begins before row 0 is complete, but for the empty tail at n, 0. */
export function emptyTails(n: number): Float64Array {
  const sums = new Float64Array(n + 1).fill(NaN);
  sums[n] = 0;
  return sums;
}

/** Fills `sums[j]` with the sum of distances from `anchor` over rows j … n − 1 of the block before `block`. */
export function tailSums(
  x: Float64Array,
  block: number,
  n: number,
  anchor: number,
  sums: Float64Array,
): void {
  const before = block - n;
  let sum = 0;
  for (let j = n - 1; j > 0; j--) {
    sum += x[before + j]! - anchor;
    sums[j] = sum;
  }
}

/** As `tailSums`, with the sums of squared distances beside them. */
export function tailMoments(
  x: Float64Array,
  block: number,
  n: number,
  anchor: number,
  sums: Float64Array,
  squares: Float64Array,
): void {
  const before = block - n;
  let sum = 0;
  let square = 0;
  for (let j = n - 1; j > 0; j--) {
    const distance = x[before + j]! - anchor;
    sum += distance;
    square += distance * distance;
    sums[j] = sum;
    squares[j] = square;
  }
}
