import { z } from "zod";
import { parseDate } from "../core/clock.ts";
import { STAGES } from "../core/lifecycle.ts";
import type { RegimeBudgets } from "../core/regime_budgets.ts";
import { experimentSchema } from "./experiment_schema.ts";
import type { Immutable } from "./immutable.ts";
import { lifecycleSchema } from "./lifecycle_schema.ts";
import { isName, NAME_EXPECTED } from "./name.ts";

const name = z.string().meta({ expected: NAME_EXPECTED })
  .refine(isName, { error: `expected ${NAME_EXPECTED}` });

const DATE_EXPECTED = "a date like 2020-01-01";
const date = z.string().meta({ expected: DATE_EXPECTED })
  .refine(isDate, { error: `expected ${DATE_EXPECTED}` });

const fraction = z.number().min(0).max(1);
const precision = z.int().min(0).max(12);
const basisPoints = z.number().min(0).lt(10_000);

const missingPolicy = z.enum(["ffill", "skip", "fail"]);

const system = z.strictObject({
  mode: z.enum(["backtest"]).default("backtest")
    .describe("What is run: a backtest on stored data."),
  timeframe: z.enum(["h4", "daily"]).default("h4")
    .describe("How often decisions are made: at every four-hour boundary or once a day, UTC."),
  backtest_initial_nav: z.number().positive().default(100_000)
    .describe("Money at the start of a backtest, in dollars."),
  start: date.describe("First day of the run, UTC, included."),
  end: date.describe("Last day of the run, UTC, included."),
  seed: z.int().min(0).default(1)
    .describe("Start of every stream of chance: the same seed gives the same numbers."),
  model_timeout_ms: z.int().min(1).max(600_000).default(5_000)
    .describe("Milliseconds one model may take for one decision before the run is stopped."),
  model_memory_mb: z.int().min(64).max(1_048_576).default(2_048)
    .describe("Megabytes the process may hold while models run, before the run is stopped."),
});

const asset = z.strictObject({
  asset_class: z.enum(["equity", "crypto"])
    .describe("Decides the trading hours, the costs and the class cap."),
  venue: name.describe("Broker or exchange that trades it."),
  min_order_size: z.number().min(0)
    .describe("Smallest order in units of the asset; 0 means any size."),
  quantity_precision: precision.nullable()
    .describe("Decimal places of a quantity; null switches rounding to lots off."),
  price_precision: precision.nullable()
    .describe("Decimal places of a price; null switches rounding of prices off."),
});

const universe = z.array(name).min(1).refine(hasNoDuplicates, {
  error: ({ input }) => `expected every symbol once, "${firstDuplicate(input)}" is there twice`,
});

const limit = z.number().min(0).nullable();

const risk = z.strictObject({
  per_asset_cap: fraction.nullable().default(0.40)
    .describe("Largest share of NAV in one asset; null switches the cap off."),
  class_caps: z.strictObject({
    equity: fraction.nullable().default(null)
      .describe("Largest share of NAV in all equities together; null means no cap."),
    crypto: fraction.nullable().default(0.20)
      .describe("Largest share of NAV in all crypto assets together; null means no cap."),
  }).prefault({}).describe("Caps per asset class, applied by scaling the class in proportion."),
  max_leverage: limit.default(1.2)
    .describe("Largest sum of absolute weights, in multiples of NAV; null switches it off."),
  max_net_leverage: limit.default(null)
    .describe("Largest absolute sum of signed weights, in multiples of NAV; null switches it off."),
  allow_short: z.boolean().default(false)
    .describe("Whether models that declare shorts may hold negative weights."),
  per_trade_risk: fraction.nullable().default(null)
    .describe("Largest share of NAV lost when one stop is hit; null switches the cap off."),
  drawdown_trigger: fraction.nullable().default(0.15)
    .describe("Drawdown from the peak at which targets are reduced; null never reduces them."),
  derisking_factor: fraction.default(0.5)
    .describe("What targets are multiplied by while they are reduced."),
  drawdown_recover: fraction.nullable().default(0.10)
    .describe("Drawdown under which reduction ends; null ends it under drawdown_trigger."),
  drawdown_halt: fraction.nullable().default(0.20)
    .describe("Drawdown from the peak at which everything is sold; null never halts."),
  halt_resume_days: z.int().min(1).nullable().default(30)
    .describe("Days after which a halted backtest trades again; null means never."),
});

