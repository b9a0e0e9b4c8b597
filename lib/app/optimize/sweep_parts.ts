import { DAY_MS } from "../../core/bars.ts";
import { formatDate } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import { decisionTimes } from "../../engine/market.ts";
import type { Plan } from "../../engine/plan.ts";
import { type Slice, type TrialClock, trialClock } from "../../engine/sweep/trial_row.ts";
import { MOST_SPLITS, splitCount } from "../../learn/splits.ts";
import { walkForwardWindows } from "../../learn/walk_forward.ts";
import type { SearchSettings } from "../../config/mod.ts";

/** The parts of the range that trials are measured on by themselves, and which row of a trial chooses. */
export interface SweepParts {
  readonly slices: readonly Slice[];
  /** 0 for the whole range, else the place of a slice from 1. */
  readonly chosenBy: number;
  /** The row that a choice is judged on, where each trial has one. */
  readonly testedBy: number | undefined;
}

/** What a validation makes of the range. Refuses ranges on which it cannot be made. */
export function sweepParts(plan: Plan, { validation, halving }: SearchSettings): SweepParts {
  const { start, end } = plan;
  const { method } = validation;
  if (halving && (method === "split" || method === "walk_forward")) {
    throw new Refusal(
      `experiment.halving: found it together with validation ${method}, expected one of the two: ` +
        "rungs end before the range does",
    );
  }
  if (method === "split") {
    const days = Math.floor((end - start) / DAY_MS * validation.train_fraction);
    const cut = start + days * DAY_MS;
    if (cut <= start || cut >= end) {
      throw new Refusal(
        `experiment.validation.train_fraction: found ${validation.train_fraction} of ${
          (end - start) / DAY_MS
        } days, expected at least one day on either side`,
      );
    }
    return {
      slices: [{ start, end: cut }, { start: cut, end }],
      chosenBy: 1,
      testedBy: 2,
    };
  }
  if (method === "purged_kfold" || method === "combinatorial") refuseFolds(plan, validation);
  if (method !== "walk_forward") return { slices: [], chosenBy: 0, testedBy: undefined };
  const windows = windowsOf(plan, validation);
  const slices = windows.flatMap(({ train, test }) => [train, test]);
  return { slices, chosenBy: 0, testedBy: undefined };
}

/** What a cross-validation would say after all trials are run is said before. */
function refuseFolds(
  plan: Plan,
  { method, folds, test_folds }: SearchSettings["validation"],
): void {
  const days = sweepClock(plan).dailyRows.length - 1;
  if (folds > days) {
    throw new Refusal(
      `experiment.validation.folds: found ${folds}, expected at most the ${days} days of the range`,
    );
  }
  const splits = method === "combinatorial" ? splitCount(folds, test_folds) : folds;
  if (splits > MOST_SPLITS) {
    throw new Refusal(
      `experiment.validation.test_folds: found ${test_folds} of ${folds} folds, which are ${splits} splits, ` +
        `expected at most ${MOST_SPLITS}`,
    );
  }
}

/** Windows of a walk-forward as slices: train and test of each. */
export function windowsOf(
  { start, end }: Plan,
  { train_days, test_days, anchored }: SearchSettings["validation"],
): readonly { readonly train: Slice; readonly test: Slice }[] {
  const windows = walkForwardWindows({
    start,
    end: end - DAY_MS,
    trainDays: train_days,
    testDays: test_days,
    anchored,
  });
  if (windows.length === 0) {
    throw new Refusal(
      `experiment.validation.train_days: found ${train_days} days, expected fewer than the ${
        (end - start) / DAY_MS
      } days from ${formatDate(start)} to ${formatDate(end - 1)}`,
    );
  }
  const slice = (dates: { readonly start: number; readonly end: number }): Slice => ({
    start: dates.start,
    end: dates.end + DAY_MS,
  });
  return windows.map(({ train, test }) => ({ train: slice(train), test: slice(test) }));
}

/** The clock that all trials of a plan's range are measured on. */
export function sweepClock(plan: Plan): TrialClock {
  const decisions = decisionTimes(plan);
  const markTimes = new Float64Array(decisions.length + 1);
  markTimes.set(decisions);
  markTimes[decisions.length] = plan.end;
  return trialClock({ assets: plan.assets, timeframe: plan.timeframe, markTimes });
}
