/** Milliseconds since 1970, UTC. */
export type Millis = number;

/** Length of the bars that a file, a feature or the decision clock is made of. */
export type Timeframe = "h4" | "daily";

export const HOUR_MS = 3_600_000;
export const H4_MS = 4 * HOUR_MS;
export const DAY_MS = 24 * HOUR_MS;
/** A year of 365.25 days: what growth and interest are told by. */
export const YEAR_MS = 365.25 * DAY_MS;

/** Grid length of one bar, in milliseconds. */
export function gridMs(timeframe: Timeframe): number {
  return timeframe === "h4" ? H4_MS : DAY_MS;
}

/** One asset's history, column by column: row `i` of each column is one bar; NaN is missing. */
export interface Bars {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Start of the bar on the UTC grid: its name. */
  readonly openTime: Float64Array;
  /** When the bar was complete and could first be known. */
  readonly availableAt: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/** One published series (VIX, a yield, an index of activity): row `i` is one observation. */
export interface Series {
  readonly name: string;
  /** Reference date of the observation (00:00 UTC), which is not when it was known. */
  readonly date: Float64Array;
  /** When the observation was published. */
  readonly availableAt: Float64Array;
  readonly value: Float64Array;
}

/** A cash dividend per share, or a split ratio (new shares for one old), in force from its ex-date. */
export interface CorporateAction {
  readonly symbol: string;
  /** 00:00 UTC of the New York ex-date. */
  readonly exDate: Millis;
  readonly kind: "dividend" | "split";
  readonly value: number;
}

export const PRICE_COLUMNS = ["open", "high", "low", "close", "volume"] as const;

/** Rows `from` (inclusive) to `to` (exclusive) of every column; shares the memory. */
export function sliceBars(bars: Bars, from: number, to: number): Bars {
  return {
    symbol: bars.symbol,
    timeframe: bars.timeframe,
    openTime: bars.openTime.subarray(from, to),
    availableAt: bars.availableAt.subarray(from, to),
    open: bars.open.subarray(from, to),
    high: bars.high.subarray(from, to),
    low: bars.low.subarray(from, to),
    close: bars.close.subarray(from, to),
    volume: bars.volume.subarray(from, to),
  };
}

/** First row whose value is at or after `time` in an ascending column; its length when there is none. */
export function lowerBound(ascending: Float64Array, time: Millis): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First row whose value is after `time` in an ascending column; its length when there is none. */
export function upperBound(ascending: Float64Array, time: Millis): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** For each decision time, the newest row available by then, or -1. Both columns ascend. */
export function asOf(decisions: Float64Array, availableAt: Float64Array): Int32Array {
  const rows = new Int32Array(decisions.length);
  let next = 0;
  for (let i = 0; i < decisions.length; i++) {
    const time = decisions[i]!;
    while (next < availableAt.length && availableAt[next]! <= time) next++;
    rows[i] = next - 1;
  }
  return rows;
}
