import type { BenchmarkRecord } from "../core/run_record.ts";
import type { FeatureCache } from "../features/pipeline.ts";
import { BENCHMARK_MODELS, holdBenchmark, reversionBenchmark } from "../models/benchmarks.ts";
import { movingAverageCross } from "../models/moving_average_cross.ts";
import type { Model } from "../models/model.ts";

import { assetsByClass } from "./limits.ts";
import type { ExposureCaps, Plan } from "./plan.ts";
import { NothingWarm } from "./setup.ts";
import { type RunRequest, simulate } from "./simulate.ts";

const MODELS: readonly Model[] = [...BENCHMARK_MODELS, movingAverageCross];

const NO_CAPS: ExposureCaps = {
  perAssetCap: null,
  classCaps: {},
  maxLeverage: null,
  maxNetLeverage: null,
  perTradeRisk: null,
};

/**
 * Runs the benchmarks of a plan on its own data: same clock, fills and costs, drawdown modes off. Plain SPY only where
 * the plan trades it; a yardstick that never gets warm is left out.
 */
export function runBenchmarks(
  { plan, data }: RunRequest,
  cache: FeatureCache,
): readonly BenchmarkRecord[] {
  const weights = holdWeights(plan);
  const run = (name: string, title: string, yardstick: Plan): BenchmarkRecord[] => {
    const symbols = new Set(yardstick.assets.map(({ symbol }) => symbol));
    const used = data.filter(({ symbol }) => symbols.has(symbol));
    try {
      const record = simulate({ plan: yardstick, data: used }, MODELS, { cache });
      // A benchmark is a line of figures: the way of its wishes interests nobody.
      return [{ name, title, record: { ...record, wishes: [], adjustments: [], features: [] } }];
    } catch (error) {
      if (error instanceof NothingWarm) return [];
      throw error;
    }
  };
  const cross = { fast_ma: 50, slow_ma: 200, weights };
  const spy = plan.assets.filter(({ symbol }) => symbol === "SPY");
  return [
    ...run("hold", "Hold", holdPlan(plan)),
    ...run("cross", "Cross 50/200", yardstickPlan(plan, movingAverageCross, cross)),
    ...run("reversion", "Reversion", yardstickPlan(plan, reversionBenchmark, { weights })),
    ...(spy.length === 0 ? [] : run(
      "spy",
      "SPY",
      yardstickPlan({ ...withoutCaps(plan), assets: spy }, holdBenchmark, { weights: { SPY: 1 } }),
    )),
  ];
}

/** Buys what the plan may hold of its assets, once, and keeps it. */
export function holdPlan(plan: Plan): Plan {
  // Its caps are in its weights: they bound the purchase, not the drift that follows.
  return yardstickPlan(withoutCaps(plan), holdBenchmark, { weights: holdWeights(plan) });
}

function withoutCaps(plan: Plan): Plan {
  return { ...plan, risk: { ...plan.risk, ...NO_CAPS } };
}

/** The plan with one model in place of all, that has the whole budget, and without regimes or drawdown modes. */
function yardstickPlan(
  plan: Plan,
  { name, version }: Model,
  parameters: Readonly<Record<string, unknown>>,
): Plan {
  return {
    ...plan,
    models: [{
      name,
      version,
      budgetFraction: 1,
      universe: plan.assets.map(({ symbol }) => symbol),
      parameters,
      missing: "ffill",
    }],
    risk: { ...plan.risk, drawdown: { ...plan.risk.drawdown, trigger: null, halt: null } },
    regimeBudgets: {},
    regimeLimits: {},
  };
}

/** The largest weights that the caps allow, equal inside a class; scaled together when they ask for more than there is. */
export function holdWeights(plan: Plan): Readonly<Record<string, number>> {
  const { risk } = plan;
  const raw = [...assetsByClass(plan)].flatMap(([name, members]) => {
    const cap = Math.min(risk.classCaps[name] ?? Infinity, 1);
    const weight = Math.min(risk.perAssetCap ?? 1, cap / members.length);
    return members.map((place) => [plan.assets[place]!.symbol, weight] as const);
  });
  const sum = raw.reduce((total, [, weight]) => total + weight, 0);
  const most = Math.min(1, risk.maxLeverage ?? 1, risk.maxNetLeverage ?? 1);
  const factor = sum > most ? most / sum : 1;
  return Object.fromEntries(raw.map(([symbol, weight]) => [symbol, weight * factor]));
}
