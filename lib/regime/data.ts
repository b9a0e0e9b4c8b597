import { adjustmentFactors } from "../core/adjustment.ts";
import type { Bars, CorporateAction, Series } from "../core/bars.ts";

/** What regimes are made of, as loaded; a part that is absent leaves its label to the rule for missing values. */
export interface RegimeData {
  readonly equity?: DailyHistory;
  readonly crypto?: DailyHistory;
  /** Daily closes of the VIX, each dated by its session. */
  readonly vix?: Series;
  /** Yields in percent, observed daily. */
  readonly tenYear?: Series;
  readonly twoYear?: Series;
  /** One value a month, 50 = no change. */
  readonly pmi?: Series;
}

/** Daily bars of the asset that stands for its market. */
export interface DailyHistory {
  readonly bars: Bars;
  /** Actions of this asset; dividends among them are left out, as regimes follow prices, not returns. */
  readonly splits: readonly CorporateAction[];
  /** Whether the bars already carry the splits. */
  readonly splitsApplied: boolean;
}

/** Closes in units of the first bar: split-adjusted, without dividends. */
export interface DailyCloses {
  readonly openTime: Float64Array;
  readonly availableAt: Float64Array;
  readonly close: Float64Array;
}

/** Split-adjusted closes of the days that have one: a missing value is no observation. */
export function dailyCloses(history: DailyHistory | undefined): DailyCloses {
  if (history === undefined) return { openTime: NONE, availableAt: NONE, close: NONE };
  const { bars, splitsApplied } = history;
  const splits = history.splits.filter(({ kind }) => kind === "split");
  const raw = withoutMissing(bars.close, bars);
  if (splitsApplied || splits.length === 0) return raw;
  const factors = adjustmentFactors(raw.openTime, raw.close, splits, splitsApplied);
  return { ...raw, close: raw.close.map((close, row) => close * factors[row]!) };
}

/** The observations of a series that have a value. */
export function observations(series: Series | undefined): Series {
  if (series === undefined) return { name: "", date: NONE, availableAt: NONE, value: NONE };
  if (!series.value.some(Number.isNaN)) return series;
  const keep = (column: Float64Array) =>
    column.filter((_, row) => !Number.isNaN(series.value[row]));
  return {
    name: series.name,
    date: keep(series.date),
    availableAt: keep(series.availableAt),
    value: keep(series.value),
  };
}

const NONE = new Float64Array(0);

function withoutMissing(close: Float64Array, { openTime, availableAt }: Bars): DailyCloses {
  if (!close.some(Number.isNaN)) return { openTime, availableAt, close };
  const keep = (column: Float64Array) => column.filter((_, row) => !Number.isNaN(close[row]));
  return { openTime: keep(openTime), availableAt: keep(availableAt), close: keep(close) };
}
