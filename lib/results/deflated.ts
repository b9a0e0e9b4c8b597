import { deflateRecord } from "../stats/deflate.ts";
import type { RunCard } from "./run_card.ts";
import { ledgerKeyOfCard, trialResultOfCard } from "./trial_result.ts";
import type { LedgerCount, LedgerKey, TrialResult } from "./trial_rows.ts";

/**
 * What is left of a run's Sharpe ratio when everything is counted that was tried: plain JSON, null is undefined. It
 * depends on the ledger, which grows, so it is computed when shown and stored in no run.
 */
export interface Deflated {
  readonly family: string;
  readonly data_set: string;
  /**
   * Distinct runs on record that it is judged by: those that have a model and a symbol in common with it, in any timeframe.
   * A flag that makes another data set does not make the count begin anew.
   */
  readonly trials: number;
  readonly trials_with_sharpe: number;
  /** Those of them of exactly this family on this data set. */
  readonly family_trials: number;
  /**
   * Variance of Sharpe ratios per day that trials as long as this run would show. Each trial on record counts with Sharpe ×
   * √days, as a Sharpe ratio's own variance is in proportion to 1 ÷ days. The larger of the family's own and that of all
   * that are counted: neither a few alike trials nor many of another kind may make the best by luck look small.
   */
  readonly trial_sharpe_variance: number | null;
  /** Of this run, per day and never annualised, with its daily returns. */
  readonly sharpe_per_day: number | null;
  readonly days: number;
  /** Probability that the true Sharpe ratio exceeds what the best of all trials would show without skill. */
  readonly deflated_sharpe: number | null;
  /** Probability that it exceeds 0, as if nothing else had been tried. */
  readonly probabilistic_sharpe: number | null;
  /** What the best of all trials would show without skill, per year as the run's own Sharpe ratio is. */
  readonly expected_best_sharpe: number | null;
  /** Daily returns needed for a deflated Sharpe ratio of 0.95; null when no length would do. */
  readonly min_track_record_days: number | null;
  /** The true Sharpe ratio per year that this many days and trials would have found in four of five cases. */
  readonly detectable_sharpe: number | null;
}

/** A stored run's Sharpe ratio against the trials of its family; undefined where none is on record. */
export function deflatedOf(card: RunCard, count: LedgerCount | undefined): Deflated | undefined {
  const key = ledgerKeyOfCard(card);
  const { periods_per_year: periodsPerYear } = card.statistics;
  return deflate(trialResultOfCard(card), { ...key, count, periodsPerYear });
}

/** The same of a result that is not stored. */
export function deflate(
  { sharpe, skew, kurtosis, days: known }: TrialResult,
  { family, dataSet, count, periodsPerYear }: LedgerKey & {
    readonly count: LedgerCount | undefined;
    readonly periodsPerYear: number;
  },
): Deflated | undefined {
  if (!count || Math.max(count.trials, count.related.trials) === 0) return undefined;
  const { related } = count;
  const { trials, counted } = related.trials > count.trials ? related : count;
  const days = known ?? 0;
  const deflated = deflateRecord({ sharpe, skew, kurtosis, periods: days }, {
    trials,
    statisticVariance: widerSpread(count),
  });
  const annual = (ratio: number | null) =>
    ratio === null ? null : ratio * Math.sqrt(periodsPerYear);
  return {
    ...{ family, data_set: dataSet },
    ...{ trials, trials_with_sharpe: counted, family_trials: count.trials },
    trial_sharpe_variance: deflated.trialSharpeVariance,
    ...{ sharpe_per_day: sharpe, days },
    deflated_sharpe: deflated.deflatedSharpe,
    probabilistic_sharpe: deflated.probabilisticSharpe,
    expected_best_sharpe: annual(deflated.expectedBestSharpe),
    min_track_record_days: deflated.minTrackRecordDays,
    detectable_sharpe: annual(deflated.detectableSharpe),
  };
}

function widerSpread({ statisticVariance, related }: LedgerCount): number | null {
  const known = [statisticVariance, related.statisticVariance].filter((one) => one !== null);
  return known.length === 0 ? null : Math.max(...known);
}
