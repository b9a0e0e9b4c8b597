import type { Clock } from "../core/clock.ts";
import type { BenchmarkRecord, RunRecord } from "../core/run_record.ts";
import { runBenchmarks } from "../engine/benchmarks.ts";
import { execute, type RunRequest } from "../engine/execute.ts";
import { type EngineProofs, type ProofRequest, prove } from "../engine/prove.ts";
import type { Sandbox, Watch } from "../engine/sandbox.ts";
import { rehearsable } from "../engine/simulate.ts";
import { type FeatureCache, featureCache } from "../features/mod.ts";
import { loadData, type LoadedData } from "./load_data.ts";
import type { LoadedPlan } from "./load_plan.ts";

/** What a computation needs beside plan and data; none of it changes the result. */
export interface ComputeOptions {
  /** Where models run; without one, in this process, where nothing can stop a model that hangs. */
  readonly sandbox: Sandbox | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, count: number) => void) | undefined;
}

/** Loads the data of a plan; its models are asked in the sandbox which bars they want. */
export async function loadFor(
  loaded: LoadedPlan,
  { sandbox, clock, signal }: Omit<ComputeOptions, "onProgress">,
): Promise<LoadedData> {
  if (!sandbox) return await loadData(loaded);
  const watch = watchOf(loaded, { sandbox, clock, signal });
  return await loadData(loaded, () => sandbox.timeframes(loaded.plan, watch));
}

/** Computes the record of a plan on its data. Refuses what its models do wrong, and an interruption. */
export async function compute(
  loaded: LoadedPlan,
  data: LoadedData,
  options: ComputeOptions,
): Promise<RunRecord> {
  const request = requestOf(loaded, data);
  const { sandbox } = options;
  if (!sandbox) return execute(request, loaded.models, { cache: sharedCache() });
  return await sandbox.run(request, watchOf(loaded, options));
}

/** A record without its benchmarks, and what is still being made of it. */
export interface Computed {
  readonly record: RunRecord;
  readonly benchmarks: Promise<readonly BenchmarkRecord[]>;
  readonly proofs: Promise<EngineProofs>;
}

/** Computes a record like `compute`, and goes on to its benchmarks and these proofs while it is being worked on. */
export async function computeForProof(
  loaded: LoadedPlan,
  data: LoadedData,
  { proofs, ...options }: ComputeOptions & { readonly proofs: ProofRequest },
): Promise<Computed> {
  const request = requestOf(loaded, data);
  const { sandbox } = options;
  if (sandbox) return await sandbox.runForProof(request, proofs, watchOf(loaded, options));
  const run = rehearsable(request, loaded.models, { cache: sharedCache() });
  return {
    record: run.record,
    benchmarks: Promise.resolve(runBenchmarks(request, sharedCache())),
    proofs: Promise.resolve(prove(run, loaded.models, proofs)),
  };
}

function requestOf({ plan }: LoadedPlan, { assets, regimes }: LoadedData): RunRequest {
  return { plan, data: assets, regimes: regimes.data, benchmarks: true };
}

function watchOf(
  { config: { system } }: LoadedPlan,
  { clock, onProgress, signal }: ComputeOptions,
): Watch {
  return {
    clock,
    timeoutMs: system.model_timeout_ms,
    memoryMb: system.model_memory_mb,
    ...(onProgress ? { onProgress } : {}),
    ...(signal ? { signal } : {}),
  };
}

let cache: FeatureCache | undefined;

/** Features stay warm between the runs of a notebook. */
function sharedCache(): FeatureCache {
  return cache ??= featureCache();
}
