import { normalCdf, normalQuantile } from "./normal.ts";
import { expectedBestSharpe } from "./overfitting.ts";

/** What decides how small a true Sharpe ratio a search can tell from luck; all per period, never annualised. */
export interface SearchDesign {
  /** Returns per trial. */
  readonly periods: number;
  readonly trials: number;
  /** Sample variance of the trials' Sharpe ratios; null makes the answer null unless there is one trial. */
  readonly trialSharpeVariance: number | null;
  /** Population skewness and Pearson kurtosis of the returns; null makes the answer null. */
  readonly skew: number | null;
  readonly kurtosis: number | null;
  /** The deflated Sharpe ratio that passes. */
  readonly confidence?: number;
}

/** What holds for the estimate of a Sharpe ratio whatever the true one is. */
interface Estimate {
  readonly periods: number;
  readonly skew: number;
  readonly kurtosis: number;
}

/**
 * The smallest true Sharpe ratio per period at which a trial passes DSR ≥ `confidence` with probability `power`: the
 * estimate is normal around the truth SR with variance (1 − skew·SR + (kurt − 1)/4·SR²) ÷ (T − 1) (Lo 2002, Mertens
 * 2002), as in PSR, and passes from s on, the Sharpe ratio whose DSR is exactly `confidence`; SR is then the solution
 * of SR = s + Φ⁻¹(power)·√variance(SR). Null for fewer than two periods or where no Sharpe ratio is enough.
 */
export function detectableSharpe(
  { power = 0.8, ...design }: SearchDesign & { readonly power?: number },
): number | null {
  checkShare("Power", power);
  const passing = passingSharpe(design);
  if (passing === null) return null;
  return sharpeBeyond(passing.sharpe, normalQuantile(power), passing.estimate);
}

/**
 * Probability that a trial of true Sharpe ratio `sharpe` passes DSR ≥ `confidence`: the inverse of `detectableSharpe`,
 * null where that is.
 */
export function powerOfTest(
  { sharpe, ...design }: SearchDesign & { readonly sharpe: number },
): number | null {
  const passing = passingSharpe(design);
  if (passing === null) return null;
  const variance = varianceAt(sharpe, passing.estimate);
  return variance > 0 ? normalCdf((sharpe - passing.sharpe) / Math.sqrt(variance)) : null;
}

/** The estimated Sharpe ratio whose DSR is `confidence`. */
function passingSharpe(
  { periods, trials, trialSharpeVariance, skew, kurtosis, confidence = 0.95 }: SearchDesign,
): { readonly sharpe: number; readonly estimate: Estimate } | null {
  checkShare("Confidence", confidence);
  const luck = expectedBestSharpe(trials, trialSharpeVariance);
  if (luck === null || skew === null || kurtosis === null || periods < 2) return null;
  const estimate = { periods, skew, kurtosis };
  const sharpe = sharpeBeyond(luck, normalQuantile(confidence), estimate);
  return sharpe === null ? null : { sharpe, estimate };
}

/**
 * The Sharpe ratio that lies `deviations` of its own estimate from `base`. With distance d from the base that is
 * (T − 1)·d² = z²·(V + V′·d + (kurt − 1)/4·d²), V and V′ the variance's numerator and slope at the base; of its two
 * solutions the one on the side of z. Null where the variance outgrows the distance, or is not positive.
 */
function sharpeBeyond(base: number, deviations: number, estimate: Estimate): number | null {
  const { periods, skew, kurtosis } = estimate;
  const curvature = (kurtosis - 1) / 4;
  const value = varianceAt(base, estimate) * (periods - 1);
  const slope = deviations * (2 * curvature * base - skew);
  const lead = periods - 1 - deviations * deviations * curvature;
  if (!(value > 0 && lead > 0)) return null;
  const root = Math.sqrt(slope * slope + 4 * lead * value);
  const found = base + deviations * (slope + root) / (2 * lead);
  return Number.isFinite(found) ? found : null;
}

/** Variance of the Sharpe ratio's estimate where `sharpe` is the true one. */
function varianceAt(sharpe: number, { periods, skew, kurtosis }: Estimate): number {
  return (1 - skew * sharpe + (kurtosis - 1) / 4 * sharpe * sharpe) / (periods - 1);
}

function checkShare(name: string, share: number): void {
  if (share > 0 && share < 1) return;
  throw new RangeError(`${name} must lie between 0 and 1, found ${share}`);
}
