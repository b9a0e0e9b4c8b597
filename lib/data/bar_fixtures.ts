import type { Asset } from "../core/asset.ts";
import type { Bars, Timeframe } from "../core/bars.ts";
import { expectedBars } from "../core/calendar.ts";
import { parseDate } from "../core/clock.ts";
import type { BarDescription } from "./bar_metadata.ts";

/** An equity for tests; lots are not what they are about. */
export const spy: Asset = {
  symbol: "SPY",
  assetClass: "equity",
  venue: "alpaca",
  minOrderSize: 0.001,
  quantityPrecision: 3,
  pricePrecision: 2,
};

/** A coin for tests. */
export const btc: Asset = { ...spy, symbol: "BTC", assetClass: "crypto", venue: "binance" };

/** What a file of test bars says about itself. */
export function described(asset: Asset): BarDescription {
  return {
    assetClass: asset.assetClass,
    splits: "raw",
    source: "made by hand",
    licence: "none",
    knownOutages: [],
  };
}

/** Unbroken bars of [from, to): open 10, high 12, low 8, close 11, volume 100 in each. */
export function steadyBars(asset: Asset, timeframe: Timeframe, from: string, to: string): Bars {
  const { openTime, availableAt } = expectedBars(
    asset.assetClass,
    timeframe,
    parseDate(from),
    parseDate(to),
  );
  const all = (value: number) => openTime.map(() => value);
  return {
    symbol: asset.symbol,
    timeframe,
    openTime,
    availableAt,
    open: all(10),
    high: all(12),
    low: all(8),
    close: all(11),
    volume: all(100),
  };
}

/** The same bars without the rows that `drop` picks. */
export function withoutRows(bars: Bars, drop: (row: number) => boolean): Bars {
  const keep = (column: Float64Array) => column.filter((_, row) => !drop(row));
  return {
    symbol: bars.symbol,
    timeframe: bars.timeframe,
    openTime: keep(bars.openTime),
    availableAt: keep(bars.availableAt),
    open: keep(bars.open),
    high: keep(bars.high),
    low: keep(bars.low),
    close: keep(bars.close),
    volume: keep(bars.volume),
  };
}
