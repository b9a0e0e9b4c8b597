import { canonicalJson } from "../../core/hash.ts";
import type { Assignment, Choice, ParameterValue, SearchSpace } from "../../core/search_space.ts";
import { nearestOthers } from "./nearest.ts";
import { unitOf } from "./unit.ts";

/**
 * How each trial's surroundings do: the median score over itself and its neighbours. With lists alone, neighbours differ in
 * one parameter by one step (lists of numbers by size, others as written); with a range, they are the two nearest per
 * parameter in normalised space. NaN for a trial without a score, and where no neighbour has one.
 */
export function plateauScores(
  { dimensions }: SearchSpace,
  assignments: readonly Assignment[],
  scores: ArrayLike<number>,
): Float64Array {
  const choices = dimensions.map(({ choice }) => choice);
  const neighbours = choices.every(({ kind }) => kind === "list")
    ? stepNeighbours(choices, assignments)
    : nearNeighbours(choices, assignments);
  return Float64Array.from(assignments, (_, trial) => {
    const own = scores[trial]!;
    const around = Array.from(neighbours(trial), (other) => scores[other]!)
      .filter((score) => !Number.isNaN(score));
    return Number.isNaN(own) || around.length === 0 ? NaN : median([own, ...around]);
  });
}

type Neighbours = (trial: number) => Iterable<number>;

function stepNeighbours(
  choices: readonly Choice[],
  assignments: readonly Assignment[],
): Neighbours {
  const rank = choices.map(rankOf);
  const ranks = assignments.map((values) => values.map((value, i) => rank[i]!(value)));
  const trials = new Map(ranks.map((places, trial) => [places.join(), trial]));
  return (trial) => {
    const places = ranks[trial]!;
    return places.flatMap((place, i) =>
      place < 0 ? [] : [place - 1, place + 1]
        .filter((other) => other >= 0)
        .flatMap((other) => trials.get(places.with(i, other).join()) ?? [])
    );
  };
}

function nearNeighbours(
  choices: readonly Choice[],
  assignments: readonly Assignment[],
): Neighbours {
  const rank = choices.map((choice) => choice.kind === "list" ? rankOf(choice) : undefined);
  const points = assignments.map((values) =>
    Float64Array.from(values, (value, i) => {
      const choice = choices[i]!;
      // A parameter that is not set is as far as can be from one that is.
      if (value === undefined) return -1;
      if (choice.kind === "range") return unitOf(choice, value);
      return (rank[i]!(value) + 0.5) / choice.values.length;
    })
  );
  const nearest = nearestOthers(points, 2 * choices.length);
  return (trial) => nearest[trial]!;
}

/** Place of a value among its list: numbers by size, others as written; -1 for one that is not set. */
function rankOf(choice: Choice): (value: ParameterValue | undefined) => number {
  const values = choice.kind === "list" ? choice.values : [];
  const isNumeric = values.every((value) => typeof value === "number");
  const ordered = isNumeric ? (values as readonly number[]).toSorted((a, b) => a - b) : values;
  const ranks = new Map(ordered.map((value, i) => [canonicalJson(value), i]));
  return (value) => value === undefined ? -1 : ranks.get(canonicalJson(value))!;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
