import { GATE } from "./gate.ts";
import {
  deflatedSharpe,
  expectedBestSharpe,
  minTrackRecordLength,
  probabilisticSharpe,
  type SharpeEstimate,
} from "./overfitting.ts";
import { detectableSharpe } from "./power.ts";

/** How far trials lie apart. */
export interface TrialSpread {
  /** Trials with a Sharpe ratio. */
  readonly counted: number;
  /**
   * Sample variance of Sharpe ratio per day × √days, their t-statistics; null for fewer than two. A Sharpe ratio's own variance
   * is in proportion to 1 ÷ days, so trials of any length (a slice, a rung, another range) are compared by this, and divided by
   * a winner's days it is the V that trials as long as the winner's would show.
   */
  readonly statisticVariance: number | null;
}

/** The spread of trials by their t-statistics, NaN for one without (Welford's method: one pass, in the order given). */
export function trialSpread(statistics: Iterable<number>): TrialSpread {
  let counted = 0;
  let mean = 0;
  let squares = 0;
  for (const statistic of statistics) {
    if (!Number.isFinite(statistic)) continue;
    counted++;
    const distance = statistic - mean;
    mean += distance / counted;
    squares += distance * (statistic - mean);
  }
  return { counted, statisticVariance: counted < 2 ? null : squares / (counted - 1) };
}

/** What is left of a Sharpe ratio after so many trials, all per day; what is undefined is null. */
export interface DeflatedRecord {
  readonly trialSharpeVariance: number | null;
  readonly deflatedSharpe: number | null;
  readonly probabilisticSharpe: number | null;
  readonly expectedBestSharpe: number | null;
  /** Days that a deflated Sharpe ratio at the bound of the gate takes. */
  readonly minTrackRecordDays: number | null;
  readonly detectableSharpe: number | null;
}

/**
 * Bailey and López de Prado (2014), with V of trials as long as this record. The one function that a run, an experiment and
 * the proof of honesty are judged by.
 */
export function deflateRecord(
  record: SharpeEstimate & { readonly periods: number },
  { trials, statisticVariance }: Pick<TrialSpread, "statisticVariance"> & {
    readonly trials: number;
  },
): DeflatedRecord {
  const { periods } = record;
  const trialSharpeVariance = statisticVariance === null || periods === 0
    ? null
    : statisticVariance / periods;
  const luck = { trials, trialSharpeVariance };
  const benchmark = expectedBestSharpe(trials, trialSharpeVariance);
  const needed = benchmark === null
    ? null
    : minTrackRecordLength({ ...record, benchmark, confidence: GATE.deflatedSharpe });
  return {
    trialSharpeVariance,
    deflatedSharpe: deflatedSharpe({ ...record, ...luck }),
    probabilisticSharpe: probabilisticSharpe({ ...record, benchmark: 0 }),
    expectedBestSharpe: benchmark,
    minTrackRecordDays: needed === null ? null : Math.ceil(needed),
    detectableSharpe: detectableSharpe({ ...record, ...luck }),
  };
}
