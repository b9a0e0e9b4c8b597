import type { Clock } from "../core/clock.ts";
import type { RunRecord } from "../core/run_record.ts";
import { execute } from "../engine/execute.ts";
import type { Sandbox } from "../engine/sandbox.ts";
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
  return await loadData(loaded, () =>
    sandbox.timeframes(loaded.plan, {
      clock,
      timeoutMs: loaded.config.system.model_timeout_ms,
      memoryMb: loaded.config.system.model_memory_mb,
      ...(signal ? { signal } : {}),
    }));
}

/** Computes the record of a plan on its data. Refuses what its models do wrong, and an interruption. */
export async function compute(
  loaded: LoadedPlan,
  data: LoadedData,
  { sandbox, clock, signal, onProgress }: ComputeOptions,
): Promise<RunRecord> {
  const request = {
    plan: loaded.plan,
    data: data.assets,
    regimes: data.regimes.data,
    benchmarks: true,
  };
  if (!sandbox) return execute(request, loaded.models, { cache: sharedCache() });
  return await sandbox.run(request, {
    clock,
    timeoutMs: loaded.config.system.model_timeout_ms,
    memoryMb: loaded.config.system.model_memory_mb,
    ...(onProgress ? { onProgress } : {}),
    ...(signal ? { signal } : {}),
  });
}

let cache: FeatureCache | undefined;

/** Features stay warm between the runs of a notebook. */
function sharedCache(): FeatureCache {
  return cache ??= featureCache();
}
