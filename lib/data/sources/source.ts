import type { Asset } from "../../core/asset.ts";
import type { CorporateAction, Millis, Series, Timeframe } from "../../core/bars.ts";

/** Names of the places that history is downloaded from. */
export const SOURCE_NAMES = ["alpaca", "yahoo", "binance", "kraken", "fred"] as const;
export type SourceName = typeof SOURCE_NAMES[number];

/** Bars of any length as a source gave them, oldest first; nothing is filled in, NaN is missing. */
export interface SourceBars {
  /** Length of each bar: a minute to four hours, or a day. */
  readonly stepMs: Millis;
  /** Start of each bar, UTC; of a day's bar 00:00 UTC of its date. */
  readonly openTime: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/** What is asked of a source: bars that open in [from, to) and are over. */
export interface BarRequest {
  readonly asset: Asset;
  /** What the bars are for: a source may answer with shorter ones, from which they can be built. */
  readonly timeframe: Timeframe;
  readonly from: Millis;
  readonly to: Millis;
}

/** One stretch of an answer; pages follow each other in time and do not overlap. */
export interface BarPage {
  readonly bars: SourceBars;
  /** Everything that opens before this has been answered. */
  readonly doneUntil: Millis;
}

/** History of prices of one publisher. Refuses in one line what it cannot give, and names who can. */
export interface BarDownload {
  readonly name: SourceName;
  /** Publisher and feed, as it is written into the files. */
  readonly description: string;
  readonly licence: string;
  /** Whether its prices before a split are already divided by the ratio. */
  readonly splits: "raw" | "applied";
  /** Refuses a request that it cannot serve before anything is asked. */
  check(request: BarRequest): void;
  /** Page after page, so that a long history is written down as it comes and can be resumed. */
  pages(request: BarRequest, call: SourceCall): AsyncIterable<BarPage>;
  /** Dividends and splits with ex-dates in [from, to); none where the source has none. */
  actions(
    request: Omit<BarRequest, "timeframe">,
    call: SourceCall,
  ): Promise<readonly CorporateAction[]>;
  /** The source's own adjusted closes by day, to hold derived adjustment against; absent where it has none. */
  adjustedCloses?(
    request: Omit<BarRequest, "timeframe">,
    call: SourceCall,
  ): Promise<{ readonly openTime: Float64Array; readonly close: Float64Array }>;
}

/** Published series of one publisher, each observation with its reference date and when it was known. */
export interface SeriesDownload {
  readonly name: SourceName;
  readonly description: string;
  readonly licence: string;
  /** Observations published in [from, to), revisions as observations of their own. */
  series(
    name: string,
    range: { readonly from: Millis; readonly to: Millis },
    call: SourceCall,
  ): Promise<Series>;
}

/** What goes along with calls to a source. */
export interface SourceCall {
  readonly signal?: AbortSignal | undefined;
  /** Told after each answer: rows so far. */
  onRows?(rows: number): void;
}
