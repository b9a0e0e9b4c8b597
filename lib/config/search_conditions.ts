import { canonicalJson } from "../core/hash.ts";
import type { Choice, Dimension, ParameterValue } from "../core/search_space.ts";
import { formatPath, nearestOrigin, type Origin } from "./located.ts";
import { parameterKeys, refuseAt, type SearchContext } from "./search_context.ts";

type When = NonNullable<Dimension["when"]>[number];

/** The dimensions, each with the values of others that it depends on. Throws Refusal for a circle. */
export function withConditions(
  dimensions: readonly Dimension[],
  context: SearchContext,
): Dimension[] {
  const { conditions = {} } = context.config.experiment ?? {};
  const all: Dimension[] = [...dimensions];
  // order: of names, as every mapping of a configuration
  for (const [name, others] of Object.entries(conditions)) {
    const origin = nearestOrigin(context.tree, ["experiment", "conditions", name]);
    const place = placeOf(name, { dimensions, context, origin });
    // order: as above
    const when = Object.entries(others).map(([other, values]) =>
      conditionOf(placeOf(other, { dimensions, context, origin }), values, { dimensions, origin })
    );
    const before = all[place]!.when ?? [];
    all[place] = { ...all[place]!, when: [...before, ...when] };
    refuseCircle(all, place, origin);
  }
  return all;
}

interface PlaceContext {
  readonly dimensions: readonly Dimension[];
  readonly context: SearchContext;
  readonly origin: Origin;
}

function placeOf(name: string, { dimensions, context, origin }: PlaceContext): number {
  const byLabel = dimensions.findIndex(({ label }) => label === name);
  if (byLabel >= 0) return byLabel;
  const keys = parameterKeys(name, context, origin);
  const place = dimensions.findIndex(({ path }) => path === keys.join("."));
  if (place >= 0) return place;
  return refuseAt(
    origin,
    `experiment.conditions: ${formatPath(keys)} is not searched, expected one of ${
      dimensions.map(({ label }) => label).join(", ")
    }`,
  );
}

function conditionOf(
  dimension: number,
  given: unknown,
  { dimensions, origin }: Pick<PlaceContext, "dimensions" | "origin">,
): When {
  const values = (Array.isArray(given) ? given : [given]) as ParameterValue[];
  const { choice, path } = dimensions[dimension]!;
  const never = values.find((value) => !isPossible(choice, value));
  if (values.length > 0 && never === undefined) return { dimension, values };
  const found = values.length === 0 ? "no value" : canonicalJson(never);
  return refuseAt(
    origin,
    `experiment.conditions: found ${found} for ${path}, expected values that it is searched over`,
  );
}

function isPossible(choice: Choice, value: ParameterValue): boolean {
  if (choice.kind === "list") {
    return choice.values.some((other) => canonicalJson(other) === canonicalJson(value));
  }
  // A single number of a continuous range is never drawn.
  return choice.whole && Number.isInteger(value) && Number(value) >= choice.low &&
    Number(value) <= choice.high;
}

function refuseCircle(dimensions: readonly Dimension[], start: number, origin: Origin): void {
  const seen = new Set<number>();
  const open = [start];
  while (open.length > 0) {
    for (const { dimension } of dimensions[open.pop()!]!.when ?? []) {
      if (dimension === start) {
        const { path } = dimensions[start]!;
        refuseAt(origin, `experiment.conditions: ${path} depends on itself, expected no circle`);
      }
      if (seen.size !== seen.add(dimension).size) open.push(dimension);
    }
  }
}
