import { type KernelOptions, requirePeriod, resultColumn } from "./arguments.ts";
import { warmUpStart } from "./warm_up.ts";

/**
 * Wilder's relative strength, 0 to 100: 100·gain ÷ (gain + loss), 0 when both are 0. First at row n, from the mean
 * of the first `n` changes. A NaN gives NaN at its row and the warm-up starts afresh behind it.
 *
 * Gains and losses are kept doubled, as |change| ± change, which is exact and needs no branch that prices would
 * make unpredictable. Wilder's (avg·(n − 1) + x)/n is computed as avg·((n − 1)/n) + x·(1/n): two roundings, all
 * terms positive, and no division in the chain from bar to bar.
 */
export function rsi(x: Float64Array, n: number, options: KernelOptions = {}): Float64Array {
  requirePeriod("rsi", n);
  const strength = resultColumn("rsi", options.out, [x]);
  const keep = (n - 1) / n;
  const share = 1 / n;
  let next = 0;
  while (next < x.length) {
    const start = warmUpStart(x, next, n + 1);
    const seedRow = Math.min(start + n, x.length);
    strength.fill(NaN, next, seedRow);
    if (seedRow === x.length) break;
    let gain = 0;
    let loss = 0;
    for (let i = start + 1; i <= seedRow; i++) {
      const change = x[i]! - x[i - 1]!;
      const size = Math.abs(change);
      gain += size + change;
      loss += size - change;
    }
    gain /= n;
    loss /= n;
    strength[seedRow] = gain + loss === 0 ? 0 : 100 * gain / (gain + loss);
    let before = x[seedRow]!;
    for (next = seedRow + 1; next < x.length; next++) {
      const value = x[next]!;
      const change = value - before;
      const size = Math.abs(change);
      before = value;
      gain = gain * keep + (size + change) * share;
      loss = loss * keep + (size - change) * share;
      const total = gain + loss;
      strength[next] = total === 0 ? 0 : 100 * gain / total;
      if (total !== total) {
        strength[next] = NaN;
        break;
      }
    }
    next++;
  }
  return strength;
}
