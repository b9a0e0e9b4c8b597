import type { SearchSpace } from "../../core/search_space.ts";
import type { Batch, SearchOptions } from "./batch.ts";
import { evolve, type EvolveSettings } from "./evolve.ts";
import { gridBatch } from "./grid.ts";
import { sampleBatch, type SampleSettings } from "./sample.ts";

/** What decides which trials a search proposes; spelled as in YAML, `SearchSettings` of a configuration fits. */
export interface MethodSettings extends SampleSettings, EvolveSettings {
  readonly method: "grid" | "random" | "evolutionary";
}

/**
 * The trials of a search, batch after batch. Each `next(scores)` hands in the scores of the batch before, higher is better
 * and NaN is none; a grid and a sample are one batch. The same space, settings and scores give the same trials.
 */
export function* search(
  space: SearchSpace,
  settings: MethodSettings,
  options: SearchOptions = {},
): Generator<Batch, void, Float64Array> {
  if (settings.method === "evolutionary") yield* evolve(space, settings, options);
  else if (settings.method === "random") yield sampleBatch(space, settings, options);
  else yield gridBatch(space, { maxTrials: settings.max_trials, ...options });
}
