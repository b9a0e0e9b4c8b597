import { type Config, loadConfig } from "../config/mod.ts";
import { Refusal } from "../core/errors.ts";
import type { Plan } from "../engine/plan.ts";
import { MODELS } from "../models/mod.ts";
import type { Model } from "../models/model.ts";
import { REGIME_KEYS } from "../regime/mod.ts";
import { inProject } from "./project.ts";
import { planOf } from "./plan_of.ts";

/** The calendar's range: nobody knows the sessions of other years. */
export const FIRST_DATE = "1993-01-01";
export const LAST_DATE = "2035-12-31";

/** How a plan is put together beside its files. */
export interface PlanOptions {
  /** Changes spelled `key.path=value`, as for `--set`. */
  readonly sets?: readonly string[];
  /** First and last day, `YYYY-MM-DD`. */
  readonly start?: string;
  readonly end?: string;
  /** Names of the models to run; all configured ones when absent. */
  readonly models?: readonly string[];
  /** Models made by `defineModel` outside the library, which join those that ship with it. */
  readonly define?: readonly Model[];
}

/** A configuration ready to run: what was asked, what decides the result, and the models it names. */
export interface LoadedPlan {
  readonly config: Config;
  readonly plan: Plan;
  readonly models: readonly Model[];
  /** False when a model comes from outside the library, whose code no fingerprint covers. */
  readonly sealed: boolean;
  /** Absolute folder of the price files. */
  readonly dataRoot: string;
}

/** Loads configuration files over the base and resolves them into a plan. Refuses bad input in one line. */
export async function loadPlan(
  files: string | readonly string[] = [],
  options: PlanOptions = {},
): Promise<LoadedPlan> {
  const defined = (options.define ?? []).filter((model) => !MODELS.includes(model));
  const known = [...MODELS, ...defined];
  refuseNameTwice(known);
  const config = await loadConfig(typeof files === "string" ? [files] : files, {
    models: known,
    regimeKeys: REGIME_KEYS,
    ...(options.sets ? { sets: options.sets } : {}),
    ...(options.start === undefined ? {} : { start: options.start }),
    ...(options.end === undefined ? {} : { end: options.end }),
    ...(options.models ? { pick: options.models } : {}),
  });
  return loadedPlanOf(config, known, defined);
}

/** A configuration as a plan with its models, of which `defined` come from outside the library. */
export function loadedPlanOf(
  config: Config,
  known: readonly Model[],
  defined: readonly Model[] = [],
): LoadedPlan {
  const plan = planOf(config, known);
  if (plan.models.length === 0) {
    throw new Refusal(
      `models: found no model, expected at least one of ${
        known.map(({ name }) => name).join(", ")
      }`,
    );
  }
  refuseOutsideCalendar(config);
  const planned = new Set(plan.models.map(({ name }) => name));
  const models = known.filter(({ name }) => planned.has(name));
  return {
    config,
    plan,
    models,
    sealed: !models.some((model) => defined.includes(model)),
    dataRoot: inProject(config.data.root),
  };
}

function refuseOutsideCalendar({ system: { start, end } }: Config): void {
  const odd = start < FIRST_DATE ? "start" : end > LAST_DATE ? "end" : undefined;
  if (odd === undefined) return;
  const found = odd === "start" ? start : end;
  throw new Refusal(
    `system.${odd}: found ${found}, expected a date from ${FIRST_DATE} to ${LAST_DATE}, the calendar's range`,
  );
}

function refuseNameTwice(models: readonly Model[]): void {
  const names = models.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice === undefined) return;
  throw new Refusal(`define: found a second model named ${twice}, expected a name of its own`);
}
