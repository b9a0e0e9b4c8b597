import { type KernelOptions, requirePeriod, resultColumn } from "./arguments.ts";
import { canonicalizeNaN } from "./canonical.ts";
import { emptyTails, tailSums } from "./window_sums.ts";

/**
 * Mean of the last `n` values, NaN before row n − 1 and while a NaN is among them. The sum is exact on dyadic
 * data, and equal values give their own value.
 */
export function sma(x: Float64Array, n: number, options: KernelOptions = {}): Float64Array {
  requirePeriod("sma", n);
  const mean = resultColumn("sma", options.out, [x]);
  if (n > x.length) return mean.fill(NaN);
  const tails = emptyTails(n);
  for (let block = 0; block < x.length; block += n) {
    const anchor = x[block]!;
    if (block > 0) tailSums(x, block, n, anchor, tails);
    const end = Math.min(block + n, x.length);
    let head = 0;
    for (let i = block; i < end; i++) {
      head += x[i]! - anchor;
      const sum = tails[i - block + 1]! + head;
      mean[i] = sum === 0 ? anchor : (n * anchor + sum) / n;
    }
    // Finite sums over both blocks leave no window with a NaN.
    if (!Number.isFinite(tails[1]! + head)) canonicalizeNaN(mean, block, end);
  }
  return mean;
}
