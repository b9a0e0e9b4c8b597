import { gridMs } from "../../core/bars.ts";
import { timeText } from "../refusals.ts";
import type { RawBars } from "../validate_bars.ts";
import type { Finding, Thresholds } from "./report.ts";

/** Of a normal distribution, so that the deviation reads like a standard deviation. */
const MAD_TO_DEVIATION = 1.4826;
/** The scale moves slowly: it is worked out anew after so many bars. */
const REFRESH_BARS = 25;
const FEWEST_RETURNS = 30;
/** A move is taken back when the next bar undoes this share of it. */
const TAKEN_BACK = 0.6;

/**
 * Returns far from their median, in units of the median absolute deviation of the returns before them. A crash stays
 * down and is only told; a spike that the next bar takes back is what a wrong price looks like.
 */
export function outlierFindings(
  { openTime, close, timeframe }: RawBars,
  { outlier_deviations, outlier_window }: Thresholds,
): readonly Finding[] {
  const returns = close.map((price, row) => row === 0 ? NaN : price / close[row - 1]! - 1);
  const spikes: number[] = [];
  let outliers = 0;
  let worst = { row: -1, size: 0 };
  let scale = { centre: NaN, deviation: NaN };
  for (let row = FEWEST_RETURNS + 1; row < returns.length; row++) {
    if ((row - FEWEST_RETURNS - 1) % REFRESH_BARS === 0) {
      scale = robustScale(returns.subarray(Math.max(1, row - outlier_window), row));
    }
    const size = Math.abs(returns[row]! - scale.centre) / scale.deviation;
    if (!(size > outlier_deviations)) continue;
    outliers++;
    if (size > worst.size) worst = { row, size };
    // Over a night or a weekend prices may come back by themselves.
    if (openTime[row + 1]! - openTime[row]! !== gridMs(timeframe)) continue;
    const two = (1 + returns[row]!) * (1 + returns[row + 1]!) - 1;
    if (Math.abs(two) < (1 - TAKEN_BACK) * Math.abs(returns[row]!)) spikes.push(row);
  }
  if (outliers === 0) return [];
  const [spike] = spikes;
  const row = spike ?? worst.row;
  const move = `${(100 * returns[row]!).toFixed(1)} % at ${timeText(openTime[row]!)}`;
  return [{
    check: "outliers",
    count: outliers,
    beyond: spikes.length > 0,
    detail: spike === undefined
      ? `returns of more than ${outlier_deviations} robust deviations, none taken back; the largest ${move}`
      : `returns of more than ${outlier_deviations} robust deviations, ${spikes.length} of them taken back at once; the first ${move}`,
  }];
}

/** Median, and median absolute deviation in units of a standard deviation; NaN where prices do not move. */
function robustScale(returns: Float64Array): { centre: number; deviation: number } {
  const sorted = returns.filter((value) => Number.isFinite(value)).sort();
  const centre = middle(sorted);
  const distances = sorted.map((value) => Math.abs(value - centre)).sort();
  const deviation = MAD_TO_DEVIATION * middle(distances);
  return { centre, deviation: deviation > 0 ? deviation : NaN };
}

function middle(sorted: Float64Array): number {
  const half = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
