import { cryptoRegime } from "./crypto.ts";
import { dailyCloses, type RegimeData } from "./data.ts";
import type { RegimeNote } from "./dimension.ts";
import { equityRegime } from "./equity.ts";
import { labelsOf, type RegimeDimension, type RegimeLabels } from "./labels.ts";
import { macroRegime } from "./macro.ts";
import { DEFAULT_REGIME_RULES, type RegimeRules } from "./rules.ts";
import { volatilityRegime } from "./volatility.ts";

/** Labels and their inputs at every decision: row `i` of each column belongs to `times[i]`. */
export interface RegimeTimeline {
  readonly times: Float64Array;
  /** Codes into EQUITY_LABELS, VOLATILITY_LABELS, CRYPTO_LABELS and MACRO_LABELS. */
  readonly equity: Uint8Array;
  readonly volatility: Uint8Array;
  readonly crypto: Uint8Array;
  readonly macro: Uint8Array;
  /** 1 where a label is a default: in warm-up, or as values have been missing for too long. */
  readonly defaults: Readonly<Record<RegimeDimension, Uint8Array>>;
  /**
   * The numbers each label came from; NaN where unknown or too old. Closes are split-adjusted, momenta fractions,
   * volatilities in points, the slope in percentage points, `inverted_share` the share of recent slopes below 0.
   */
  readonly inputs: Readonly<Record<RegimeInput, Float64Array>>;
  /** The labels at one decision; equal ones are the same frozen object. */
  labelsAt(index: number): RegimeLabels;
  /** Stretches to warn about: values held past their time, stand-ins, defaults. */
  readonly notes: readonly RegimeNote[];
}

/** Names of the numbers that labels come from. */
export const REGIME_INPUTS = [
  "spy_close",
  "spy_sma",
  "spy_momentum",
  "vix",
  "realised_volatility",
  "btc_close",
  "btc_sma",
  "btc_momentum",
  "pmi",
  "slope",
  "inverted_share",
] as const;

export type RegimeInput = typeof REGIME_INPUTS[number];

/** Labels at ascending decision times (FR-033 to FR-037); what becomes available later never changes one. */
export function regimeTimeline(
  decisions: Float64Array,
  data: RegimeData,
  rules: RegimeRules = DEFAULT_REGIME_RULES,
): RegimeTimeline {
  const closes = dailyCloses(data.equity);
  const equity = equityRegime(decisions, closes, rules);
  const volatility = volatilityRegime(decisions, { vix: data.vix, closes }, rules);
  const crypto = cryptoRegime(decisions, dailyCloses(data.crypto), rules);
  const curve = { tenYear: data.tenYear, twoYear: data.twoYear };
  const macro = macroRegime(decisions, { pmi: data.pmi, curve }, rules);
  const all = [equity, volatility, crypto, macro];
  const inputs = Object.assign({}, ...all.map((dimension) => dimension.inputs));
  return {
    times: decisions,
    equity: equity.codes,
    volatility: volatility.codes,
    crypto: crypto.codes,
    macro: macro.codes,
    defaults: {
      equity: equity.defaults,
      volatility: volatility.defaults,
      crypto: crypto.defaults,
      macro: macro.defaults,
    },
    inputs: inputs as Record<RegimeInput, Float64Array>,
    notes: all.flatMap((dimension) => dimension.notes),
    labelsAt(index) {
      const first = equity.codes[index];
      if (first === undefined) {
        throw new RangeError(`No decision ${index}: there are ${decisions.length}`);
      }
      return labelsOf(
        first,
        volatility.codes[index]!,
        crypto.codes[index]!,
        macro.codes[index]!,
      );
    },
  };
}

/** Decisions `from` to `to` of a timeline, on a clock of their own; warnings stay with the whole. */
export function timelineBetween(
  timeline: RegimeTimeline,
  from: number,
  to: number,
): RegimeTimeline {
  const part = <Column extends Float64Array | Uint8Array>(column: Column) =>
    column.subarray(from, to) as Column;
  const parts = <Column extends Float64Array | Uint8Array>(
    columns: Readonly<Record<string, Column>>,
  ) => Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, part(column)]));
  return {
    times: part(timeline.times),
    equity: part(timeline.equity),
    volatility: part(timeline.volatility),
    crypto: part(timeline.crypto),
    macro: part(timeline.macro),
    defaults: parts(timeline.defaults) as RegimeTimeline["defaults"],
    inputs: parts(timeline.inputs) as RegimeTimeline["inputs"],
    labelsAt: (index) => timeline.labelsAt(index + from),
    notes: [],
  };
}
