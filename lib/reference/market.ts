import type { Asset } from "../core/asset.ts";
import { type Bars, DAY_MS, H4_MS, type Millis } from "../core/bars.ts";
import { expectedBars } from "../core/calendar.ts";
import { type Exact, exact } from "./exact.ts";

/** What can be traded and its H4 history, adjusted as the engine sees it. */
export interface Listing {
  readonly asset: Asset;
  readonly bars: Bars;
}

/** One bar that can fill an order. */
export interface FillingBar {
  /** Open time: the bar's name. */
  readonly openTime: Millis;
  /** When trading could take place: fills of one moment are settled together. */
  readonly moment: Millis;
  /** Unslipped price. */
  readonly price: Exact;
}

/** Every H4 close of the range: `start` and `end` are 00:00 UTC of dates, both included. */
export function decisionTimes(start: Millis, end: Millis): Millis[] {
  return Array.from(
    { length: (end + DAY_MS - start) / H4_MS },
    (_, index) => start + index * H4_MS,
  );
}

/** The newest close known at `time`, or nothing before the first. */
export function closeKnownAt(bars: Bars, time: Millis): Exact | undefined {
  const row = lastKnownRow(bars, time);
  return row < 0 ? undefined : exact(bars.close[row]!);
}

/** Whether a model sees the asset: a bar is known, and at most `maxGapBars` open-market bars are missing since. */
export function isSeen({ asset, bars }: Listing, time: Millis, maxGapBars: number): boolean {
  const row = lastKnownRow(bars, time);
  if (row < 0) return false;
  const known = bars.availableAt[row]!;
  const due = expectedBars(asset.assetClass, "h4", bars.openTime[row]! + H4_MS, time)
    .availableAt.filter((availableAt) => availableAt > known && availableAt <= time);
  return due.length <= maxGapBars;
}

/** The bar that opens at `time`, to be filled at its open. */
export function openingBar({ asset, bars }: Listing, time: Millis): FillingBar | undefined {
  const row = bars.openTime.indexOf(time);
  if (row < 0) return undefined;
  return { openTime: time, moment: tradableAt(asset, time), price: exact(bars.open[row]!) };
}

/** The bar whose grid interval ended at `time`, to be filled at its close, if it opened in the range. */
export function closedBar({ bars }: Listing, time: Millis, start: Millis): FillingBar | undefined {
  const row = bars.openTime.indexOf(time - H4_MS);
  if (row < 0 || time - H4_MS < start) return undefined;
  return { openTime: time - H4_MS, moment: time, price: exact(bars.close[row]!) };
}

function lastKnownRow({ availableAt }: Bars, time: Millis): number {
  return availableAt.findLastIndex((moment) => moment <= time);
}

/** The later of the grid's open and the session's. */
function tradableAt({ assetClass }: Asset, openTime: Millis): Millis {
  if (assetClass === "crypto") return openTime;
  const expected = expectedBars(assetClass, "h4", openTime, openTime + H4_MS);
  return expected.tradableAt[0] ?? openTime;
}
