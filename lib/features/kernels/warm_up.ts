/** First row of the first `count` finite values in a row at or after `from`; the column's length when there are none. */
export function warmUpStart(x: Float64Array, from: number, count: number): number {
  let start = from;
  for (let i = from; i < x.length; i++) {
    if (!Number.isFinite(x[i])) start = i + 1;
    else if (i - start + 1 === count) return start;
  }
  return x.length;
}