/** Caps that one regime tightens; those left out stay as `risk` has them. */
const regimeLimit = z.strictObject({
  per_asset_cap: fraction.nullable().optional()
    .describe("Largest share of NAV in one asset meanwhile."),
  class_caps: z.strictObject({
    equity: fraction.nullable().optional()
      .describe("Largest share of NAV in all equities together meanwhile."),
    crypto: fraction.nullable().optional()
      .describe("Largest share of NAV in all crypto assets together meanwhile."),
  }).optional().describe("Caps per asset class meanwhile."),
  max_leverage: limit.optional()
    .describe("Largest sum of absolute weights meanwhile, in multiples of NAV."),
  max_net_leverage: limit.optional()
    .describe("Largest absolute sum of signed weights meanwhile, in multiples of NAV."),
  per_trade_risk: fraction.nullable().optional()
    .describe("Largest share of NAV lost when one stop is hit, meanwhile."),
});

function costs(fee: number, slippage: number) {
  return z.strictObject({
    fee_bps: basisPoints.default(fee)
      .describe("Fee in hundredths of a per cent of the money traded."),
    slippage_bps: basisPoints.default(slippage)
      .describe("How much worse than the reference a price is, in hundredths of a per cent."),
  }).prefault({});
}

const execution = z.strictObject({
  fill: z.enum(["next_open", "same_close"]).default("next_open")
    .describe("Price of a fill: the next open, or optimistically the close just seen."),
  sizing: z.enum(["decision_price", "fill_price"]).default("decision_price")
    .describe("Price that turns a weight into a quantity: known at the decision, or at the fill."),
  rebalance_threshold: fraction.default(0.01)
    .describe("Changes of weight below this share of NAV are left alone."),
  allow_borrowing: z.boolean().default(false)
    .describe("Whether cash may fall below zero."),
  cash_rate: z.number().min(-1).max(1).default(0)
    .describe("Yearly interest on cash as a fraction; 0.03 is three per cent."),
  costs: z.strictObject({
    equity: costs(1, 2).describe("Costs of trading equities."),
    crypto: costs(10, 5).describe("Costs of trading crypto assets."),
  }).prefault({}).describe("Fees and slippage of each asset class."),
});

const run = z.int().min(1).max(1_000_000);

const validation = z.strictObject({
  max_zero_volume_run: run.default(6)
    .describe("How many bars on end may have no volume."),
  max_stale_run: run.default(5)
    .describe("How many bars on end may repeat the prices of the bar before."),
  outlier_deviations: z.number().positive().default(20)
    .describe("Return of one bar, in robust deviations, from which on it is an outlier."),
  outlier_window: z.int().min(30).max(100_000).default(250)
    .describe("How many bars before it tell what is usual."),
  h4_against_daily_bps: basisPoints.default(50)
    .describe("How far a day's H4 bars may open and close from its daily bar, in basis points."),
  h4_extremes_bps: basisPoints.default(400)
    .describe("How far their high and low may be from those of the daily bar, in basis points."),
  second_source_bps: basisPoints.default(100)
    .describe("How far the closes of two sources may be apart, in basis points."),
});

const source = z.strictObject({
  base_url: z.string().min(1).meta({ expected: "a URL" }).nullable().default(null)
    .describe("Where the source is asked; null means its own host."),
}).prefault({});

