import type { Asset } from "./asset.ts";
import type { Bars, CorporateAction, Millis, Series, Timeframe } from "./bars.ts";
import type { OrderOutcome, TargetWeights } from "./orders.ts";

export type { Clock } from "./clock.ts";

/** At once in a simulation, later from a real venue. */
export type Awaitable<Value> = Value | Promise<Value>;

/** Decimal digits as text: money and quantities where a broker is involved. */
export type DecimalText = string;

/** History of prices, wherever it is kept. */
export interface BarSource {
  bars(asset: Asset, timeframe: Timeframe): Promise<Bars>;
  actions(symbol: string): Promise<readonly CorporateAction[]>;
}

/** History of published series. */
export interface SeriesSource {
  series(name: string): Promise<Series>;
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
