import { DAY_MS } from "../../core/bars.ts";
import { formatDate } from "../../core/clock.ts";
import { groupDigits } from "../../core/digits.ts";
import { Refusal } from "../../core/errors.ts";
import { decisionTimes } from "../../engine/market.ts";
import type { Plan } from "../../engine/plan.ts";
import { type Slice, type TrialClock, trialClock } from "../../engine/sweep/trial_row.ts";
import { combinatorialPurged, MOST_SPLITS, type Split, splitCount } from "../../learn/splits.ts";
import { walkForwardWindows } from "../../learn/walk_forward.ts";
import type { SearchSettings } from "../../config/mod.ts";

/** The parts of the range that trials are measured on by themselves, and which row of a trial chooses. */
export interface SweepParts {
  readonly slices: readonly Slice[];
  /** 0 for the whole range, else the place of a slice from 1. */
  readonly chosenBy: number;
  /** The row that a choice is judged on, where each trial has one. */
  readonly testedBy: number | undefined;
  /** On how many ranges generations are bred, each anew: windows or splits; 0 where the row that chooses breeds, too. */
  readonly breedings: number;
}

/** What a validation makes of the range. Refuses ranges on which it cannot be made. */
export function sweepParts(plan: Plan, search: SearchSettings): SweepParts {
  refuseTogether(search);
  const parts = partsOf(plan, search);
  refuseBreedings(parts, search);
  return parts;
}

function partsOf(plan: Plan, search: SearchSettings): SweepParts {
  const { validation } = search;
  const isBred = search.method === "evolutionary";
  const { start, end } = plan;
  const { method } = validation;
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
      breedings: 0,
    };
  }
  const whole = { chosenBy: 0, testedBy: undefined };
  const crossed = crossSettings(validation);
  if (crossed) {
    refuseFolds(plan, crossed);
    return { ...whole, slices: [], breedings: isBred ? splitsOf(crossed) : 0 };
  }
  if (method === "none") return { ...whole, slices: [], breedings: 0 };
  const windows = windowsOf(plan, validation);
  return {
    ...whole,
    slices: windows.flatMap(({ train, test }) => [train, test]),
    breedings: isBred ? windows.length : 0,
  };
}

/** The row of a trial's figures on the training range of a window; that of its test range follows. */
export function trainRow(window: number): number {
  return 1 + 2 * window;
}

/** Searches that decide as they go on would decide by days that a validation keeps apart. */
function refuseTogether({ method, halving, validation }: SearchSettings): void {
  if (halving && method === "evolutionary") {
    throw new Refusal(
      "experiment.halving: found it together with method evolutionary, expected one of the two: " +
        "generations are bred from scores of the whole range",
    );
  }
  if (halving && validation.method !== "none") {
    throw new Refusal(
      `experiment.halving: found it together with validation ${validation.method}, expected one of the two: ` +
        "rungs drop trials by days that the validation tests on",
    );
  }
  if (method !== "evolutionary" || crossSettings(validation)?.purge_days !== "auto") return;
  throw new Refusal(
    "experiment.validation.purge_days: found auto together with method evolutionary, expected a number of days: " +
      "generations are bred on what the purge leaves, and only after the last of them is it known how long it must be",
  );
}

/** Evolutions are refused that come to more trials together than a grid may have. */
function refuseBreedings(
  { breedings }: SweepParts,
  { evolution: { population, generations, elite }, max_trials }: SearchSettings,
): void {
  const each = population + (generations - 1) * (population - elite);
  if (breedings * each <= max_trials) return;
  throw new Refusal(
    `experiment.evolution: found ${groupDigits(each)} trials on each of ${breedings} ranges, ` +
      `${groupDigits(breedings * each)} in all, expected at most ${
        groupDigits(max_trials)
      } (max_trials)`,
  );
}

/** What a cross-validation would say after all trials are run is said before, as far as it is known by then. */
function refuseFolds(plan: Plan, settings: AskedCross): void {
  const { folds, test_folds, purge_days, embargo_days } = settings;
  const clock = sweepClock(plan);
  const days = clock.dailyRows.length - 1;
  if (folds > days) {
    throw new Refusal(
      `experiment.validation.folds: found ${folds}, expected at most the ${days} days of the range`,
    );
  }
  const splits = splitsOf(settings);
  if (splits > MOST_SPLITS) {
    throw new Refusal(
      `experiment.validation.test_folds: found ${test_folds} of ${folds} folds, which are ${splits} splits, ` +
        `expected at most ${MOST_SPLITS}`,
    );
  }
  const known = { ...settings, purge_days: purge_days === "auto" ? 0 : purge_days };
  const { least, isEnough } = leastTraining(clock, known);
  if (isEnough) return;
  throw new Refusal(
    `experiment.validation.purge_days: found ${purge_days} with embargo_days ${embargo_days}, which leave ${least} of ` +
      `${days} days to train on in a split of ${folds} folds, expected at least ${LEAST_TRAIN_DAYS}`,
  );
}

function splitsOf({ method, folds, test_folds }: AskedCross): number {
  return method === "combinatorial" ? splitCount(folds, test_folds) : folds;
}

/** A Sharpe ratio takes two. */
const LEAST_TRAIN_DAYS = 2;

/** How many days the split with the fewest of them trains on. */
export interface TrainingLeft {
  readonly least: number;
  readonly of: number;
  readonly isEnough: boolean;
}

/** What a cross-validation leaves to train on. */
export function leastTraining(
  clock: Pick<TrialClock, "times" | "dailyRows">,
  settings: CrossSettings,
): TrainingLeft {
  const least = Math.min(...crossSplits(clock, settings).map(({ train }) => train.length));
  return { least, of: clock.dailyRows.length - 1, isEnough: least >= LEAST_TRAIN_DAYS };
}

/** A cross-validation as it was asked for: its purge may be found by itself. */
export interface AskedCross extends Omit<CrossSettings, "purge_days"> {
  readonly purge_days: number | "auto";
}

/** The settings of a cross-validation; undefined for any other validation. */
export function crossSettings(
  { method, folds, test_folds, purge_days, embargo_days }: SearchSettings["validation"],
): AskedCross | undefined {
  if (method !== "purged_kfold" && method !== "combinatorial") return undefined;
  return { method, folds, test_folds, purge_days, embargo_days };
}

/** How a cross-validation cuts the days. */
export interface CrossSettings {
  readonly method: "purged_kfold" | "combinatorial";
  readonly folds: number;
  readonly test_folds: number;
  readonly purge_days: number;
  readonly embargo_days: number;
}

/**
 * Days to train and to test on, by place of their daily return: training leaves out what lies within `purge_days` of a test
 * range, and `embargo_days` more after it.
 */
export function crossSplits(
  { times, dailyRows }: Pick<TrialClock, "times" | "dailyRows">,
  { method, folds, test_folds, purge_days, embargo_days }: CrossSettings,
): readonly Split[] {
  const marks = Array.from(dailyRows, (row) => times[row]!);
  const intervals = {
    // A return begins just after the mark before it: neighbours touch and do not overlap.
    start: Float64Array.from(marks.slice(0, -1), (time) => time + 1),
    end: Float64Array.from(marks.slice(1), (time) => time + purge_days * DAY_MS),
  };
  const testFolds = method === "purged_kfold" ? 1 : test_folds;
  return combinatorialPurged(intervals, { folds, testFolds, embargoMs: embargo_days * DAY_MS });
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
