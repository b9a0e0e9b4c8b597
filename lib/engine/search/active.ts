import { canonicalJson } from "../../core/hash.ts";
import type { Dimension, ParameterValue, SearchSpace } from "../../core/search_space.ts";

/**
 * For a value of every dimension, those that are set: a dimension whose condition does not hold is undefined. A dimension
 * that depends on one that is not set is not set either.
 */
export function conditionsOf(
  { dimensions }: SearchSpace,
): (values: readonly ParameterValue[]) => (ParameterValue | undefined)[] {
  if (dimensions.every(({ when = [] }) => when.length === 0)) return (values) => [...values];
  const order = inOrder(dimensions);
  return (values) => {
    const set: (ParameterValue | undefined)[] = [...values];
    for (const place of order) {
      const holds = dimensions[place]!.when!.every(({ dimension, values: wanted }) =>
        set[dimension] !== undefined && wanted.some((value) => isSame(value, set[dimension]!))
      );
      if (!holds) set[place] = undefined;
    }
    return set;
  };
}

/** Places of the dimensions with conditions, each after those it depends on. RangeError for a circle. */
function inOrder(dimensions: readonly Dimension[]): number[] {
  const open = dimensions.flatMap(({ when = [] }, place) => when.length > 0 ? [place] : []);
  const order: number[] = [];
  while (open.length > 0) {
    const ready = open.findIndex((place) =>
      dimensions[place]!.when!.every(({ dimension }) => !open.includes(dimension))
    );
    if (ready < 0) throw new RangeError("Conditions of a search depend on each other in a circle");
    order.push(...open.splice(ready, 1));
  }
  return order;
}

function isSame(one: ParameterValue, other: ParameterValue): boolean {
  if (one === other) return true;
  return typeof one === "object" && typeof other === "object" &&
    canonicalJson(one) === canonicalJson(other);
}
