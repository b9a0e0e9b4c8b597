import type { Asset } from "../core/asset.ts";
import type { Bars, CorporateAction, Millis, Timeframe } from "../core/bars.ts";
import { canonicalJson } from "../core/hash.ts";
import type { FillRule, SizingRule } from "../execution/simulated_market.ts";
import type { MissingPolicy } from "../models/model.ts";
import type { DrawdownLimits } from "../risk/drawdown.ts";

/** An asset of the plan with what trading it costs. */
export interface PlannedAsset extends Asset {
  readonly feeBps: number;
  readonly slippageBps: number;
}

/** A model of the plan: its name and version stand for code, the rest is data. */
export interface PlannedModel {
  readonly name: string;
  readonly version: string;
  /** Share of NAV, 0 to 1. */
  readonly budgetFraction: number;
  /** Symbols in order. */
  readonly universe: readonly string[];
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly missing: MissingPolicy;
}

/** Caps on exposure; null switches one off. */
export interface ExposureCaps {
  readonly perAssetCap: number | null;
  readonly classCaps: Readonly<Record<string, number | null>>;
  readonly maxLeverage: number | null;
  readonly maxNetLeverage: number | null;
  readonly perTradeRisk: number | null;
}

/** Limits of the portfolio. */
export interface RiskPlan extends ExposureCaps {
  readonly allowShort: boolean;
  readonly drawdown: DrawdownLimits;
}

/**
 * Everything that decides a run's result beside data and code: plain, frozen, in a fixed order. Its text is what the
 * run id is made of.
 */
export interface Plan {
  readonly timeframe: Timeframe;
  /** First decision: 00:00 UTC of the start date. */
  readonly start: Millis;
  /** Final mark: 00:00 UTC after the end date. Nothing at or after it is decided or filled. */
  readonly end: Millis;
  readonly initialNav: number;
  readonly seed: number;
  /** Assets that some model may trade, in order of symbol. */
  readonly assets: readonly PlannedAsset[];
  /** In order of name. */
  readonly models: readonly PlannedModel[];
  readonly risk: RiskPlan;
  /** Budgets by regime key and model (FR-053), and caps by regime key that only tighten `risk` (FR-032). */
  readonly regimeBudgets: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly regimeLimits: Readonly<Record<string, Partial<ExposureCaps>>>;
  readonly fill: FillRule;
  readonly sizing: SizingRule;
  readonly rebalanceThreshold: number;
  readonly allowBorrowing: boolean;
  /** Interest on cash, per year. */
  readonly cashRate: number;
  readonly maxGapBars: number;
}

/** The plan as text: equal plans give equal text. */
export function planText(plan: Plan): string {
  return canonicalJson(plan);
}

/** Raw history of one asset, as it lies in the files. */
export interface AssetData {
  readonly symbol: string;
  /** Bars of each timeframe that the plan needs. */
  readonly bars: Readonly<Partial<Record<Timeframe, Bars>>>;
  readonly actions: readonly CorporateAction[];
  /** True when the files already carry splits, so that only dividends remain to be adjusted. */
  readonly splitsApplied: boolean;
}
