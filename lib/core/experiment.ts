import type { ParameterValue } from "./search_space.ts";
import type { TrialFigure } from "./trial_figures.ts";

/** What a search tried to make large: figures with their weights (a negative one is made small). */
export interface Objective {
  /** `bps`, or `0.5 × sharpe − 0.5 × max_drawdown`. */
  readonly name: string;
  readonly weights: Readonly<Partial<Record<TrialFigure, number>>>;
}

/** One parameter that an experiment set, as its card keeps it. */
export interface ExperimentDimension {
  readonly path: string;
  readonly label: string;
  /** The values of a list, in its order; absent for a range. */
  readonly values?: readonly ParameterValue[];
  readonly low?: number;
  readonly high?: number;
  readonly log?: boolean;
}

/** One trial as a row of an experiment. Figures that are undefined are null. */
export interface TrialRecord {
  /** Place in the experiment, from 0, in the order in which trials were proposed. */
  readonly trial: number;
  readonly run_id: string;
  /** Generation of an evolution, of windows or splits one after the other, or rung of a halving, from 0. */
  readonly batch: number;
  readonly status: "finished" | "failed";
  /** Why it failed, in one line. */
  readonly message: string | null;
  /** By place of the dimension; null where it was not set. */
  readonly values: readonly (ParameterValue | null)[];
  /** The objective, higher is better; null for a failed trial or an undefined figure. */
  readonly score: number | null;
  readonly figures: Readonly<Record<TrialFigure, number | null>>;
  /** Place in the ranking by score, from 1; null without a score. */
  readonly rank: number | null;
  /**
   * Median score of its neighbours, the trials one step away in one parameter, those without a score being the worst; null
   * where there are none, and where half of them or more have no score.
   */
  readonly plateau: number | null;
  /** How many neighbours it has, with a score or without. */
  readonly neighbours: number;
  /** On the front of the objectives: no other trial is better in one of them and as good in all. */
  readonly pareto: boolean;
  /** The objective where a validation keeps data apart for it; null elsewhere. Never chosen by. */
  readonly test_score: number | null;
}

/** One stretch of a walk-forward: what was chosen on one range and traded on the next. */
export interface WalkWindow {
  /** Dates, both included. */
  readonly train: readonly [start: string, end: string];
  readonly test: readonly [start: string, end: string];
  /**
   * The trial that was traded: `new` where it was chosen on the training range as the winner of the whole is, with its score
   * there; `kept` from the window before where no trial has a score on the range; `cash`, null, where there is none to keep.
   */
  readonly choice: "new" | "kept" | "cash";
  readonly winner: number | null;
  /** How many trials it was chosen among, bred on the training range of this window; absent where all windows share theirs. */
  readonly bred?: number;
  readonly values: readonly (ParameterValue | null)[];
  readonly train_score: number | null;
  /** The same parameters on the test range, objective and total return. */
  readonly test_score: number | null;
  readonly test_return: number | null;
}

/** One split of a cross-validation, in days of the trials' returns. */
export interface CrossSplit {
  /** Test folds, from 0. */
  readonly folds: readonly number[];
  readonly train_days: number;
  readonly test_days: number;
  readonly purged_days: number;
  readonly embargoed_days: number;
  /**
   * Training days that the purge left in although the split's winner then held a position that overlaps with what it held on a
   * test day: from entry to exit, by its own fills. Null without a winner.
   */
  readonly overlaps: number | null;
  readonly winner: number | null;
  /** How many trials it was chosen among, bred on the training days of this split; absent where all splits share theirs. */
  readonly bred?: number;
  readonly train_sharpe: number | null;
  readonly test_sharpe: number | null;
}

