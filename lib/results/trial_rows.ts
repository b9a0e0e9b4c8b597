import type { Millis } from "../core/bars.ts";
import type { TrialSpread } from "../stats/deflate.ts";

/** What trials are counted together: how often were these models tried on these data? */
export interface LedgerKey {
  /** Names of the models, sorted, joined by "+"; empty where it is not known. */
  readonly family: string;
  /** Symbols, sorted, joined by ",", a blank, the timeframe: the same however many bars there are. */
  readonly dataSet: string;
}

/** How a request ended; `found` when the run was there already. */
export type TrialStatus = "finished" | "failed" | "interrupted" | "found";

/** One request for a run, and what the ledger keeps of it. */
export interface TrialRow {
  readonly trial_id: number;
  readonly run_id: string;
  readonly experiment: string | null;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly status: TrialStatus | "running";
  readonly message: string | null;
  readonly family: string;
  readonly data_set: string;
  readonly experiment_id: string | null;
  /** Place in its experiment, from 0, and the batch there. */
  readonly place: number | null;
  readonly batch: number | null;
  /** The run that came out where its id is not the one asked for: code that no fingerprint covers. */
  readonly outcome_id: string | null;
  readonly sharpe_per_day: number | null;
  /** Daily returns behind the Sharpe ratio. */
  readonly days: number | null;
  readonly skew: number | null;
  readonly kurtosis: number | null;
}

/** One trial of a batch, before its result is known. */
export interface PlannedTrial {
  readonly runId: string;
  readonly place?: number | null;
  readonly batch?: number | null;
}

/** Trials that are written down at once. */
export interface TrialBatch extends LedgerKey {
  readonly startedAt: Millis;
  /** Name of the experiment, and the id of its folder. */
  readonly experiment?: string | null;
  readonly experimentId?: string | null;
  /** One at least; read once, in order. */
  readonly trials: Iterable<PlannedTrial>;
}

/** Figures of a trial: what the deflated Sharpe ratio of its family needs, per day and never annualised. */
export interface TrialResult {
  readonly sharpe: number | null;
  readonly days: number | null;
  readonly skew: number | null;
  readonly kurtosis: number | null;
  /** Every figure of `TRIAL_FIGURES`, in that order, NaN for undefined. */
  readonly figures?: Float64Array | undefined;
  /** What parts of the range `figures` goes on with, row by row, as a digest; absent where it has the whole range alone. */
  readonly slices?: string | undefined;
}

/** How a trial ended. */
export interface TrialEnd {
  readonly status: TrialStatus;
  readonly finishedAt: Millis;
  readonly message?: string | undefined;
  readonly outcomeId?: string | undefined;
  readonly result?: TrialResult | undefined;
}

/** One trial of an experiment as it is on record. */
export interface StoredTrial {
  readonly trial: number;
  readonly runId: string;
  readonly place: number | null;
  readonly batch: number | null;
  readonly status: TrialRow["status"];
  readonly message: string | null;
  readonly result: TrialResult;
}

/** A trial that an experiment ran before. */
export interface FoundTrial {
  readonly result: TrialResult;
  readonly place: number;
  readonly experimentId: string;
}

/** So many trials, and how far they lie apart. */
export interface TrialCount extends TrialSpread {
  /** Distinct runs that were ever asked for, whatever became of them. */
  readonly trials: number;
}

/** How often a family was tried on a data set. */
export interface LedgerCount extends TrialCount {
  /**
   * The same of all trials that have a model and a symbol in common with these, in any timeframe; these among them. A flag
   * makes another data set, and no other luck.
   */
  readonly related: TrialCount;
  /** Newest entry of the ledger that was counted; null where it was empty. */
  readonly entry: { readonly seq: number; readonly hash: string } | null;
}
