import { DAY_MS } from "../../core/bars.ts";
import { h4 } from "../../features/mod.ts";
import { deviationOf, minus, returnsOf, shifted } from "./columns.ts";
import { featureLeak } from "./feature_leak.ts";
import { type Leak, planted } from "./leak.ts";
import { ownFeature, subject } from "./subject.ts";

/** What is to be foretold, found among what foretells it. */
export const LABELS: readonly Leak[] = [
  featureLeak(
    "shifted close",
    "shifted closes by -1",
    ({ close }, peek) => minus(shifted(close, peek ? -1 : 1), close),
  ),
  featureLeak(
    "shifted indicator",
    "shifted an indicator by -1",
    (_, peek, column) => shifted(column(h4.rsi(2)), peek ? -1 : 1).map((rsi) => rsi - 50),
  ),
  featureLeak(
    "next return",
    "left the label among the features",
    ({ close }, peek) => shifted(returnsOf(close), peek ? -1 : 0),
  ),
  featureLeak(
    "triple barrier",
    "used the outcome of a trade as its reason",
    ({ close }, peek) => close.map((_, row) => barrier(close, peek ? row : row - HORIZON)),
  ),
  featureLeak(
    "week's close",
    "knew the week's last close from Monday on",
    ({ close, openTime }, peek) => {
      const week = (row: number) => Math.floor((openTime[row]! / DAY_MS + 3) / 7);
      return close.map((value, row) => {
        let last = row;
        if (peek) { while (last + 1 < close.length && week(last + 1) === week(row)) last++; }
        else while (last >= 0 && week(last) === week(row)) last--;
        return (close[last] ?? NaN) - value;
      });
    },
  ),
  featureLeak(
    "day's volume",
    "compared a bar with the volume of its whole day",
    ({ volume, openTime }, peek) => {
      const day = (row: number) => Math.floor(openTime[row]! / DAY_MS);
      return volume.map((value, row) => {
        const sameDay = volume.filter((_, other) =>
          day(other) === day(row) && (peek || other <= row)
        );
        return value / sameDay.reduce((sum, traded) => sum + traded, 0) - 0.3;
      });
    },
  ),
  planted(
    "feature",
    "later volatility",
    "sized by the volatility that was still to come",
    (peek) => {
      const WINDOW = 6;
      const signal = ownFeature(({ close }) => {
        const returns = returnsOf(close);
        return returns.map((_, row) => {
          const first = peek ? row + 1 : Math.max(0, row + 1 - WINDOW);
          return deviationOf(returns.subarray(first, first + WINDOW));
        });
      });
      return subject({
        signal,
        decide: ({ assets }) =>
          Object.fromEntries(
            assets.map(({ symbol, signal }) => [symbol, 0.3 * Math.min(1, 0.01 / signal)]),
          ),
      });
    },
  ),
];

const HORIZON = 12;
const BARRIER = 0.03;

/** 1 when a purchase at `row` gained before it lost, −1 when it lost, 0 when neither came in time. */
function barrier(close: Float64Array, row: number): number {
  const entry = close[row] ?? NaN;
  for (const later of close.subarray(Math.max(0, row + 1), Math.max(0, row + 1 + HORIZON))) {
    if (later >= entry * (1 + BARRIER)) return 1;
    if (later <= entry * (1 - BARRIER)) return -1;
  }
  return 0;
}
