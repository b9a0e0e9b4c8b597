import { adjustmentSteps, factorsAt } from "../core/adjustment.ts";
import {
  type Bars,
  type CorporateAction,
  lowerBound,
  type Millis,
  sliceBars,
  type Timeframe,
} from "../core/bars.ts";
import type { AssetData } from "./plan.ts";

/** Bars in total-return units, with the factor that made them from raw prices. */
export interface AdjustedBars {
  readonly bars: Bars;
  /** A(t) per row: adjusted price = raw price × A. */
  readonly factors: Float64Array;
}

// The same raw columns serve many runs of one process; what was made of them is kept while they live. Factors come
// from the daily column, so it is a part of the key.
const known = new WeakMap<Float64Array, WeakMap<Float64Array, Map<string, AdjustedBars>>>();

/**
 * One asset's bars of one timeframe up to `end`, each session multiplied by A of its own date, so that no later
 * dividend or split changes an earlier row.
 */
export function adjustedBars(data: AssetData, timeframe: Timeframe, end: Millis): AdjustedBars {
  const raw = data.bars[timeframe];
  if (!raw) throw new RangeError(`${data.symbol} has no ${timeframe} bars loaded`);
  const kept = keptFor(raw.close, (data.bars.daily ?? raw).close);
  const key = `${end}/${data.splitsApplied}/${textOf(data.actions)}`;
  const found = kept.get(key);
  if (found) return found;
  const adjusted = adjust(data, sliceBars(raw, 0, lowerBound(raw.openTime, end)), end);
  kept.set(key, adjusted);
  return adjusted;
}

const texts = new WeakMap<readonly CorporateAction[], string>();

/** Actions as a part of a key; the same list is asked for again and again. */
function textOf(actions: readonly CorporateAction[]): string {
  const known = texts.get(actions);
  if (known !== undefined) return known;
  const text = actions.map(({ exDate, kind, value }) => `${exDate}${kind}${value}`).join();
  texts.set(actions, text);
  return text;
}

function keptFor(trading: Float64Array, daily: Float64Array): Map<string, AdjustedBars> {
  const byDaily = known.get(trading) ?? new WeakMap<Float64Array, Map<string, AdjustedBars>>();
  known.set(trading, byDaily);
  const kept = byDaily.get(daily) ?? new Map<string, AdjustedBars>();
  byDaily.set(daily, kept);
  return kept;
}

function adjust(data: AssetData, bars: Bars, end: Millis): AdjustedBars {
  const ones = () => ({ bars, factors: new Float64Array(bars.openTime.length).fill(1) });
  if (data.actions.length === 0) return ones();
  const dailyRaw = data.bars.daily;
  if (!dailyRaw) throw new RangeError(`${data.symbol} has actions but no daily bars loaded`);
  const daily = sliceBars(dailyRaw, 0, lowerBound(dailyRaw.openTime, end));
  const steps = adjustmentSteps(daily.openTime, daily.close, data.actions, data.splitsApplied);
  const factors = factorsAt(bars.openTime, steps);
  if (factors.every((factor) => factor === 1)) return { bars, factors };
  const times = (column: Float64Array) => column.map((value, row) => value * factors[row]!);
  return {
    bars: {
      ...bars,
      open: times(bars.open),
      high: times(bars.high),
      low: times(bars.low),
      close: times(bars.close),
    },
    factors,
  };
}