/** A cross-validation: what was purged, every split, and the paths through them. */
export interface CrossRecord {
  readonly method: "purged_kfold" | "combinatorial";
  readonly folds: number;
  readonly test_folds: number;
  readonly purge_days: number;
  /** Of `purge_days: auto`: place of the trial whose positions need so many; null where none does. Absent for a given number. */
  readonly purge_trial?: number | null;
  readonly embargo_days: number;
  /** How long a winner of a split held a position at most, in days rounded up; null without one. */
  readonly longest_holding_days: number | null;
  readonly splits: readonly CrossSplit[];
  /** Annual Sharpe ratio out of sample of each path through all folds. */
  readonly path_sharpes: readonly (number | null)[];
}

/** What was kept apart from the search, and what became of its choice there. */
export type ValidationRecord =
  | {
    readonly method: "split";
    readonly train: readonly [start: string, end: string];
    readonly test: readonly [start: string, end: string];
    readonly train_score: number | null;
    readonly test_score: number | null;
  }
  | {
    readonly method: "walk_forward";
    readonly anchored: boolean;
    readonly windows: readonly WalkWindow[];
    /** Figures of the joined curve of all test ranges. */
    readonly figures: Readonly<Record<TrialFigure, number | null>>;
    /** Its marks: ISO times and NAVs, the first before anything was traded. */
    readonly times: readonly string[];
    readonly nav: readonly number[];
  }
  | CrossRecord;

/** What luck alone explains of an experiment. Depends on its own trials only, never on the ledger. */
export interface SweepStatistics {
  /** Trials with returns, and the sample variance of their Sharpe ratios per day. */
  readonly trials: number;
  readonly sharpe_variance: number | null;
  /** Hansen's test of superior predictive ability against holding cash: p-values. */
  readonly spa: {
    readonly consistent: number | null;
    readonly lower: number | null;
    readonly upper: number | null;
    readonly resamples: number;
    readonly block_days: number;
  } | null;
  /**
   * The same test, on the same draws, of what each trial's days gain beyond buying and holding the assets of the plan, and the
   * Sharpe ratio a year of that; null where holding them could not be computed. Shown, never a gate.
   */
  readonly hold: {
    readonly consistent: number | null;
    readonly lower: number | null;
    readonly upper: number | null;
    readonly sharpe: number | null;
  } | null;
  /** Probability of backtest overfitting by CSCV, and the quartiles of its logits. Shown, never a gate. */
  readonly pbo: {
    readonly pbo: number | null;
    readonly blocks: number;
    readonly logit_quartiles: readonly [number, number, number] | null;
  } | null;
}

/** One experiment as `results/experiments/<id>/experiment.json` keeps it: the same trials give the same bytes. */
export interface ExperimentCard {
  readonly experiment_id: string;
  readonly name: string;
  readonly description: string | null;
  readonly method: "grid" | "random" | "evolutionary";
  readonly target_model: string | null;
  /** Models and data of its trials, as the ledger of trials counts them. */
  readonly family: string;
  readonly data_set: string;
  readonly dimensions: readonly ExperimentDimension[];
  readonly constraints: readonly string[];
  readonly objective: Objective;
  /** Objectives of the front, with whether more is better. */
  readonly front: readonly { readonly figure: TrialFigure; readonly more: boolean }[];
  readonly seed: number;
  /** Dates of the trials, both included. */
  readonly start: string;
  readonly end: string;
  /** 365, or 252 where only equities trade: what makes a yearly Sharpe ratio of a daily one. */
  readonly periods_per_year: number;
  readonly data_fingerprint: string;
  readonly code_fingerprint: string;
  readonly trials: {
    readonly count: number;
    readonly finished: number;
    readonly failed: number;
    /** Combinations that a constraint or a model's own check left out. */
    readonly excluded: number;
  };
  /**
   * The trial with the highest min(score, plateau), the score alone where it has no neighbours, of equals the one of the higher
   * rank: on the data that it was chosen on. Null when none has a score.
   */
  readonly winner: TrialRecord | null;
  readonly statistics: SweepStatistics | null;
  /** Why there are none, in words; null where there are. */
  readonly statistics_note: string | null;
  readonly validation: ValidationRecord | null;
  /** Run ids of the winner and of the best trials by rank, in this order, whose runs are stored. */
  readonly saved: readonly string[];
}
