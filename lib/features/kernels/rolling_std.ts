import { type KernelOptions, requirePeriod, resultColumn } from "./arguments.ts";
import { canonicalizeNaN } from "./canonical.ts";
import { emptyTails, tailMoments } from "./window_sums.ts";

/** How deviations are counted: over n (TA-Lib's STDDEV, the default), or over n − 1 for a sample. */
export interface RollingStdOptions extends KernelOptions {
  readonly sample?: boolean;
}

/** Standard deviation of the last `n` values; NaN before row n − 1 and while a NaN is among them, 0 when all are equal. */
export function rollingStd(
  x: Float64Array,
  n: number,
  { sample = false, out }: RollingStdOptions = {},
): Float64Array {
  requirePeriod(sample ? "rollingStd of a sample" : "rollingStd", n, sample ? 2 : 1);
  const deviation = resultColumn("rollingStd", out, [x]);
  if (n > x.length) return deviation.fill(NaN);
  const pairs = sample ? n * (n - 1) : n * n;
  const tails = emptyTails(n);
  const tailSquares = emptyTails(n);
  for (let block = 0; block < x.length; block += n) {
    const anchor = x[block]!;
    if (block > 0) tailMoments(x, block, n, anchor, tails, tailSquares);
    const end = Math.min(block + n, x.length);
    let head = 0;
    let headSquares = 0;
    for (let i = block; i < end; i++) {
      const distance = x[i]! - anchor;
      head += distance;
      headSquares += distance * distance;
      const sum = tails[i - block + 1]! + head;
      const squares = tailSquares[i - block + 1]! + headSquares;
      deviation[i] = Math.sqrt(Math.max(0, n * squares - sum * sum) / pairs);
    }
    if (!Number.isFinite(tailSquares[1]! + headSquares)) canonicalizeNaN(deviation, block, end);
  }
  return deviation;
}