const data = z.strictObject({
  root: z.string().min(1).meta({ expected: "a folder" }).default("data")
    .describe("Folder of the price files, relative to the project's root."),
  missing: missingPolicy.default("ffill")
    .describe("What to do about a missing value: carry the last one, skip the asset, or stop."),
  max_gap_bars: z.int().min(0).default(5)
    .describe("How many missing bars a value is carried over before it counts as missing."),
  live_feed: z.enum(["iex", "sip"]).default("iex")
    .describe("Alpaca's market data feed; sip needs a subscription."),
  validation: validation.prefault({})
    .describe("From where on validation counts what it finds."),
  sources: z.strictObject({
    alpaca: source.describe("Alpaca market data: equities."),
    yahoo: source.describe("Yahoo Finance: equities by day."),
    binance: source.describe("Binance: crypto assets."),
    kraken: source.describe("Kraken: crypto assets."),
    fred: source.describe("FRED: published series."),
  }).prefault({}).describe("Where history is downloaded from."),
});

const brokerUrl = z.string().min(1).meta({ expected: "a URL" }).nullable().default(null);
const timeoutMs = z.int().min(100).max(120_000).default(10_000)
  .describe("Milliseconds for one whole answer; after them an order's fate is unknown.");

const brokers = z.strictObject({
  alpaca: z.strictObject({
    trading_url: brokerUrl
      .describe("Where orders go; null means Alpaca's own host of paper or live trading."),
    data_url: brokerUrl.describe("Where prices come from; null means Alpaca's own host."),
    timeout_ms: timeoutMs,
  }).prefault({}).describe("Alpaca: equities."),
  binance: z.strictObject({
    base_url: brokerUrl
      .describe(
        "Where orders go; null means Binance's own host: demo for paper, the real one live.",
      ),
    timeout_ms: timeoutMs,
  }).prefault({}).describe("Binance spot: crypto assets."),
  kraken: z.strictObject({
    base_url: brokerUrl.describe("Where order books come from; null means Kraken's own host."),
    timeout_ms: timeoutMs,
  }).prefault({}).describe("Kraken spot: fills simulated on its live order books."),
});

const trading = z.strictObject({
  venue: z.enum(["paper", "alpaca", "binance", "kraken"]).default("paper")
    .describe("Where orders go; paper is built in and needs no keys."),
  account: name.default("paper")
    .describe("Name of the account's files, as in state/paper.db."),
  clock: z.enum(["system", "broker"]).default("system")
    .describe("Whose clock says what time it is: this machine's, or the broker's."),
  deadline_ms: z.int().min(1_000).max(3_600_000).default(60_000)
    .describe("Milliseconds that one decision's orders may take until every one is finished."),
  paper_initial_cash: z.number().positive().max(1e12).default(100_000)
    .describe("Money of a new account at the built-in venue, in dollars."),
  paper_prices: z.enum(["stored", "live"]).default("stored")
    .describe("What the built-in venue fills on: stored bars, or live prices."),
});

/** What the configuration must know of a model; its `parameters` are a strict zod object. */
export interface ModelSchema {
  readonly name: string;
  readonly version: string;
  readonly universe: readonly string[];
  readonly parameters: z.ZodObject;
  /** What is wrong between parameters and universe, as `parameter: found …, expected …`; undefined when nothing is. */
  readonly check?: (parameters: unknown, universe: readonly string[]) => string | undefined;
}

function modelEntry(model: ModelSchema) {
  const available = `${model.version}, the only version available`;
  return z.strictObject({
    version: z.string().meta({ expected: available })
      .refine((version) => version === model.version, { error: `expected ${available}` })
      .default(model.version)
      .describe("Version of the model; a run is locked to it."),
    lifecycle_stage: z.enum(STAGES).default("research")
      .describe("How far the model has come; a backtest runs every stage."),
    budget_fraction: fraction.describe("Share of NAV that the model may use."),
    universe: universe.default([...model.universe])
      .describe("Symbols the model may trade; each needs an entry in assets."),
    parameters: model.parameters.prefault({})
      .describe("The model's own settings; those left out have the model's defaults."),
    missing: missingPolicy.optional()
      .describe("The model's own policy for missing values, in place of data.missing."),
  });
}

