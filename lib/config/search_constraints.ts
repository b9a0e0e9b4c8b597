import { didYouMean, Refusal } from "../core/errors.ts";
import type { Constraint, Dimension, ParameterValue } from "../core/search_space.ts";
import { compile, type Evaluate, namesIn, parseExpression } from "./expression.ts";
import { nearestOrigin } from "./located.ts";
import type { Config } from "./schema.ts";
import { schemaAt } from "./schema_walk.ts";
import { refuseAt, type SearchContext } from "./search_context.ts";

/** The rules between parameters. What is not searched, or not set, has the configuration's own value. */
export function writtenConstraints(
  dimensions: readonly Dimension[],
  context: SearchContext,
): Constraint[] {
  const texts = context.config.experiment?.constraints ?? [];
  return texts.map((text, i) => {
    const path = ["experiment", "constraints", i];
    try {
      return constraintOf(text, dimensions, context);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return refuseAt(
        nearestOrigin(context.tree, path),
        `experiment.constraints[${i}]: ${error.message}`,
      );
    }
  });
}

function constraintOf(
  text: string,
  dimensions: readonly Dimension[],
  context: SearchContext,
): Constraint {
  const expression = parseExpression(text);
  const known = new Map(
    namesIn(expression).map((name) => [name, valueOf(name, dimensions, context)] as const),
  );
  const says = compile(expression, (name) => known.get(name)!);
  return { text, holds: (assignment) => says(assignment) === true };
}

function valueOf(
  name: string,
  dimensions: readonly Dimension[],
  { schema, config, target }: SearchContext,
): Evaluate {
  const searched = dimensions.filter(({ path, label }) => label === name || isEnd(name, path));
  const place = searched.length === 1
    ? dimensions.indexOf(searched[0]!)
    : dimensions.findIndex(({ label }) => label === name);
  const leaves = leavesOf(config);
  if (place >= 0) {
    const own = leaves.get(dimensions[place]!.path) ?? null;
    return (assignment) => assignment[place] === undefined ? own : assignment[place];
  }
  if (searched.length > 1) refuseAmbiguous(name, searched.map(({ path }) => path));
  const inTarget = ["models", target ?? "", "parameters", name];
  const full = schemaAt(schema, inTarget) === undefined ? name : inTarget.join(".");
  const found = leaves.has(full) || full !== name
    ? [full]
    : [...leaves.keys()].filter((path) => isEnd(name, path));
  if (found.length > 1) refuseAmbiguous(name, found);
  if (found.length === 1) {
    const value = leaves.get(found[0]!) ?? null;
    return () => value;
  }
  const labels = dimensions.map(({ label }) => label);
  const near = didYouMean(name, [...labels, ...leaves.keys(), ...[...leaves.keys()].map(lastOf)]);
  const all = `; expected one of ${labels.join(", ")}, or a key path`;
  throw new Refusal(`${name} is no known parameter${near || all}`);
}

function isEnd(name: string, path: string): boolean {
  return path === name || path.endsWith(`.${name}`);
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

function refuseAmbiguous(name: string, paths: readonly string[]): never {
  throw new Refusal(`${name} may mean ${paths.toSorted().join(" or ")}, expected more of its path`);
}

/** Every value of a configuration by its key path, lists as wholes; what the search itself is told left out. */
export function leavesOf({ experiment: _, ...config }: Config): Map<string, ParameterValue> {
  const leaves = new Map<string, ParameterValue>();
  const walk = (value: unknown, path: string) => {
    const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
    if (!isMap) return void leaves.set(path, value as ParameterValue);
    // order: of a map that is looked up by its keys
    for (const [key, inner] of Object.entries(value)) {
      walk(inner, path === "" ? key : `${path}.${key}`);
    }
  };
  walk(config, "");
  return leaves;
}
