import type { BarRequest, BarSource, SeriesSource, SourceCall } from "../../core/ports.ts";

export type { BarPage, BarRequest, SourceBars, SourceCall } from "../../core/ports.ts";

/** Names of the places that history is downloaded from. */
export const SOURCE_NAMES = ["alpaca", "yahoo", "binance", "kraken", "fred"] as const;
export type SourceName = typeof SOURCE_NAMES[number];
export type BarSourceName = Exclude<SourceName, "fred">;

/** What files say of the place their rows come from. */
interface Publisher {
  readonly name: SourceName;
  /** Publisher and feed, as it is written into the files. */
  readonly description: string;
  readonly licence: string;
}

/** History of prices of one publisher. Refuses in one line what it cannot give, and names who can. */
export interface BarDownload extends BarSource, Publisher {
  /** Whether its prices before a split are already divided by the ratio; its dividends are, too, then. */
  readonly splits: "raw" | "applied";
  /** Refuses a request that it cannot serve before anything is asked. */
  check(request: BarRequest): void;
  /** The source's own adjusted closes by day, to hold derived adjustment against; absent where it has none. */
  adjustedCloses?(
    request: Omit<BarRequest, "timeframe">,
    call: SourceCall,
  ): Promise<{ readonly openTime: Float64Array; readonly close: Float64Array }>;
}

/** Published series of one publisher, each observation with its reference date and when it was known. */
export interface SeriesDownload extends SeriesSource, Publisher {
  /** Refuses a name that it cannot date before anything is asked. */
  check(name: string): void;
}
