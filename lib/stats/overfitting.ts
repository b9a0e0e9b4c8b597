export {
  type BacktestOverfitting,
  blockMoments,
  logitQuartiles,
  overfittingFromBlocks,
  probabilityOfBacktestOverfitting,
} from "./backtest_overfitting.ts";
import { finiteOrNull } from "./moments.ts";
import { normalCdf, normalQuantile } from "./normal.ts";

/** What one track record says, per period and never annualised; a null makes every figure below null. */
export interface SharpeEstimate {
  readonly sharpe: number | null;
  /** Population skewness of the returns. */
  readonly skew: number | null;
  /** Pearson kurtosis of the returns: 3 for a normal distribution. */
  readonly kurtosis: number | null;
}

const EULER_GAMMA = 0.5772156649015329;

/**
 * Probability that the true Sharpe ratio exceeds `benchmark`, given `periods` returns (Bailey and López de Prado
 * 2012); null for fewer than two periods or where the estimate's variance is not positive.
 */
export function probabilisticSharpe(
  record: SharpeEstimate & { readonly benchmark: number; readonly periods: number },
): number | null {
  const variance = estimateVariance(record);
  if (variance === null || record.periods < 2) return null;
  const distance = record.sharpe! - record.benchmark;
  return finiteOrNull(normalCdf(distance * Math.sqrt(record.periods - 1) / Math.sqrt(variance)));
}

/**
 * Probability that the true Sharpe ratio exceeds what the best of `trials` worthless ones would show (Bailey and
 * López de Prado 2014). `trialSharpeVariance` is the sample variance of the trials' per-period Sharpe ratios.
 */
export function deflatedSharpe(
  record: SharpeEstimate & {
    readonly periods: number;
    readonly trials: number;
    readonly trialSharpeVariance: number | null;
  },
): number | null {
  const benchmark = expectedBestSharpe(record.trials, record.trialSharpeVariance);
  return benchmark === null ? null : probabilisticSharpe({ ...record, benchmark });
}

/**
 * SR₀, the Sharpe ratio to expect of the best of `trials` without any skill, per period: 0 for one trial or for
 * trials all alike, null without a variance.
 */
export function expectedBestSharpe(
  trials: number,
  trialSharpeVariance: number | null,
): number | null {
  if (!Number.isInteger(trials) || trials < 1) {
    throw new RangeError(`The number of trials must be a whole number from 1, found ${trials}`);
  }
  if (trialSharpeVariance !== null && trialSharpeVariance < 0) {
    throw new RangeError(`A variance must not be negative, found ${trialSharpeVariance}`);
  }
  if (trials === 1) return 0;
  if (trialSharpeVariance === null) return null;
  const best = (1 - EULER_GAMMA) * normalQuantile(1 - 1 / trials) +
    EULER_GAMMA * normalQuantile(1 - 1 / (trials * Math.E));
  return finiteOrNull(Math.sqrt(trialSharpeVariance) * best);
}

/**
 * Number of periods, not rounded, after which `probabilisticSharpe` reaches `confidence` (Bailey and López de Prado
 * 2012); null when the Sharpe ratio does not exceed the benchmark, as no record is then long enough.
 */
export function minTrackRecordLength(
  record: SharpeEstimate & { readonly benchmark: number; readonly confidence: number },
): number | null {
  const { sharpe, benchmark, confidence } = record;
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`Confidence must lie between 0 and 1, found ${confidence}`);
  }
  const variance = estimateVariance(record);
  if (variance === null || !(sharpe! > benchmark)) return null;
  // At or below one half any record will do: the estimate itself already exceeds the benchmark.
  const deviations = Math.max(0, normalQuantile(confidence)) / (sharpe! - benchmark);
  return finiteOrNull(1 + variance * deviations * deviations);
}

/** (T − 1) times the variance of the Sharpe ratio's estimate; null unless positive. */
function estimateVariance({ sharpe, skew, kurtosis }: SharpeEstimate): number | null {
  if (sharpe === null || skew === null || kurtosis === null) return null;
  const variance = 1 - skew * sharpe + (kurtosis - 1) / 4 * sharpe * sharpe;
  return variance > 0 && variance < Infinity ? variance : null;
}