function modelEntries(models: readonly ModelSchema[]) {
  const byName = [...models].sort((a, b) => a.name < b.name ? -1 : 1);
  const entries = byName.map((model) =>
    [
      model.name,
      modelEntry(model).optional()
        .describe("One model: what it is, what it may use and what it is told."),
    ] as const
  );
  return z.strictObject(Object.fromEntries(entries));
}

/** A mapping that may hold `field` under each of these names. */
function optionalEntries<Field extends z.ZodType>(
  names: readonly string[],
  field: Field,
  { description }: { description: string },
) {
  const entry = field.optional().describe(description);
  return z.strictObject(Object.fromEntries(names.map((name) => [name, entry])));
}

/** The whole configuration, given the models and regime keys that exist; every default lives here. */
export function configSchema(models: readonly ModelSchema[], regimeKeys: readonly string[]) {
  // A model that exists and is not configured may be named: whoever replaces the base's models keeps its regimes.
  const modelNames = models.map((model) => model.name).sort();
  const budgets = optionalEntries(modelNames, fraction, {
    description: "Share of NAV that the model may use meanwhile.",
  });
  return z.strictObject({
    system: system.prefault({} as z.input<typeof system>)
      .describe("The run as a whole: range, clock, starting money."),
    assets: z.partialRecord(name, asset.describe("One asset and its lots.")).prefault({})
      .describe("What can be traded, by symbol."),
    models: modelEntries(models).prefault({}).describe("The models that run, by name."),
    regime_budgets: optionalEntries(regimeKeys, budgets, {
      description: "Budgets by model while this regime is in force.",
    }).prefault({})
      .describe("Budgets that hold in a regime in place of budget_fraction, by regime and model."),
    risk: risk.prefault({}).describe("Limits that only take exposure away."),
    regime_limits: optionalEntries(regimeKeys, regimeLimit, {
      description: "Caps that are tighter while this regime is in force.",
    }).prefault({})
      .describe("Limits that are tighter in a regime than in risk, by regime."),
    execution: execution.prefault({}).describe("How decisions become fills, and what they cost."),
    data: data.prefault({}).describe("Where prices come from and how gaps are treated."),
    brokers: brokers.prefault({}).describe("How brokers and exchanges are reached."),
    trading: trading.prefault({}).describe("Paper and live trading: one account, one venue."),
    lifecycle: lifecycleSchema.prefault({})
      .describe("What a model must show on its way from research to live trading."),
    experiment: experimentSchema.optional().describe("What this configuration is called and asks."),
  });
}

/** One model's resolved settings; `parameters` follow the model's own schema, defaults filled in. */
export type ModelConfig = Immutable<z.infer<ReturnType<typeof modelEntry>>>;

/** Caps of one regime; what is left out is as `risk` says. */
export type RegimeLimit = Immutable<z.infer<typeof regimeLimit>>;

type Named = "models" | "assets" | "regime_budgets" | "regime_limits";
type Sections = Immutable<Omit<z.infer<ReturnType<typeof configSchema>>, Named>>;

/** A complete, valid configuration, spelled as in YAML; frozen, plain data. */
export interface Config extends Sections {
  /** By symbol, in order of symbol. */
  readonly assets: Readonly<Record<string, AssetConfig>>;
  /** By name, in order of name. */
  readonly models: Readonly<Record<string, ModelConfig>>;
  /** By regime key, then by name of a model that exists, configured or not. */
  readonly regime_budgets: RegimeBudgets;
  /** By regime key. */
  readonly regime_limits: Readonly<Record<string, RegimeLimit>>;
}

/** One asset's settings; sizes are in units of the asset. */
export type AssetConfig = Immutable<z.infer<typeof asset>>;

function isDate(text: string): boolean {
  try {
    parseDate(text);
    return true;
  } catch {
    return false;
  }
}

function hasNoDuplicates(symbols: readonly string[]): boolean {
  return new Set(symbols).size === symbols.length;
}

function firstDuplicate(symbols: unknown): string {
  const list = Array.isArray(symbols) ? symbols.map(String) : [];
  return list.find((symbol, i) => list.indexOf(symbol) < i) ?? "";
}
