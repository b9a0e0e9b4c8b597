import type { Millis } from "../../core/bars.ts";
import { movingAverageCross } from "../../models/moving_average_cross.ts";
import type { Plan, PlannedAsset } from "../plan.ts";

/** A pair of moving averages, in bars. */
export interface Pair {
  readonly fast_ma: number;
  readonly slow_ma: number;
}

/** The trials of every proving sweep: the hundred pairs of `configs/experiments/oracle_w3_100.yaml`. */
export const PAIRS: readonly Pair[] = range(5, 50, 5).flatMap((fast_ma) =>
  range(60, 240, 20).map((slow_ma) => ({ fast_ma, slow_ma }))
);

function range(from: number, to: number, step: number): readonly number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, i) => from + i * step);
}

/** One plan a pair: all the money in the asset while the fast average is above the slow one, else cash; no limits. */
export function proofPlans(
  asset: PlannedAsset,
  { start, end }: { readonly start: Millis; readonly end: Millis },
  pairs: readonly Pair[] = PAIRS,
): readonly Plan[] {
  const { name, version } = movingAverageCross;
  const base = basePlan(asset, start, end);
  return pairs.map((parameters): Plan => ({
    ...base,
    models: [{
      ...{ name, version, parameters: { ...parameters } },
      ...{ budgetFraction: 1, universe: [asset.symbol], missing: "ffill" },
    }],
  }));
}

function basePlan(asset: PlannedAsset, start: Millis, end: Millis): Omit<Plan, "models"> {
  return {
    ...{ timeframe: "h4", start, end, initialNav: 100_000, seed: 1 },
    // Any fraction at any price: lots and ticks have no say in what luck does.
    assets: [{ ...asset, minOrderSize: 0, quantityPrecision: null, pricePrecision: null }],
    risk: {
      ...{ perAssetCap: null, classCaps: {}, maxLeverage: null, maxNetLeverage: null },
      ...{ perTradeRisk: null, allowShort: false },
      drawdown: { trigger: null, deriskingFactor: 1, recover: 0, halt: null, resumeDays: null },
    },
    ...{ regimeBudgets: {}, regimeLimits: {} },
    ...{ fill: "next_open", sizing: "fill_price", rebalanceThreshold: 0.5 },
    ...{ allowBorrowing: false, cashRate: 0, maxGapBars: 5 },
  };
}
