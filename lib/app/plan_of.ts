import { DAY_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import type { Config } from "../config/mod.ts";
import type { Plan, PlannedAsset, PlannedModel } from "../engine/plan.ts";
import type { Model } from "../models/model.ts";
import { plannedBudgets, plannedLimits } from "./plan_regimes.ts";

/** The plan that a configuration describes: only what can change a result, in a fixed order. */
export function planOf(config: Config, known: readonly Model[]): Plan {
  const models = Object.keys(config.models).sort().map((name) =>
    plannedModel(config, known.find((model) => model.name === name)!)
  );
  const traded = new Set(models.flatMap(({ universe }) => universe));
  const { system, execution, risk } = config;
  return {
    timeframe: system.timeframe,
    start: parseDate(system.start),
    end: parseDate(system.end) + DAY_MS,
    initialNav: system.backtest_initial_nav,
    seed: system.seed,
    assets: [...traded].sort().map((symbol) => plannedAsset(config, symbol)),
    models,
    risk: {
      perAssetCap: risk.per_asset_cap,
      classCaps: risk.class_caps,
      maxLeverage: risk.max_leverage,
      maxNetLeverage: risk.max_net_leverage,
      perTradeRisk: risk.per_trade_risk,
      allowShort: risk.allow_short,
      drawdown: {
        trigger: risk.drawdown_trigger,
        deriskingFactor: risk.derisking_factor,
        recover: risk.drawdown_recover ?? risk.drawdown_trigger ?? 0,
        halt: risk.drawdown_halt,
        resumeDays: risk.halt_resume_days,
      },
    },
    regimeBudgets: plannedBudgets(config),
    regimeLimits: plannedLimits(config),
    fill: execution.fill,
    sizing: execution.sizing,
    rebalanceThreshold: execution.rebalance_threshold,
    allowBorrowing: execution.allow_borrowing,
    cashRate: execution.cash_rate,
    maxGapBars: config.data.max_gap_bars,
  };
}

function plannedModel(config: Config, declared: Model): PlannedModel {
  const model = config.models[declared.name]!;
  return {
    name: declared.name,
    version: model.version,
    budgetFraction: model.budget_fraction,
    universe: [...model.universe].sort(),
    parameters: model.parameters,
    // What the configuration says of this model, else what the model says itself, else what holds for all.
    missing: model.missing ?? declared.missing ?? config.data.missing,
  };
}

/** An asset as a plan has it. */
export function plannedAsset(config: Config, symbol: string): PlannedAsset {
  const asset = config.assets[symbol]!;
  const costs = config.execution.costs[asset.asset_class];
  return {
    symbol,
    assetClass: asset.asset_class,
    venue: asset.venue,
    minOrderSize: asset.min_order_size,
    quantityPrecision: asset.quantity_precision,
    pricePrecision: asset.price_precision,
    feeBps: costs.fee_bps,
    slippageBps: costs.slippage_bps,
  };
}
