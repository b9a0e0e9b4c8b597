import type { Asset } from "./asset.ts";
import type { Millis, Timeframe } from "./bars.ts";
import type { OrderOutcome } from "./orders.ts";

/** Whether the portfolio trades at full size, at a reduced size, or not at all. */
export type RiskMode = "NORMAL" | "REDUCED" | "HALT";

/** One model's part in a change of its holdings. */
export interface Booking {
  /** Place of the decision on the clock. */
  readonly index: number;
  readonly model: number;
  readonly asset: number;
  /** Units gained (positive) or given. */
  readonly quantity: number;
  /** Money in (positive) or out, costs included. */
  readonly cash: number;
  /** The model's share of what the account paid, in money. */
  readonly fee: number;
  readonly slippage: number;
  /** Place of the fill among the run's fills; -1 for an internal cross alone. */
  readonly fill: number;
  /** Units of `quantity` that changed hands between models, free of cost. */
  readonly crossed: number;
  /** The price before slippage. */
  readonly price: number;
  /** Open time of the bar it happened on. */
  readonly time: Millis;
}

/** One wish on its way to a target, written down when any number of the chain changed. */
export interface WishRecord {
  /** Place on the decision clock. */
  readonly index: number;
  readonly model: number;
  readonly asset: number;
  /** The model's own weight; NaN while a kept quantity stands for it. */
  readonly raw: number;
  readonly budget: number;
  /** Shares of NAV before and after risk. */
  readonly wanted: number;
  readonly share: number;
  /** Prices the model set beside the weight; NaN where it set none. */
  readonly stop: number;
  readonly limit: number;
}

/**
 * What one model saw of an asset whenever it said something new of it, another weight or a new stop or limit price: a row
 * for each such wish, in their order.
 */
export interface FeatureRecord {
  readonly names: readonly FeatureName[];
  /** Of each row: the place on the decision clock, and the asset. */
  readonly indexes: Int32Array;
  readonly assets: Int32Array;
  /** Row after row, one for each name, as it was known at that decision; NaN where missing. */
  readonly values: Float64Array;
}

/** A declared input of a model. */
export interface FeatureName {
  /** What the model calls it: `slowAverage`. */
  readonly name: string;
  /** What it is, spelled like the call that made it: `daily.sma(200)`. */
  readonly definition: string;
}

/** What one rule took from one asset, and what it left; net weights. */
export interface Adjustment {
  readonly rule: string;
  readonly asset: number;
  readonly before: number;
  readonly after: number;
}

/** An adjustment with its decision; written down when the set of adjustments changed. */
export interface AdjustmentRecord extends Adjustment {
  readonly index: number;
}

/** A change of mode, with the NAV and drawdown that caused it. */
export interface ModeRecord {
  readonly index: number;
  readonly mode: RiskMode;
  readonly nav: number;
  readonly drawdown: number;
}

/** A fill or skip, written down once. */
export type OutcomeRecord = OrderOutcome;

/** A stretch of missing bars and what was done about it (FR-005). */
export interface GapNote {
  readonly model: string;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly policy: "ffill" | "skip" | "fail";
  readonly from: Millis;
  readonly to: Millis;
  /** Most bars missing at once. */
  readonly missing: number;
}

/** When an asset's bars begin and when a model could first use it; null is never. */
export interface Coverage {
  readonly model: string;
  readonly symbol: string;
  readonly firstBar: Millis | null;
  readonly lastBar: Millis | null;
  readonly joins: Millis | null;
  /** Own bars of the trading timeframe known when it joined. */
  readonly barsAtJoin: number | null;
}

/** The regimes a run went through, one value per decision; codes are places in each dimension's list of labels. */
export interface RegimeRecord {
  readonly labels: Readonly<Record<RegimeDimensionName, readonly string[]>>;
  readonly codes: Readonly<Record<RegimeDimensionName, Uint8Array>>;
  /** 1 where a label is a default. */
  readonly defaults: Readonly<Record<RegimeDimensionName, Uint8Array>>;
  /** The numbers the labels came from; NaN where unknown. */
  readonly inputs: Readonly<Record<string, Float64Array>>;
  /** Values held past their time, stand-ins and defaults: places on the decision clock. */
  readonly notes: readonly {
    readonly dimension: RegimeDimensionName;
    readonly kind: string;
    readonly reason: string;
    readonly from: number;
    readonly to: number;
  }[];
}

/** A yardstick and what became of it. */
export interface BenchmarkRecord {
  /** `hold`, `cross`, `reversion` or `spy`. */
  readonly name: string;
  readonly title: string;
  readonly record: RunRecord;
}

/** The four questions a regime answers. */
export type RegimeDimensionName = "equity" | "volatility" | "crypto" | "macro";

/** Everything a run leaves behind, market time only; assets and models are places in the plan's lists. */
export interface RunRecord {
  readonly timeframe: Timeframe;
  readonly assets: readonly Asset[];
  readonly models: readonly {
    readonly name: string;
    readonly version: string;
    readonly budgetFraction: number;
  }[];
  /** Every decision time, then the final mark. */
  readonly markTimes: Float64Array;
  /** NAV and cash at each mark. */
  readonly nav: Float64Array;
  readonly cash: Float64Array;
  /** By model: the share of NAV it could use from each mark on. */
  readonly budgets: readonly Float64Array[];
  /** By asset: the last adjusted close known at each mark (NaN before the first). */
  readonly closes: readonly Float64Array[];
  /** By fill, in the order of `outcomes`: the adjustment A of its bar; adjusted price = raw price × A. */
  readonly fillFactors: Float64Array;
  readonly outcomes: readonly OutcomeRecord[];
  readonly bookings: readonly Booking[];
  readonly wishes: readonly WishRecord[];
  /** By model. */
  readonly features: readonly FeatureRecord[];
  readonly adjustments: readonly AdjustmentRecord[];
  readonly modes: readonly ModeRecord[];
  readonly gaps: readonly GapNote[];
  readonly coverage: readonly Coverage[];
  /** Yardsticks run beside it; absent when none were asked for. */
  readonly benchmarks?: readonly BenchmarkRecord[];
  /** Absent when the run was not told of any regime. */
  readonly regimes?: RegimeRecord;
  /** Orders that still waited for a market when the run ended: place of the asset, and its target weight. */
  readonly lapsed: readonly { readonly asset: number; readonly weight: number }[];
}
