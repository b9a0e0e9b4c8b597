import type { AssetClass } from "../core/asset.ts";
import { type Bars, DAY_MS, H4_MS, HOUR_MS, type Series } from "../core/bars.ts";
import { expectedBars } from "../core/calendar.ts";
import { parseDate } from "../core/clock.ts";
import type { DailyHistory, RegimeData, RegimeRules } from "./mod.ts";

/** Periods so short that a handful of days decides. */
export const SHORT_RULES: RegimeRules = {
  equity: { average: 3, momentum: 2 },
  volatility: { low: 15, high: 25, realised: 3 },
  crypto: { average: 3, momentum: 2 },
  macro: { pmi: 50, inverted_observations: 3 },
  holding: { equity_sessions: 2, volatility_sessions: 2, crypto_hours: 48, macro_days: 45 },
};

/** Every H4 boundary of [from, to). */
export function decisionsOf(from: string, to: string): Float64Array {
  const start = parseDate(from);
  const length = (parseDate(to) - start) / H4_MS;
  return Float64Array.from({ length }, (_, i) => start + i * H4_MS);
}

/** Daily bars on the days an unbroken history has from `from` on, one a close; NaN is a missing one. */
export function dailyBars(
  assetClass: AssetClass,
  from: string,
  closes: readonly number[],
): Bars {
  const start = parseDate(from);
  const expected = expectedBars(
    assetClass,
    "daily",
    start,
    start + (2 * closes.length + 10) * DAY_MS,
  );
  const column = Float64Array.from(closes);
  return {
    symbol: assetClass === "equity" ? "SPY" : "BTC",
    timeframe: "daily",
    openTime: expected.openTime.slice(0, closes.length),
    availableAt: expected.availableAt.slice(0, closes.length),
    open: column,
    high: column,
    low: column,
    close: column,
    volume: column,
  };
}

/** A history without splits; closes that are left out (undefined) leave no bar at all. */
export function history(
  assetClass: AssetClass,
  from: string,
  closes: readonly (number | undefined)[],
): DailyHistory {
  const bars = dailyBars(assetClass, from, closes.map((close) => close ?? NaN));
  const keep = (column: Float64Array) => column.filter((_, row) => closes[row] !== undefined);
  return {
    bars: {
      ...bars,
      openTime: keep(bars.openTime),
      availableAt: keep(bars.availableAt),
      close: keep(bars.close),
    },
    splits: [],
    splitsApplied: true,
  };
}

/** VIX closes of the sessions from `from` on, each known 15 minutes after its session; undefined leaves a hole. */
export function vixOf(from: string, values: readonly (number | undefined)[]): Series {
  const { bars } = history("equity", from, values);
  const availableAt = bars.availableAt.map((close) => close + HOUR_MS / 4);
  return { name: "vix", date: bars.openTime, availableAt, value: bars.close };
}

/** Daily observations from `from` on, week-ends included, known `lagDays` after their date. */
export function dailySeries(
  from: string,
  values: readonly (number | undefined)[],
  { lagDays }: { lagDays: number },
): Series {
  const date = Float64Array.from(values, (_, i) => parseDate(from) + i * DAY_MS);
  const keep = (column: Float64Array) => column.filter((_, row) => values[row] !== undefined);
  return {
    name: "daily",
    date: keep(date),
    availableAt: keep(date.map((day) => day + lagDays * DAY_MS)),
    value: keep(Float64Array.from(values, (value) => value ?? NaN)),
  };
}

/** One value a month, known when the next month is a day old. */
export function monthly(months: Readonly<Record<string, number>>): Series {
  const date = Float64Array.from(Object.keys(months), (month) => parseDate(`${month}-01`));
  const availableAt = date.map((day) => day + 32 * DAY_MS);
  return { name: "monthly", date, availableAt, value: Float64Array.from(Object.values(months)) };
}

/** What of the data was available by `time`, and not a row more. */
export function knownBy(data: RegimeData, time: number): RegimeData {
  const cutHistory = (one: DailyHistory): DailyHistory => {
    const keep = (column: Float64Array) =>
      column.filter((_, row) => one.bars.availableAt[row]! <= time);
    const { bars } = one;
    return {
      ...one,
      bars: {
        ...bars,
        openTime: keep(bars.openTime),
        availableAt: keep(bars.availableAt),
        close: keep(bars.close),
      },
      splits: one.splits.filter(({ exDate }) => exDate <= time),
    };
  };
  const cutSeries = (one: Series): Series => {
    const keep = (column: Float64Array) => column.filter((_, row) => one.availableAt[row]! <= time);
    return {
      name: one.name,
      date: keep(one.date),
      availableAt: keep(one.availableAt),
      value: keep(one.value),
    };
  };
  return {
    ...(data.equity && { equity: cutHistory(data.equity) }),
    ...(data.crypto && { crypto: cutHistory(data.crypto) }),
    ...(data.vix && { vix: cutSeries(data.vix) }),
    ...(data.tenYear && { tenYear: cutSeries(data.tenYear) }),
    ...(data.twoYear && { twoYear: cutSeries(data.twoYear) }),
    ...(data.pmi && { pmi: cutSeries(data.pmi) }),
  };
}
