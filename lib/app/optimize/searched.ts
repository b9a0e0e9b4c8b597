import { resolve } from "node:path";
import { type Config, type SearchSettings, searchSpaceOf } from "../../config/mod.ts";
import type { Dimension } from "../../core/search_space.ts";
import { MODELS } from "../../models/mod.ts";
import { REGIME_KEYS } from "../../regime/mod.ts";
import { loadedPlanOf } from "../load_plan.ts";
import type { LoadedExperiment } from "./load_experiment.ts";

/** What an experiment keeps of its search: plain JSON, from which the very same search is made again. */
export interface Searched {
  readonly config: Config;
  readonly dimensions: readonly Dimension[];
  readonly search: SearchSettings;
}

/** A search as its experiment keeps it. */
export function searched({ loaded: { config }, space, search }: LoadedExperiment): Searched {
  return { config, dimensions: space.dimensions, search };
}

/** The search that an experiment kept, ready to run again; on data elsewhere where a folder is named. */
export function searchedAgain(
  { config, dimensions, search }: Searched,
  { dataRoot }: { readonly dataRoot?: string | undefined } = {},
): LoadedExperiment {
  const loaded = loadedPlanOf(config, MODELS);
  return {
    loaded: dataRoot === undefined ? loaded : { ...loaded, dataRoot: resolve(dataRoot) },
    space: searchSpaceOf(config, dimensions, { models: MODELS, regimeKeys: REGIME_KEYS }),
    search,
  };
}
