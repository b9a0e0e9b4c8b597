import { DAY_MS } from "../../core/bars.ts";
import { formatDate, formatTime } from "../../core/clock.ts";
import type { ValidationRecord, WalkWindow } from "../../core/experiment.ts";
import type { Assignment, SearchSpace } from "../../core/search_space.ts";
import { figureAt } from "../../core/trial_figures.ts";
import type { Plan } from "../../engine/plan.ts";
import {
  mostSupported,
  type Neighbours,
  neighboursOf,
  plateausOf,
} from "../../engine/search/plateau.ts";
import type { SweepGround } from "../../engine/sweep/runner.ts";
import type { PlanPatch } from "../../engine/sweep/serve_sweep.ts";
import type { Slice } from "../../engine/sweep/trial_row.ts";
import { joinedWalk } from "../../engine/sweep/walk.ts";
import type { Model } from "../../models/model.ts";
import { finiteOrNull } from "../../stats/moments.ts";
import { figureRecord, figureRow } from "./appraise.ts";
import { sweepClock, trainRow } from "./sweep_parts.ts";
import type { TrialTable } from "./trial_table.ts";

/** First and last day of a slice, both included. */
export function datesOf({ start, end }: Slice): readonly [start: string, end: string] {
  return [formatDate(start), formatDate(end - DAY_MS)];
}

/** What a walk-forward is made of: trials measured on every window, and the ground to trade the winners on. */
export interface WalkForward {
  readonly plan: Plan;
  readonly models: readonly Model[];
  readonly ground: SweepGround;
  readonly space: SearchSpace;
  readonly anchored: boolean;
  readonly windows: readonly { readonly train: Slice; readonly test: Slice }[];
  readonly trials: TrialTable;
  /** By window: places of the trials that it may choose, where each bred its own; any of them elsewhere. */
  readonly pools?: readonly (readonly number[])[] | undefined;
  score(figures: Float64Array): number;
  patch(assignment: Assignment): PlanPatch;
}

/**
 * On each window the trial that its training range speaks for, traded on the range that follows: one account, handed from
 * winner to winner with its positions. Where no trial has a score the winner before is kept, and cash held before the first.
 */
export function walkForward(walk: WalkForward): ValidationRecord {
  const { plan, windows, trials, score } = walk;
  const choices = choicesOf(walk);
  const plans = windows.map(({ test }, i): Plan => ({
    ...plan,
    ...patchOf(walk, choices[i]!),
    ...test,
  }));
  const joined = joinedWalk(plans, walk.ground, walk.models);
  const { dailyRows } = sweepClock({ ...plan, start: plans[0]!.start, end: plans.at(-1)!.end });
  return {
    method: "walk_forward",
    anchored: walk.anchored,
    windows: windows.map(({ train, test }, i): WalkWindow => {
      const { choice, place, score: trainScore } = choices[i]!;
      const pool = walk.pools?.[i];
      const shared = {
        ...{ train: datesOf(train), test: datesOf(test), choice, winner: place },
        ...(pool ? { bred: pool.length } : {}),
      };
      if (place === null) {
        const values = walk.space.dimensions.map(() => null);
        return { ...shared, values, train_score: null, test_score: null, test_return: null };
      }
      const tested = figureRow(trials.figures(place), trainRow(i) + 1);
      return {
        ...shared,
        values: trials.at(place).assignment.map((value) => value ?? null),
        train_score: finiteOrNull(trainScore),
        test_score: finiteOrNull(score(tested)),
        test_return: finiteOrNull(figureAt(tested, "total_return")),
      };
    }),
    figures: figureRecord(joined.figures),
    times: Array.from(dailyRows, (row) => formatTime(joined.times[row]!)),
    nav: Array.from(dailyRows, (row) => joined.nav[row]!),
  };
}

interface Choice extends Pick<WalkWindow, "choice"> {
  readonly place: number | null;
  /** On the training range; NaN where nothing was chosen on it. */
  readonly score: number;
}

function choicesOf(walk: WalkForward): readonly Choice[] {
  const { windows, trials, score } = walk;
  const choosables = choosablesOf(walk);
  let kept: number | null = null;
  return windows.map((_, i): Choice => {
    const { places, neighbours } = choosables[i]!;
    const scores = Float64Array.from(
      places,
      (place) =>
        trials.failure(place) === null ? score(figureRow(trials.figures(place), trainRow(i))) : NaN,
    );
    const chosen = mostSupported(scores, plateausOf(neighbours, scores));
    if (chosen < 0) return { choice: kept === null ? "cash" : "kept", place: kept, score: NaN };
    const place = places[chosen]!;
    kept = place;
    return { choice: "new", place, score: scores[chosen]! };
  });
}

/** Trials that a window may choose, and who of them stands next to whom. */
interface Choosable {
  readonly places: readonly number[];
  readonly neighbours: Neighbours;
}

/** By window. What another one bred knows days that this one may not: it is no choice, and bears no choice out. */
function choosablesOf({ windows, trials, space, pools }: WalkForward): readonly Choosable[] {
  const choosable = (places: readonly number[]): Choosable => ({
    places,
    neighbours: neighboursOf(space, places.map((place) => trials.at(place).assignment)),
  });
  if (pools) return pools.map(choosable);
  const all = choosable(Array.from({ length: trials.count }, (_, place) => place));
  return windows.map(() => all);
}

/** What is traded in place of the plan's own parameters: those of the choice, or nothing. */
function patchOf({ plan, trials, patch }: WalkForward, { place }: Choice): PlanPatch {
  if (place !== null) return patch(trials.at(place).assignment);
  const models = plan.models.map((model) => ({ ...model, budgetFraction: 0 }));
  return { models, regimeBudgets: {} };
}
