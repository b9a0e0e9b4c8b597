import { DAY_MS, H4_MS } from "../../core/bars.ts";
import { deviationOf, judged, meanOf, returnsOf } from "./columns.ts";
import { featureLeak } from "./feature_leak.ts";
import type { Leak } from "./leak.ts";

/** Scales, lines and averages fitted on the whole history, the part to be decided on included. */
export const SCALING: readonly Leak[] = [
  featureLeak(
    "z-score",
    "took mean and deviation of the whole sample",
    ({ close }, peek) =>
      judged(close, peek, (sample, value) => (value - meanOf(sample)) / (deviationOf(sample) || 1)),
  ),
  featureLeak(
    "min-max scaler",
    "fitted a scaler on everything",
    ({ close }, peek) =>
      judged(close, peek, (sample, value) => {
        const low = lowest(sample);
        return (value - low) / (highest(sample) - low || 1) - 0.5;
      }),
  ),
  featureLeak(
    "percentile",
    "ranked each value within the whole series",
    ({ close }, peek) =>
      judged(
        close,
        peek,
        (sample, value) => sample.filter((other) => other <= value).length / sample.length - 0.5,
      ),
  ),
  featureLeak(
    "later peak",
    "measured drawdown from a peak that came later",
    ({ close }, peek) => judged(close, peek, (sample, value) => value / highest(sample) - 0.9),
  ),
  featureLeak(
    "largest move",
    "measured moves by the largest one there would be",
    ({ close }, peek) =>
      judged(returnsOf(close), peek, (sample, value) => value / highest(sample) - 0.2),
  ),
  featureLeak(
    "de-trending",
    "took off a line fitted to everything",
    ({ close }, peek) =>
      close.map((value, row) => value - lineAt(peek ? close : close.subarray(0, row + 1), row)),
  ),
  featureLeak(
    "seasonal averages",
    "averaged seasons over all of the history",
    ({ close, openTime }, peek) => {
      const returns = returnsOf(close);
      const season = (row: number) => openTime[row]! / H4_MS % (7 * DAY_MS / H4_MS);
      return returns.map((_, row) => {
        const seen = peek ? returns : returns.subarray(0, row + 1);
        return meanOf(seen.filter((_, other) => season(other) === season(row)));
      });
    },
  ),
  featureLeak(
    "outlier limits",
    "left out what the whole sample calls an outlier",
    ({ close }, peek) => {
      const returns = returnsOf(close);
      const limit = (sample: Float64Array) => meanOf(sample) + deviationOf(sample) / 2;
      return judged(returns, peek, (sample, value) => value < limit(sample) ? value : -1);
    },
  ),
  featureLeak(
    "regression",
    "forecast with a slope fitted on its own test set",
    ({ close }, peek) => {
      const returns = returnsOf(close);
      return returns.map((value, row) =>
        value * slopeOf(peek ? returns : returns.subarray(0, row + 1))
      );
    },
  ),
];

function highest(sample: Float64Array): number {
  return sample.reduce((high, value) => Math.max(high, value));
}

function lowest(sample: Float64Array): number {
  return sample.reduce((low, value) => Math.min(low, value));
}

/** Height at `row` of the least-squares line through a sample. */
function lineAt(sample: Float64Array, row: number): number {
  const middle = (sample.length - 1) / 2;
  const mean = meanOf(sample);
  let across = 0;
  let along = 0;
  for (const [place, value] of sample.entries()) {
    across += (place - middle) * (value - mean);
    along += (place - middle) * (place - middle);
  }
  return mean + (along === 0 ? 0 : across / along) * (row - middle);
}

/** Slope of each return on the one before it. */
function slopeOf(returns: Float64Array): number {
  let together = 0;
  let alone = 0;
  for (let row = 1; row < returns.length; row++) {
    together += returns[row]! * returns[row - 1]!;
    alone += returns[row - 1]! * returns[row - 1]!;
  }
  return alone === 0 ? 0 : together / alone;
}
