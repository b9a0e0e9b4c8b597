import type { Asset } from "./asset.ts";
import type { CorporateAction, Millis, Series, Timeframe } from "./bars.ts";
import type { OrderOutcome, TargetWeights } from "./orders.ts";

export type { Clock } from "./clock.ts";

/** At once in a simulation, later from a real venue. */
export type Awaitable<Value> = Value | Promise<Value>;

/** Decimal digits as text: money and quantities where a broker is involved. */
export type DecimalText = string;

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

/** What goes along with calls to a source. */
export interface SourceCall {
  readonly signal?: AbortSignal | undefined;
  /** Told after each answer: rows so far. */
  onRows?(rows: number): void;
}

/** History of prices, wherever it is published. */
export interface BarSource {
  /** Page after page, so that a long history is written down as it comes and can be resumed. */
  pages(request: BarRequest, call: SourceCall): AsyncIterable<BarPage>;
  /** Dividends and splits with ex-dates in [from, to); none where the source has none. */
  actions(
    request: Omit<BarRequest, "timeframe">,
    call: SourceCall,
  ): Promise<readonly CorporateAction[]>;
}

/** History of published series, wherever it is kept. */
export interface SeriesSource {
  /** Observations published in [from, to) by publication and date, revisions as observations of their own. */
  series(
    name: string,
    range: { readonly from: Millis; readonly to: Millis },
    call: SourceCall,
  ): Promise<Series>;
}

/** What is held of one asset. */
export interface Position {
  readonly symbol: string;
  readonly quantity: DecimalText;
  readonly averageEntryPrice: DecimalText;
  readonly marketValue: DecimalText;
  readonly unrealizedPnl: DecimalText;
}

/** What a venue is and what it can do. */
export interface BrokerMetadata {
  readonly name: string;
  readonly mode: "backtest" | "paper" | "live";
  readonly symbols: readonly string[];
  readonly orderKinds: readonly ("market" | "limit" | "stop")[];
  readonly shorting: boolean;
}

/** One interface for backtest, paper and live (FR-038). */
export interface Broker {
  /** Trades towards the targets, the newest replacing every unfilled order before it. */
  submitTargetWeights(targets: TargetWeights): Awaitable<readonly OrderOutcome[]>;
  getPositions(): Awaitable<readonly Position[]>;
  getCash(): Awaitable<DecimalText>;
  getNav(): Awaitable<DecimalText>;
  getBrokerMetadata(): Awaitable<BrokerMetadata>;
}

/** Lines of what happened, kept in order (FR-056). */
export interface Journal {
  write(entry: JournalEntry): void;
}

/** One line of a log; `timestamp` is market time in a run, wall time in paper and live. */
export interface JournalEntry {
  readonly timestamp: Millis;
  readonly component: string;
  readonly level: "debug" | "info" | "warning" | "error";
  readonly message: string;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** Finished runs, never changed once written. */
export interface RunStore<Run> {
  find(runId: string): Promise<Run | undefined>;
  save(run: Run): Promise<void>;
}

/** The trading state of one account, durable before anything is sent. */
export interface StateStore<State> {
  load(): Promise<State | undefined>;
  save(state: State): Promise<void>;
}
