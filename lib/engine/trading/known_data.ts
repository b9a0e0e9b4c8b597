import { type Bars, type Millis, type Series, sliceBars, upperBound } from "../../core/bars.ts";
import type { DailyHistory, RegimeData } from "../../regime/mod.ts";
import type { AssetData } from "../plan.ts";

/** Raw history of an asset as it was known at a time (FR-003): nothing that became available later is in it. */
export function assetDataAt(data: AssetData, time: Millis): AssetData {
  const bars = Object.fromEntries(
    Object.entries(data.bars).map(([timeframe, bars]) => [timeframe, barsAt(bars, time)]),
  );
  return { ...data, bars, actions: data.actions.filter(({ exDate }) => exDate <= time) };
}

/** What regimes are told from, as it was known at a time. */
export function regimeDataAt(data: RegimeData, time: Millis): RegimeData {
  const { equity, crypto, vix, tenYear, twoYear, pmi } = data;
  return {
    ...(equity && { equity: historyAt(equity, time) }),
    ...(crypto && { crypto: historyAt(crypto, time) }),
    ...(vix && { vix: seriesAt(vix, time) }),
    ...(tenYear && { tenYear: seriesAt(tenYear, time) }),
    ...(twoYear && { twoYear: seriesAt(twoYear, time) }),
    ...(pmi && { pmi: seriesAt(pmi, time) }),
  };
}

/** Bars that were complete at a time. */
export function barsAt(bars: Bars, time: Millis): Bars {
  return sliceBars(bars, 0, upperBound(bars.availableAt, time));
}

function historyAt({ bars, splits, splitsApplied }: DailyHistory, time: Millis): DailyHistory {
  return {
    bars: barsAt(bars, time),
    splits: splits.filter(({ exDate }) => exDate <= time),
    splitsApplied,
  };
}

/** Observations that were published by a time. */
export function seriesAt({ name, date, availableAt, value }: Series, time: Millis): Series {
  const rows = upperBound(availableAt, time);
  return {
    name,
    date: date.subarray(0, rows),
    availableAt: availableAt.subarray(0, rows),
    value: value.subarray(0, rows),
  };
}
