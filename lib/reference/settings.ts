import type { AssetClass } from "../core/asset.ts";
import type { Millis } from "../core/bars.ts";
import type { Listing } from "./market.ts";

/** Limits on exposure, as shares of NAV; null switches one off. */
export interface Limits {
  readonly perAssetCap: number | null;
  readonly classCaps: Readonly<Partial<Record<AssetClass, number>>>;
  readonly maxLeverage: number | null;
  readonly maxNetLeverage: number | null;
  readonly perTradeRisk: number | null;
}

/** Everything the page of semantics lets a plan choose. */
export interface Settings {
  /** 00:00 UTC of the first and of the last date, both included. */
  readonly start: Millis;
  readonly end: Millis;
  readonly initialNav: number;
  readonly fill: "next_open" | "same_close";
  readonly sizing: "decision_price" | "fill_price";
  readonly rebalanceThreshold: number;
  readonly allowBorrowing: boolean;
  /** Per year of 365.25 days, simple within a bar, on negative cash too. */
  readonly cashRate: number;
  readonly costs: Readonly<Record<AssetClass, { feeBps: number; slippageBps: number }>>;
  readonly maxGapBars: number;
  readonly limits: Limits;
  readonly regimeLimits: Readonly<Record<string, Partial<Limits>>>;
  readonly regimeBudgets: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly drawdownTrigger: number;
  readonly deriskingFactor: number;
  readonly drawdownRecover: number;
  readonly drawdownHalt: number;
  /** null = never. */
  readonly haltResumeDays: number | null;
}

/** A model that says what it is told to: its weights by decision time; a time without an entry is not due. */
export interface ScriptedModel {
  readonly name: string;
  readonly budget: number;
  readonly universe: readonly string[];
  readonly wishes: ReadonlyMap<Millis, Readonly<Record<string, number>>>;
  /** Stop prices that go with the wishes, as shares of the close known then. */
  readonly stops: ReadonlyMap<Millis, Readonly<Record<string, number>>>;
}

/** One case for the reference. */
export interface Case {
  readonly listings: readonly Listing[];
  readonly models: readonly ScriptedModel[];
  readonly settings: Settings;
  /** The regime keys in force at a decision. */
  readonly regimeKeys: (time: Millis) => readonly string[];
}

/** Deliberate misreadings of the page, to see whether a comparison would notice. */
export const MISTAKES = [
  "fee_before_slippage",
  "floored_shorts",
  "buys_before_sells",
  "buys_scaled_apart",
  "kept_weights",
  "threshold_ignores_limits",
  "threshold_keeps_zero_targets",
  "no_class_cap",
  "no_crosses_when_left_alone",
  "order_truncated",
  "halt_keeps_peak",
  "recover_at_trigger",
  "budget_change_not_scaled",
  "unseen_means_zero",
  "one_moment",
  "minimum_ignored",
  "stop_filled_at_stop",
  "stop_before_open_fill",
  "stop_keeps_target",
  "no_trade_risk",
  "left_alone_at_decision_nav",
  "decision_nav_at_fill",
] as const;

export type Mistake = (typeof MISTAKES)[number];

export interface ReferenceFill {
  /** Open time of the filling bar. */
  readonly time: Millis;
  readonly symbol: string;
  /** Signed units. */
  readonly quantity: number;
  readonly price: number;
  readonly fee: number;
}

/** What the page says must come out. */
export interface Outcome {
  /** One entry a decision, before its fills, and the final one. */
  readonly marks: readonly { time: Millis; nav: number; cash: number }[];
  readonly fills: readonly ReferenceFill[];
  readonly cash: number;
  readonly quantities: readonly number[];
  /** By model, in the order of the case; cash counts from zero. */
  readonly ledgers: readonly { quantities: readonly number[]; cash: number }[];
  /** The nearest that any comparison came to turning out otherwise, relative to what it compares. */
  readonly margin: number;
  /** How often each rule had something to say. */
  readonly events: Readonly<Record<string, number>>;
}
