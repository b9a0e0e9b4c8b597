import { assigner, assignmentCheck, type Config } from "../../config/mod.ts";
import { canonicalJson } from "../../core/hash.ts";
import type { TrialRecord } from "../../core/experiment.ts";
import type { Assignment, SearchSpace } from "../../core/search_space.ts";
import type { Plan, PlannedModel } from "../../engine/plan.ts";
import type { PlanPatch } from "../../engine/sweep/serve_sweep.ts";
import { MODELS } from "../../models/mod.ts";
import { REGIME_KEYS } from "../../regime/mod.ts";
import { planOf } from "../plan_of.ts";
import type { LoadedExperiment } from "./load_experiment.ts";

/** Makes trials of assignments. */
export interface TrialMaker {
  /** Whether models, budgets and limits themselves have nothing against it. */
  accepts(assignment: Assignment): boolean;
  config(assignment: Assignment): Config;
  /** What the trial's plan has otherwise than the base plan; what it shares is the very same objects. */
  patch(assignment: Assignment): PlanPatch;
}

/** A maker of the trials of one experiment. */
export function trialMaker({ loaded: { config, plan }, space }: LoadedExperiment): TrialMaker {
  const assign = assigner(config, space);
  const check = assignmentCheck(config, space, { models: MODELS, regimeKeys: REGIME_KEYS });
  const isParameter = space.dimensions.every(({ path }) =>
    /^models\.[^.]+\.parameters\./.test(path)
  );
  return {
    accepts: (assignment) => check(assignment) === undefined,
    config: assign,
    patch(assignment) {
      const assigned = assign(assignment);
      return isParameter
        ? { models: withParameters(plan.models, assigned) }
        : differences(plan, planOf(assigned, MODELS));
    },
  };
}

/** Where nothing but parameters is set, nothing else of the plan needs to be made again. */
function withParameters(models: readonly PlannedModel[], config: Config): readonly PlannedModel[] {
  return models.map((model) => {
    const { parameters } = config.models[model.name]!;
    return parameters === model.parameters ? model : { ...model, parameters };
  });
}

function differences(base: Plan, plan: Plan): PlanPatch {
  const names = (Object.keys(plan) as (keyof Plan)[]).sort();
  return Object.fromEntries(
    names.filter((name) => canonicalJson(plan[name]) !== canonicalJson(base[name]))
      .map((name) => [name, plan[name]]),
  );
}

/** The assignment behind a trial's record, in which null stands for a dimension that was not set, unless null is a choice. */
export function assignmentOf(
  { dimensions }: SearchSpace,
  values: TrialRecord["values"],
): Assignment {
  return values.map((value, i) => {
    const { choice } = dimensions[i]!;
    const isChosen = value !== null || (choice.kind === "list" && choice.values.includes(null));
    return isChosen ? value : undefined;
  });
}
