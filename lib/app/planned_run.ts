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
  finished: FinishedPlan,
): Promise<LoadedPlan> {
  const { id, plan, sealed, root, dataRoot, define } = finished;
  const known = [...MODELS, ...(sealed ? [] : define ?? [])];
  const strange = plan.models.filter(({ name }) => !known.some((model) => model.name === name));
  if (strange.length > 0 || (!sealed && define === undefined)) {
    const lacking = (strange.length > 0 ? strange : plan.models).map(({ name }) => name);
    throw new Refusal(`Run ${id} ${lacks(finished, lacking)}`);
  }
  const config = await loadConfig([], { models: MODELS, regimeKeys: REGIME_KEYS });
  const models = known.filter(({ name }) => plan.models.some((planned) => planned.name === name));
  return {
    // The run was within its limits when it was made, whatever they were.
    config: { ...config, system: { ...config.system, ...WIDEST_LIMITS } },
    plan,
    models,
    sealed,
    dataRoot: dataRoot === undefined
      ? inProject(await recordedDataRoot(root, id) ?? config.data.root)
      : resolve(dataRoot),
  };
}

/** Why a run cannot be made once more: these models of it were not found. */
function lacks(
  { id, sealed, define }: FinishedPlan,
  lacking: readonly string[],
): string {
  const names = lacking.join(", ");
  const [models, live, them] = lacking.length > 1
    ? ["models", "live", "them"]
    : ["model", "lives", "it"];
  if (sealed) return `needs the ${models} ${names}, which the library does not have`;
  if (define !== undefined) {
    const given = define.map(({ name }) => name).join(", ");
    return `is unsealed: define lacks its ${models} ${names}, found ${given || "none"}`;
  }
  return `is unsealed: its ${models} ${names} ${live} in a notebook, not in the library; ` +
    `hand ${them} over there, with verify("${id}", { define: [${names}] }) ` +
    `or audit("${id}", { define: [${names}] })`;
}

/** As wide as a configuration may set them. */
const WIDEST_LIMITS = { model_timeout_ms: 600_000, model_memory_mb: 1_048_576 };

/** What the record says, as far as it can be asked: a results folder that is only to be read has none to open. */
async function recordedDataRoot(root: string, id: string): Promise<string | undefined> {
  const file = databaseFile(root);
  if (!await stat(file).then(() => true, () => false)) return undefined;
  try {
    const database = await openDatabase(file);
    try {
      return database.findRun(id)?.data_root ?? undefined;
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
