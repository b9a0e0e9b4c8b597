import type { Random } from "../../core/random.ts";
import type { Assignment, SearchSpace } from "../../core/search_space.ts";
import { conditionsOf } from "./active.ts";
import { type Admission, admission } from "./admission.ts";
import type { SearchOptions } from "./batch.ts";
import { type Point, sizeOf, unitOf, valuesAt } from "./unit.ts";

/** Combinations above which a finite space is not gone through to find what chance did not. */
const MOST_LISTED = 1_000_000;

/** What a search has proposed already, so that it proposes nothing twice. */
export interface Candidates {
  readonly rules: Admission;
  /** The combination at a point, which then counts as proposed; undefined when it was, or may not be tried. */
  take(point: Point): Assignment | undefined;
}

/** An empty memory for a space. */
export function candidatesOf(space: SearchSpace, options: SearchOptions): Candidates {
  const rules = admission(space, options);
  const set = conditionsOf(space);
  const seen = new Set<string>();
  return {
    rules,
    take(point) {
      const assignment = set(valuesAt(space.dimensions, point));
      const key = JSON.stringify(assignment.map((value) => value === undefined ? [] : [value]));
      if (seen.size === seen.add(key).size) return undefined;
      return rules.admits(assignment) ? assignment : undefined;
    },
  };
}

/** Every combination of a finite space that is not too large, in an order of chance; none of any other. */
export function* shuffledPoints({ dimensions }: SearchSpace, random: Random): Generator<Point> {
  const sizes = dimensions.map(({ choice }) => sizeOf(choice));
  const product = sizes.reduce((total, size) => total * size, 1);
  if (product > MOST_LISTED) return;
  const order = Uint32Array.from({ length: product }, (_, i) => i);
  // Fisher and Yates, from the front: as much of the shuffle is done as is asked for.
  for (let i = 0; i < product; i++) {
    const other = i + random.integer(product - i);
    [order[i], order[other]] = [order[other]!, order[i]!];
    let rest = order[i]!;
    yield Float64Array.from(dimensions, ({ choice }, k) => {
      const index = rest % sizes[k]!;
      rest = Math.floor(rest / sizes[k]!);
      const middle = (index + 0.5) / sizes[k]!;
      return choice.kind === "list" ? middle : unitOf(choice, choice.low + index);
    });
  }
}
