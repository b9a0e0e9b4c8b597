import { DAY_MS } from "../../core/bars.ts";
import { formatDate, formatTime } from "../../core/clock.ts";
import type { ValidationRecord, WalkWindow } from "../../core/experiment.ts";
import type { Assignment } from "../../core/search_space.ts";
import { figureAt } from "../../core/trial_figures.ts";
import type { Plan } from "../../engine/plan.ts";
import type { SweepGround } from "../../engine/sweep/runner.ts";
import type { PlanPatch } from "../../engine/sweep/serve_sweep.ts";
import type { Slice } from "../../engine/sweep/trial_row.ts";
import { joinedWalk } from "../../engine/sweep/walk.ts";
import type { Model } from "../../models/model.ts";
import { finiteOrNull } from "../../stats/moments.ts";
import { figureRecord, figureRow } from "./appraise.ts";

import { sweepClock } from "./sweep_parts.ts";
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
  readonly anchored: boolean;
  readonly windows: readonly { readonly train: Slice; readonly test: Slice }[];
  readonly trials: TrialTable;
  score(figures: Float64Array): number;
  patch(assignment: Assignment): PlanPatch;
}

/**
 * On each window the trial that was best on its training range, traded on the range that follows: one account, handed from
 * winner to winner with its positions. Null where no trial has a score on some window.
 */
export function walkForward(walk: WalkForward): ValidationRecord | null {
  const { plan, windows, trials, score, patch } = walk;
  const chosen = windows.map((window, i) => {
    const scores = Float64Array.from(
      { length: trials.count },
      (_, place) =>
        trials.failure(place) === null ? score(figureRow(trials.figures(place), 1 + 2 * i)) : NaN,
    );
    const place = indexOfBest(scores);
    return place < 0 ? undefined : { window, place, score: scores[place]! };
  });
  if (chosen.some((one) => one === undefined)) return null;
  const winners = chosen.map((one) => one!);
  const plans = winners.map(({ window, place }): Plan => ({
    ...plan,
    ...patch(trials.at(place).assignment),
    ...window.test,
  }));
  const joined = joinedWalk(plans, walk.ground, walk.models);
  const { dailyRows } = sweepClock({ ...plan, start: plans[0]!.start, end: plans.at(-1)!.end });
  return {
    method: "walk_forward",
    anchored: walk.anchored,
    windows: winners.map(({ window, place, score: trainScore }, i): WalkWindow => {
      const tested = figureRow(trials.figures(place), 2 + 2 * i);
      return {
        train: datesOf(window.train),
        test: datesOf(window.test),
        winner: place,
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

/** The first of the highest; below 0 where all are NaN. */
export function indexOfBest(scores: ArrayLike<number>): number {
  let best = -1;
  for (let place = 0; place < scores.length; place++) {
    if (best < 0 ? !Number.isNaN(scores[place]!) : scores[place]! > scores[best]!) best = place;
  }
  return best;
}
