import { loadSearch, type SearchSettings } from "../../config/mod.ts";
import type { SearchSpace } from "../../core/search_space.ts";
import { MODELS } from "../../models/mod.ts";
import { REGIME_KEYS } from "../../regime/mod.ts";
import { type LoadedPlan, loadedPlanOf, type PlanOptions } from "../load_plan.ts";

/** A search ready to run: what its trials have in common, what they may differ in, and how it goes about it. */
export interface LoadedExperiment {
  /** The configuration's own values: the plan that every trial starts from. */
  readonly loaded: LoadedPlan;
  readonly space: SearchSpace;
  readonly search: SearchSettings;
}

/** Loads configuration files over the base, with all that they say of a search. Refuses bad input in one line. */
export async function loadExperiment(
  files: string | readonly string[],
  { sets, start, end, models }: Omit<PlanOptions, "define"> = {},
): Promise<LoadedExperiment> {
  const { config, space, search } = await loadSearch(typeof files === "string" ? [files] : files, {
    models: MODELS,
    regimeKeys: REGIME_KEYS,
    ...(sets ? { sets } : {}),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(models ? { pick: models } : {}),
  });
  return { loaded: loadedPlanOf(config, MODELS), space, search };
}
