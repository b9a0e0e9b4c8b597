import { type KernelOptions, requirePeriod, resultColumn } from "./arguments.ts";
import { warmUpStart } from "./warm_up.ts";

/**
 * Exponential average with α = 2/(n + 1), seeded at row n − 1 with the mean of the first `n` values. A NaN gives
 * NaN at its row and the warm-up starts afresh behind it.
 */
export function ema(x: Float64Array, n: number, options: KernelOptions = {}): Float64Array {
  requirePeriod("ema", n);
  const averages = resultColumn("ema", options.out, [x]);
  const keep = (n - 1) / (n + 1);
  let next = 0;
  while (next < x.length) {
    const start = warmUpStart(x, next, n);
    const seedRow = Math.min(start + n - 1, x.length);
    averages.fill(NaN, next, seedRow);
    if (seedRow === x.length) break;
    let average = meanFrom(x, start, n);
    averages[seedRow] = average;
    for (next = seedRow + 1; next < x.length; next++) {
      const value = x[next]!;
      // α·value + (1 − α)·average, written so that equal values give their own value.
      average = value + (average - value) * keep;
      averages[next] = average;
      if (average !== average) {
        averages[next] = NaN;
        break;
      }
    }
    next++;
  }
  return averages;
}

/** The mean as `sma` computes it. */
function meanFrom(x: Float64Array, start: number, n: number): number {
  const anchor = x[start]!;
  let sum = 0;
  for (let i = start; i < start + n; i++) sum += x[i]! - anchor;
  return sum === 0 ? anchor : (n * anchor + sum) / n;
}
