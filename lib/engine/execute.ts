import type { RunRecord } from "../core/run_record.ts";
import { featureCache } from "../features/pipeline.ts";
import type { Model } from "../models/model.ts";
import { runBenchmarks } from "./benchmarks.ts";
import {
  type Rehearsable,
  rehearsable,
  type RunRequest,
  type RunSurroundings,
  simulate,
} from "./simulate.ts";

export type { RunRequest, RunSurroundings } from "./simulate.ts";

/** A run with the yardsticks it was asked for. Pure: the same request gives the same bits. */
export function execute(
  request: RunRequest,
  models: readonly Model[],
  { cache = featureCache(), ...surroundings }: RunSurroundings = {},
): RunRecord {
  const record = simulate(request, models, { cache, ...surroundings });
  return withBenchmarks(record, request, cache);
}

/** The same run, with what it takes to go over it again. */
export function executeForProof(
  request: RunRequest,
  models: readonly Model[],
  { cache = featureCache(), ...surroundings }: RunSurroundings = {},
): { readonly record: RunRecord; readonly run: Rehearsable } {
  const run = rehearsable(request, models, { cache, ...surroundings });
  return { record: withBenchmarks(run.record, request, cache), run };
}

function withBenchmarks(
  record: RunRecord,
  request: RunRequest,
  cache: ReturnType<typeof featureCache>,
): RunRecord {
  return request.benchmarks ? { ...record, benchmarks: runBenchmarks(request, cache) } : record;
}
