import {
  type KernelOptions,
  requireEqualLengths,
  requirePeriod,
  resultColumn,
} from "./arguments.ts";
import { canonicalizeNaN } from "./canonical.ts";

/**
 * max(high − low, |high − previous close|, |low − previous close|), for high ≥ low; NaN in row 0.
 *
 * Computed as half the sum of the three distances between high, low and previous close, which is their range and
 * takes no unpredictable branch. Distances of prices within a factor of two are exact, and so is their sum: the
 * bits are those of the definition.
 */
export function trueRange(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  options: KernelOptions = {},
): Float64Array {
  requireEqualLengths("trueRange", { high, low, close });
  const ranges = resultColumn("trueRange", options.out, [high, low, close]);
  ranges.fill(NaN, 0, 1);
  for (let i = 1; i < ranges.length; i++) {
    ranges[i] = rangeOf(high[i]!, low[i]!, close[i - 1]!);
  }
  canonicalizeNaN(ranges, 1, ranges.length);
  return ranges;
}

/**
 * Wilder's average true range, in units of price. First at row n, the mean of the true ranges of rows 1 … n; then
 * (avg·(n − 1) + range)/n, computed as avg·((n − 1)/n) + range·(1/n). A NaN in any of the three columns gives NaN at
 * its row and the warm-up starts afresh behind it, the row after it being the new row 0.
 */
export function atr(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  n: number,
  options: KernelOptions = {},
): Float64Array {
  requirePeriod("atr", n);
  requireEqualLengths("atr", { high, low, close });
  const averages = resultColumn("atr", options.out, [high, low, close]);
  const keep = (n - 1) / n;
  const share = 1 / n;
  const { length } = averages;
  let next = 0;
  while (next < length) {
    const start = completeStart(high, low, close, next, n + 1);
    const seedRow = Math.min(start + n, length);
    averages.fill(NaN, next, seedRow);
    if (seedRow === length) break;
    let average = 0;
    for (let i = start + 1; i <= seedRow; i++) average += rangeOf(high[i]!, low[i]!, close[i - 1]!);
    average /= n;
    averages[seedRow] = average;
    let before = close[seedRow]!;
    for (next = seedRow + 1; next < length; next++) {
      average = average * keep + rangeOf(high[next]!, low[next]!, before) * share;
      before = close[next]!;
      averages[next] = average;
      // Only a finite sum less itself is 0; the close, unused until the next row, belongs to this bar.
      const probe = average + before;
      if (probe - probe !== 0) {
        averages[next] = NaN;
        break;
      }
    }
    next++;
  }
  return averages;
}

function rangeOf(high: number, low: number, before: number): number {
  return (Math.abs(high - low) + Math.abs(high - before) + Math.abs(low - before)) * 0.5;
}

/** As `warmUpStart`, over bars of three columns. */
function completeStart(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  from: number,
  count: number,
): number {
  let start = from;
  for (let i = from; i < high.length; i++) {
    if (!Number.isFinite(high[i]! + low[i]! + close[i]!)) start = i + 1;
    else if (i - start + 1 === count) return start;
  }
  return high.length;
}
