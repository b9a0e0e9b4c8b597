import type { RunRecord } from "../core/run_record.ts";
import { featureCache } from "../features/pipeline.ts";
import type { Model } from "../models/model.ts";
import { runBenchmarks } from "./benchmarks.ts";
import { type RunRequest, type RunSurroundings, simulate } from "./simulate.ts";

export type { RunRequest, RunSurroundings } from "./simulate.ts";

/** A run with the yardsticks it was asked for. Pure: the same request gives the same bits. */
export function execute(
  request: RunRequest,
  models: readonly Model[],
  { cache = featureCache(), ...surroundings }: RunSurroundings = {},
): RunRecord {
  const record = simulate(request, models, { cache, ...surroundings });
  return request.benchmarks ? { ...record, benchmarks: runBenchmarks(request, cache) } : record;
}
