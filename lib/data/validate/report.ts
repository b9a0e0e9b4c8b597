import type { Timeframe } from "../../core/bars.ts";

/** What is looked at; each finds at most once in a file. */
export type CheckName =
  | "unreadable"
  | "metadata"
  | "content_hash"
  | "duplicates"
  | "order"
  | "prices"
  | "session"
  | "gaps"
  | "zero_volume"
  | "stale"
  | "outliers"
  | "adjustment"
  | "h4_against_daily"
  | "h4_extremes"
  | "second_source";

/** What one check found in a file. */
export interface Finding {
  readonly check: CheckName;
  /** Rows, bars or days concerned. */
  readonly count: number;
  /** Whether it goes beyond the thresholds; the rest is only worth knowing. */
  readonly beyond: boolean;
  /** What and where, in a sentence without a full stop. */
  readonly detail: string;
}

/** One file and all that was found in it. */
export interface FileReport {
  /** Place under the data root. */
  readonly file: string;
  readonly kind: "bars" | "series" | "actions";
  readonly rows: number;
  /** Times of the first and last row; empty where none can be read. */
  readonly first: string;
  readonly last: string;
  /** SHA-256 over the decoded columns; empty where they cannot be read. */
  readonly content_hash: string;
  readonly findings: readonly Finding[];
}

/** All files of a data root, by place. */
export interface DataReport {
  /** `found` when anything goes beyond the thresholds. */
  readonly verdict: "clean" | "found";
  readonly thresholds: Thresholds;
  readonly files: readonly FileReport[];
}

/** From where on a finding counts. */
export interface Thresholds {
  /** Most bars missing on end that no known outage explains. */
  readonly max_gap_bars: number;
  /** Most bars on end without volume. */
  readonly max_zero_volume_run: number;
  /** Most bars on end with the same four prices. */
  readonly max_stale_run: number;
  /** Return of one bar in robust deviations from which on it is an outlier; one that the next bar takes back goes beyond. */
  readonly outlier_deviations: number;
  /** Returns before a bar that tell its robust deviation. */
  readonly outlier_window: number;
  /** Largest difference of a day's first open and last close in H4 bars from its daily bar, in basis points. */
  readonly h4_against_daily_bps: number;
  /** The same for the day's high and low. */
  readonly h4_extremes_bps: number;
  /** Largest difference of two sources' closes, in basis points. */
  readonly second_source_bps: number;
}

/** What holds where the configuration says nothing. */
export const DEFAULT_THRESHOLDS: Thresholds = {
  max_gap_bars: 5,
  max_zero_volume_run: 6,
  max_stale_run: 5,
  outlier_deviations: 20,
  outlier_window: 250,
  h4_against_daily_bps: 50,
  h4_extremes_bps: 400,
  second_source_bps: 100,
};

/** A bar file by the parts of its name: `SPY_h4.parquet`, or `BTC_h4.kraken.parquet` of a second source. */
export interface BarFileName {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly second?: string;
}

/** The parts of a bar file's name; undefined for a file of another name. */
export function barFileName(name: string): BarFileName | undefined {
  const match = /^(.+)_(h4|daily)(?:\.([a-z]+))?\.parquet$/.exec(name);
  if (!match) return undefined;
  const [, symbol, timeframe, second] = match;
  return {
    symbol: symbol!,
    timeframe: timeframe as Timeframe,
    ...(second === undefined ? {} : { second }),
  };
}
