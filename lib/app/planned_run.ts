import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { loadConfig } from "../config/mod.ts";
import { Refusal } from "../core/errors.ts";
import type { Plan } from "../engine/plan.ts";
import { MODELS } from "../models/mod.ts";
import type { Model } from "../models/model.ts";
import { REGIME_KEYS } from "../regime/mod.ts";
import { openDatabase } from "../results/mod.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { inProject } from "./project.ts";
import { databaseFile } from "./trial.ts";

/** A finished run, as far as it says what was asked. */
export interface FinishedPlan {
  readonly id: string;
  readonly plan: Plan;
  readonly sealed: boolean;
  /** Folder of the results that hold it. */
  readonly root: string;
  /** Where the data lie; what the record says of the run when absent, else the project's own folder. */
  readonly dataRoot?: string;
  /** Models of an unsealed run, which came from outside the library. */
  readonly define?: readonly Model[];
}

/** The request that led to a finished run, to be made once more. Refuses an unsealed one whose models are not given. */
export async function plannedRun(
  { id, plan, sealed, root, dataRoot, define }: FinishedPlan,
): Promise<LoadedPlan> {
  const known = [...MODELS, ...(sealed ? [] : define ?? [])];
  const strange = plan.models.filter(({ name }) => !known.some((model) => model.name === name));
  if (strange.length > 0 || (!sealed && define === undefined)) {
    const names = strange.map(({ name }) => name).join(", ");
    throw new Refusal(
      `Run ${id} is unsealed: its model ${names} lives in a notebook, not in the library; ` +
        `verify it there, with verify("${id}", { define: [${names}] })`,
    );
  }
  const config = await loadConfig([], { models: MODELS, regimeKeys: REGIME_KEYS });
  const models = known.filter(({ name }) => plan.models.some((planned) => planned.name === name));
  const recorded = await recordedDataRoot(root, id);
  return {
    // The run was within its limits when it was made, whatever they were.
    config: { ...config, system: { ...config.system, ...WIDEST_LIMITS } },
    plan,
    models,
    sealed,
    dataRoot: dataRoot === undefined ? inProject(recorded ?? config.data.root) : resolve(dataRoot),
  };
}

/** As wide as a configuration may set them. */
const WIDEST_LIMITS = { model_timeout_ms: 600_000, model_memory_mb: 1_048_576 };

async function recordedDataRoot(root: string, id: string): Promise<string | undefined> {
  const file = databaseFile(root);
  if (!await stat(file).then(() => true, () => false)) return undefined;
  const database = await openDatabase(file);
  try {
    return database.findRun(id)?.data_root ?? undefined;
  } finally {
    database.close();
  }
}
