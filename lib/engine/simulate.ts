import type { RunRecord } from "../core/run_record.ts";
import { type FeatureCache, featureCache } from "../features/pipeline.ts";
import type { Model } from "../models/model.ts";
import { type RegimeData, regimeTimeline } from "../regime/mod.ts";
import { type ReadyColumn, useReadyColumns } from "./feature_shares.ts";
import { runLoop } from "./loop.ts";
import { buildMarket } from "./market.ts";
import type { AssetData, Plan } from "./plan.ts";
import { seatModels } from "./setup.ts";
import type { Pulse } from "./pulse.ts";

/** A plan with the data it may read. */
export interface RunRequest {
  readonly plan: Plan;
  readonly data: readonly AssetData[];
  /** What the regimes are told from; without it, no regime is known and none matters. */
  readonly regimes?: RegimeData;
  /** Whether the yardsticks are run beside the plan. */
  readonly benchmarks?: boolean;
  /** Features that were computed ahead; the others are computed here. */
  readonly columns?: readonly ReadyColumn[];
}

/** What goes along with a run and leaves no trace in it. */
export interface RunSurroundings {
  /** Shared between runs of one process, so that equal features are computed once. */
  readonly cache?: FeatureCache;
  readonly pulse?: Pulse;
}

/** Runs a plan on its data, from raw bars to the record. Pure: the same request gives the same bits. */
export function simulate(
  { plan, data, regimes, columns = [] }: RunRequest,
  models: readonly Model[],
  { cache = featureCache(), pulse }: RunSurroundings = {},
): RunRecord {
  useReadyColumns(cache, columns, { plan, data });
  const market = buildMarket(plan, data);
  const timeline = regimes && regimeTimeline(market.decisionTimes, regimes);
  const setup = seatModels(plan, models, {
    market,
    cache,
    ...(pulse ? { pulse } : {}),
    ...(timeline ? { regimes: timeline } : {}),
  });
  return runLoop(plan, market, setup, { pulse });
}
