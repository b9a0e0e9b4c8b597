import { canonicalJson } from "../../core/hash.ts";
import type { Assignment, Choice, ParameterValue, SearchSpace } from "../../core/search_space.ts";
import { nearestOthers } from "./nearest.ts";
import { unitOf } from "./unit.ts";

/** Places of a trial's neighbours among the trials. */
export type Neighbours = (trial: number) => ArrayLike<number>;

/** How the surroundings of each trial do. */
export interface Plateaus {
  /**
   * Median score of a trial's neighbours without its own, those without a score being the worst: −∞ where they are the half
   * or more. NaN without neighbours, and for a trial without a score.
   */
  readonly medians: Float64Array;
  /** How many neighbours each trial has, with a score or without. */
  readonly counts: Int32Array;
}

/**
 * Who stands next to whom. With lists alone, neighbours differ in one parameter by one step (lists of numbers by size, others
 * as written); with a range, they are the two nearest per parameter in normalised space.
 */
export function neighboursOf(
  { dimensions }: SearchSpace,
  assignments: readonly Assignment[],
): Neighbours {
  const choices = dimensions.map(({ choice }) => choice);
  return choices.every(({ kind }) => kind === "list")
    ? stepNeighbours(choices, assignments)
    : nearNeighbours(choices, assignments);
}

/** The plateaus of trials with these scores, NaN for none. */
export function plateausOf(neighbours: Neighbours, scores: ArrayLike<number>): Plateaus {
  const medians = new Float64Array(scores.length).fill(NaN);
  const counts = new Int32Array(scores.length);
  for (let trial = 0; trial < scores.length; trial++) {
    const around = neighbours(trial);
    counts[trial] = around.length;
    if (around.length === 0 || Number.isNaN(scores[trial]!)) continue;
    medians[trial] = median(Float64Array.from(around, (other) => orWorst(scores[other]!)));
  }
  return { medians, counts };
}

/**
 * The trial to choose: the one whose score and whose neighbours' median are both high, by the lower of the two, so that a
 * lucky spike does not win; its score alone where it has no neighbours. Of equals the one with the higher score, then the
 * earlier. Below 0 where no trial has a score.
 */
export function mostSupported(
  scores: ArrayLike<number>,
  { medians }: Pick<Plateaus, "medians">,
): number {
  let best = -1;
  let most = -Infinity;
  for (let trial = 0; trial < scores.length; trial++) {
    const score = scores[trial]!;
    if (Number.isNaN(score)) continue;
    const around = medians[trial]!;
    const support = Number.isNaN(around) ? score : Math.min(score, around);
    const isBetter = best < 0 || support > most || support === most && score > scores[best]!;
    if (isBetter) [best, most] = [trial, support];
  }
  return best;
}

function orWorst(score: number): number {
  return Number.isNaN(score) ? -Infinity : score;
}

function stepNeighbours(
  choices: readonly Choice[],
  assignments: readonly Assignment[],
): Neighbours {
  const rank = choices.map(rankOf);
  // A combination as one number: each list has a digit, 0 for a parameter that is not set.
  const weights: number[] = [];
  let size = 1;
  for (const choice of choices) {
    weights.push(size);
    size *= 1 + (choice.kind === "list" ? choice.values.length : 0);
  }
  if (size > Number.MAX_SAFE_INTEGER) return nearNeighbours(choices, assignments);
  const ranks = assignments.map((values) => Int32Array.from(values, (value, i) => rank[i]!(value)));
  const keys = ranks.map((places) =>
    places.reduce((key, place, i) => key + (place + 1) * weights[i]!, 0)
  );
  const trials = new Map(keys.map((key, trial) => [key, trial]));
  return (trial) => {
    const around: number[] = [];
    ranks[trial]!.forEach((place, i) => {
      if (place < 0) return;
      const before = place > 0 ? trials.get(keys[trial]! - weights[i]!) : undefined;
      const after = trials.get(keys[trial]! + weights[i]!);
      const last = (choices[i] as { readonly values: readonly unknown[] }).values.length - 1;
      if (before !== undefined) around.push(before);
      if (after !== undefined && place < last) around.push(after);
    });
    return around;
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

function median(values: Float64Array): number {
  const sorted = values.sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
