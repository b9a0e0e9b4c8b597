import { safeParse } from "zod";
import type { Assignment, SearchSpace } from "../core/search_space.ts";
import { rulesAbout } from "./cross_checks.ts";
import type { LoadOptions } from "./load.ts";
import type { Config, ModelSchema } from "./schema.ts";

/** The configuration of one trial. What the assignment does not set stays as it is; nothing is checked. */
export function assigner(config: Config, { dimensions }: SearchSpace) {
  const paths = dimensions.map(({ path }) => keysOf(config, path));
  return (assignment: Assignment): Config =>
    paths.reduce<Config>((changed, keys, i) => {
      const value = assignment[i];
      return value === undefined ? changed : withValue(changed, keys, value) as Config;
    }, config);
}

/**
 * What is wrong between the parameters of a trial, each of which is right by itself: the models' own rules, and those of
 * budgets and drawdown limits where they are searched. Undefined when nothing is.
 */
export function assignmentCheck(
  config: Config,
  space: SearchSpace,
  known: Pick<LoadOptions, "models" | "regimeKeys">,
): (assignment: Assignment) => string | undefined {
  const paths = space.dimensions.map(({ path }) => path);
  const checks = known.models.flatMap((model) => modelCheck(config, paths, model) ?? []);
  const rules = rulesAbout(paths, known.regimeKeys);
  const assign = assigner(config, space);
  return (assignment) => {
    for (const check of checks) {
      const problem = check(assignment);
      if (problem !== undefined) return problem;
    }
    return rules?.(assign(assignment));
  };
}

/** What one model says of its parameters, as a whole and against its universe; undefined when it has nothing to say. */
function modelCheck(config: Config, paths: readonly string[], model: ModelSchema) {
  const start = `models.${model.name}.parameters.`;
  const places = paths.flatMap((path, i) => path.startsWith(start) ? [i] : []);
  const isStrict = (model.parameters.def.checks ?? []).length > 0;
  if (places.length === 0 || (!isStrict && model.check === undefined)) return undefined;
  const { parameters, universe } = config.models[model.name]!;
  const keys = places.map((i) => keysOf(parameters, paths[i]!.slice(start.length)));
  return (assignment: Assignment): string | undefined => {
    const set = keys.reduce<unknown>((changed, path, k) => {
      const value = assignment[places[k]!];
      return value === undefined ? changed : withValue(changed, path, value);
    }, parameters);
    const [issue] = (isStrict ? safeParse(model.parameters, set).error?.issues : undefined) ?? [];
    if (issue !== undefined) return `${start}${issue.path.join(".")}: ${issue.message}`;
    const complaint = model.check?.(set, universe);
    return complaint === undefined ? undefined : `${start}${complaint}`;
  };
}

/** Keys of a path, of which some (symbols) may hold dots themselves. */
function keysOf(whole: unknown, path: string): string[] {
  const steps = path.split(".");
  const keys: string[] = [];
  let at = whole;
  for (let i = 0; i < steps.length;) {
    let length = steps.length - i;
    while (length > 1 && !hasKey(at, steps.slice(i, i + length).join("."))) length--;
    const key = steps.slice(i, i + length).join(".");
    keys.push(key);
    at = hasKey(at, key) ? (at as Record<string, unknown>)[key] : undefined;
    i += length;
  }
  return keys;
}

function hasKey(value: unknown, key: string): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key);
}

function withValue(whole: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const map = (whole ?? {}) as Readonly<Record<string, unknown>>;
  return { ...map, [key]: withValue(map[key], rest, value) };
}
