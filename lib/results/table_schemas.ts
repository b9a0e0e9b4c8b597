import type { LabelledTable, Table } from "./parquet.ts";

/**
 * The tables of a run: one Parquet file each, `<name>.parquet`, the columns in this order. Times are market time; a
 * number that is missing is NaN, a text that is missing is empty.
 */
export const TABLE_SCHEMAS = {
  /** One row a mark of the decision clock. */
  nav: {
    time: "time",
    nav: "number",
    cash: "number",
    drawdown: "number",
    gross_exposure: "number",
    net_exposure: "number",
    mode: "text",
  },
  /** One row a mark and model. */
  models: {
    time: "time",
    model: "text",
    pnl: "number",
    nav: "number",
    return: "number",
    gross_exposure: "number",
    budget: "number",
  },
  /** One row a mark and asset that was held or wanted. */
  weights: {
    time: "time",
    symbol: "text",
    weight: "number",
    quantity: "number",
    price: "number",
    target_weight: "number",
  },
  /** One row a fill; `models` is JSON, each model's share of the quantity. */
  trades: {
    trade_id: "text",
    time: "time",
    executed_at: "time",
    decision_time: "time",
    symbol: "text",
    side: "text",
    quantity: "number",
    price: "number",
    reference_price: "number",
    raw_price: "number",
    adjustment: "number",
    notional: "number",
    fee: "number",
    slippage: "number",
    nav: "number",
    kind: "text",
    mode: "text",
    models: "text",
    pessimistic: "flag",
    broker_order_id: "text",
  },
  /** One row an order that was due, filled or not; `model` is empty for the netted order of all. */
  orders: {
    decision_time: "time",
    time: "time",
    symbol: "text",
    kind: "text",
    model: "text",
    target: "number",
    held: "number",
    quantity: "number",
    status: "text",
    reason: "text",
    trade_id: "text",
  },
  /**
   * One row when anything on a model's way to its target changed; what the model itself said, `raw_weight` and hints, is
   * missing while a quantity is kept.
   */
  attribution: {
    time: "time",
    model: "text",
    symbol: "text",
    raw_weight: "number",
    budget: "number",
    weight_before_risk: "number",
    weight_after_risk: "number",
    stop: "number",
    limit: "number",
    confidence: "number",
    urgency: "text",
    horizon_hours: "number",
  },
  /**
   * What a model saw of an asset as it said something new of it, another weight or a new stop or limit price: one row a
   * feature. `feature` is what the model calls it, `definition` what it is, such as `daily.sma(200)`.
   */
  features: {
    time: "time",
    model: "text",
    symbol: "text",
    feature: "text",
    definition: "text",
    value: "number",
  },
  /** One row a change of a model's holdings; `crossed` units came from other models. */
  bookings: {
    time: "time",
    decision_time: "time",
    model: "text",
    symbol: "text",
    quantity: "number",
    crossed: "number",
    price: "number",
    fee: "number",
    slippage: "number",
    cash: "number",
    trade_id: "text",
  },
  /** What each rule took, written when the set of cuts changed. */
  risk: {
    time: "time",
    rule: "text",
    symbol: "text",
    before: "number",
    after: "number",
  },
  /** Labels and the numbers they came from: one row when any of them changed. Only where the run was told of regimes. */
  regimes: {
    time: "time",
    equity: "text",
    volatility: "text",
    crypto: "text",
    macro: "text",
    equity_default: "flag",
    volatility_default: "flag",
    crypto_default: "flag",
    macro_default: "flag",
    spy_close: "number",
    spy_sma: "number",
    spy_momentum: "number",
    vix: "number",
    realised_volatility: "number",
    btc_close: "number",
    btc_sma: "number",
    btc_momentum: "number",
    pmi: "number",
    slope: "number",
    inverted_share: "number",
  },
  /** One row a mark and benchmark. Only where the run has benchmarks. */
  benchmarks: {
    time: "time",
    name: "text",
    nav: "number",
  },
} as const;

/** Name of a table, and of its file before `.parquet`. */
export type TableName = keyof typeof TABLE_SCHEMAS;

/** The columns of one table. */
export type RunTable<Name extends TableName> = Table<(typeof TABLE_SCHEMAS)[Name]>;

/** Tables that a run may lack. */
type Occasional = "regimes" | "benchmarks";

/** Tables that are long, or say the same again and again. */
type Labelled = "nav" | "models" | "weights" | "features" | Occasional;

type MadeTable<Name extends TableName> = Name extends Labelled
  ? LabelledTable<(typeof TABLE_SCHEMAS)[Name]>
  : RunTable<Name>;

/** Every table of a run as it is made; the long ones keep repeated text as labels. */
export type RunTables =
  & { readonly [Name in Exclude<TableName, Occasional>]: MadeTable<Name> }
  & { readonly [Name in Occasional]?: MadeTable<Name> };

// order: as the schemas are written above
export const TABLE_NAMES = Object.keys(TABLE_SCHEMAS) as readonly TableName[];
