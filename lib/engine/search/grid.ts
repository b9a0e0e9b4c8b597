import { groupDigits } from "../../core/digits.ts";
import { Refusal } from "../../core/errors.ts";
import type { Assignment, ParameterValue, SearchSpace } from "../../core/search_space.ts";
import { conditionsOf } from "./active.ts";
import { admission } from "./admission.ts";
import type { Batch, SearchOptions } from "./batch.ts";
import type { Point } from "./unit.ts";

/** How large a grid may be. */
export interface GridOptions extends SearchOptions {
  /** Combinations above which it is refused, before any rule has left some out. */
  readonly maxTrials: number;
}

/**
 * All combinations of lists, the last dimension moving fastest. A combination that differs from an earlier one only in
 * parameters that are not set comes once. Nothing is kept but the places of the combinations, and those only where some
 * are left out. Throws Refusal for a grid that is too large or of which nothing is left; RangeError for a range.
 */
export function gridBatch(space: SearchSpace, { maxTrials, accepts }: GridOptions): Batch {
  const lists = space.dimensions.map(listOf);
  const size = sizeWithin(lists, maxTrials);
  const rules = admission(space, { accepts });
  const combination = combinationsOf(space, lists);
  const isConditional = space.dimensions.some(({ when = [] }) => when.length > 0);
  if (!rules.asks && !isConditional) {
    return { count: size, excluded: 0, at: (place) => combination.at(place)! };
  }
  const places = keptPlaces(size, (place) => {
    const assignment = combination.at(place);
    return assignment !== undefined && rules.admits(assignment);
  });
  if (places?.length === 0) rules.refuseNone();
  return {
    count: places?.length ?? size,
    excluded: rules.excluded(),
    at: (place) => combination.at(places === undefined ? place : places[place]!)!,
  };
}

/**
 * Middles of the cells of a grid in its order, constraints or not. Throws Refusal for a grid that is too large, RangeError
 * for a range.
 */
export function* gridPoints(space: SearchSpace, maxTrials: number): Generator<Point> {
  const lists = space.dimensions.map(listOf);
  const size = sizeWithin(lists, maxTrials);
  const strides = stridesOf(lists);
  for (let flat = 0; flat < size; flat++) {
    yield Float64Array.from(
      lists,
      ({ length }, i) => (Math.floor(flat / strides[i]!) % length + 0.5) / length,
    );
  }
}

type List = readonly ParameterValue[];

function listOf({ path, choice }: SearchSpace["dimensions"][number]): List {
  if (choice.kind === "list") return choice.values;
  throw new RangeError(`A grid needs lists, found a range for ${path}`);
}

/** How many combinations there are before any is left out. */
function sizeWithin(lists: readonly List[], maxTrials: number): number {
  const product = lists.reduce((total, { length }) => total * BigInt(length), 1n);
  if (product <= BigInt(maxTrials)) return Number(product);
  throw new Refusal(
    `experiment: the grid has ${groupDigits(product)} combinations, expected at most ${
      groupDigits(maxTrials)
    }; set experiment.max_trials to run them all, or sample them with method: random and trials: N`,
  );
}

function stridesOf(lists: readonly List[]): number[] {
  return lists.map((_, i) =>
    lists.slice(i + 1).reduce((product, { length }) => product * length, 1)
  );
}

/** The combination at a place of the full product; undefined where an earlier one sets the same. */
function combinationsOf(space: SearchSpace, lists: readonly List[]) {
  const set = conditionsOf(space);
  const strides = stridesOf(lists);
  const indexAt = (flat: number, i: number) => Math.floor(flat / strides[i]!) % lists[i]!.length;
  return {
    at(flat: number): Assignment | undefined {
      const assignment = set(lists.map((list, i) => list[indexAt(flat, i)]!));
      const isRepeat = assignment.some((value, i) => value === undefined && indexAt(flat, i) > 0);
      return isRepeat ? undefined : assignment;
    },
  };
}

/** Places that are kept, in order; undefined when all are. */
function keptPlaces(size: number, keeps: (place: number) => boolean): Uint32Array | undefined {
  let places: Uint32Array | undefined;
  let count = 0;
  for (let place = 0; place < size; place++) {
    const isKept = keeps(place);
    if (!isKept && places === undefined) places = Uint32Array.from({ length: size }, (_, i) => i);
    if (!isKept) continue;
    if (places !== undefined) places[count] = place;
    count++;
  }
  return places?.slice(0, count);
}
