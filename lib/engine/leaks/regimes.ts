import { upperBound } from "../../core/bars.ts";
import { type RegimeData, type RegimeTimeline, regimeTimeline } from "../../regime/mod.ts";
import { labelsOf } from "../../regime/labels.ts";
import { type Leak, planted } from "./leak.ts";
import { PLANTED_RULES } from "./market.ts";
import { holdByRegime, subject } from "./subject.ts";

/** Labels that know what comes after them. */
export const REGIMES: readonly Leak[] = [
  relabelled(
    "smoothed labels",
    "smoothed labels by those that follow",
    "volatility",
    (codes, { peek }) =>
      codes.map((_, t) =>
        majority(codes.subarray(Math.max(0, t - (peek ? 12 : 24)), t + (peek ? 13 : 1)))
      ),
  ),
  relabelled(
    "thresholds",
    "drew the threshold at the median of the whole history",
    "volatility",
    (codes, { peek, times, vix }, { inputs }) =>
      codes.map((_, t) => {
        const known = peek ? vix.value.length : upperBound(vix.availableAt, times[t]!);
        return inputs.vix[t]! > median(vix.value.subarray(0, known)) ? 2 : 0;
      }),
  ),
  relabelled(
    "no delay",
    "moved labels back to where they should have changed",
    "volatility",
    (codes, { peek }) => codes.map((code, t) => codes[peek ? t + 6 : t - 6] ?? code),
  ),
  relabelled(
    "named afterwards",
    "called a market bad as it was going to fall",
    "equity",
    (codes, { peek, times, closes, known }) =>
      codes.map((code, t) => {
        const row = upperBound(known, times[t]!) - 1;
        const [from, to] = peek ? [row, row + 5] : [row - 5, row];
        const change = closes[to]! / closes[from]! - 1;
        return change > 0 ? 0 : change < 0 ? 2 : code;
      }),
  ),
];

interface Told {
  readonly peek: boolean;
  readonly times: Float64Array;
  readonly vix: NonNullable<RegimeData["vix"]>;
  /** Daily closes of the equity market, and when each was known. */
  readonly closes: Float64Array;
  readonly known: Float64Array;
}

/** A run whose labels of one dimension are told in another way. */
function relabelled(
  name: string,
  what: string,
  dimension: "volatility" | "equity",
  codesOf: (codes: Uint8Array, told: Told, timeline: RegimeTimeline) => Uint8Array,
): Leak {
  return planted("regime", name, what, (peek) =>
    subject({
      regimes: true,
      decide: holdByRegime(dimension),
      steps: {
        regimes(times, data) {
          const timeline = regimeTimeline(times, data, PLANTED_RULES);
          const { close, availableAt } = data.equity!.bars;
          const told = { peek, times, vix: data.vix!, closes: close, known: availableAt };
          return withCodes(timeline, { [dimension]: codesOf(timeline[dimension], told, timeline) });
        },
      },
    }));
}

function withCodes(
  timeline: RegimeTimeline,
  codes: Partial<Pick<RegimeTimeline, "volatility" | "equity">>,
): RegimeTimeline {
  const changed = { ...timeline, ...codes };
  const { equity, volatility, crypto, macro } = changed;
  return {
    ...changed,
    labelsAt: (t) => labelsOf(equity[t]!, volatility[t]!, crypto[t]!, macro[t]!),
  };
}

/** The code that is there most often; the lowest of equals. */
function majority(codes: Uint8Array): number {
  const counts = [0, 0, 0];
  for (const code of codes) counts[code]!++;
  return counts.indexOf(Math.max(...counts));
}

function median(values: Float64Array): number {
  return values.toSorted()[values.length >> 1] ?? NaN;
}
