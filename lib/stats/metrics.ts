import { YEAR_MS } from "../core/bars.ts";
import { exp, log } from "../core/math.ts";
import { finiteOrNull, isRoundingNoise, type Moments, moments } from "./moments.ts";

export { kurtosis, skewness } from "./moments.ts";

/**
 * How returns are scaled to a year: periods in a year (365, or 252 for equities only), yearly
 * risk-free rate (0).
 */
export interface Annual {
  readonly periodsPerYear: number;
  readonly riskFree?: number;
}

/** Years of 365.25 days between the first and the last time; 0 for fewer than two. */
export function yearsBetween(timesMs: Float64Array): number {
  return timesMs.length < 2 ? 0 : (timesMs.at(-1)! - timesMs[0]!) / YEAR_MS;
}

/**
 * NAV over the NAV before, less one; one shorter than `nav`. NaN once NAV was not positive: nothing
 * was left to earn on.
 */
export function simpleReturns(nav: Float64Array): Float64Array {
  const returns = new Float64Array(Math.max(0, nav.length - 1));
  for (let i = 0; i < returns.length; i++) {
    const before = nav[i]!;
    const after = nav[i + 1]!;
    // Most marks of an account that holds nothing are alike, and a division is dear.
    if (after === before && before < Infinity && before > 0) continue;
    returns[i] = before > 0 ? after / before - 1 : NaN;
  }
  return returns;
}

/**
 * Mean excess return ÷ sample deviation × √periods; null for fewer than two returns or when they do
 * not vary.
 */
export function sharpe(returns: Float64Array, options: Annual): number | null {
  return sharpeOf(moments(returns), options);
}

/** The same of returns whose moments are known. */
export function sharpeOf({ mean, deviation }: Moments, options: Annual): number | null {
  if (!(deviation > 0) || deviation === Infinity) return null;
  const excess = mean - riskFreePerPeriod(options);
  return finiteOrNull(excess / deviation * Math.sqrt(options.periodsPerYear));
}

/**
 * Mean excess return ÷ √(mean of min(excess, 0)² over all returns) × √periods; null when nothing
 * was lost.
 */
export function sortino(returns: Float64Array, options: Annual): number | null {
  const riskFree = riskFreePerPeriod(options);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < returns.length; i++) {
    const excess = returns[i]! - riskFree;
    sum += excess;
    if (excess < 0) squares += excess * excess;
  }
  const mean = sum / returns.length;
  const downside = Math.sqrt(squares / returns.length);
  if (isRoundingNoise(downside, mean) || downside === Infinity) return null;
  return finiteOrNull(mean / downside * Math.sqrt(options.periodsPerYear));
}

/** Sample deviation × √periods, a fraction; null for fewer than two returns. */
export function annualVolatility(returns: Float64Array, options: Annual): number | null {
  return volatilityOf(moments(returns), options);
}

/** The same of returns whose moments are known. */
export function volatilityOf({ deviation }: Moments, { periodsPerYear }: Annual): number | null {
  return finiteOrNull(deviation * Math.sqrt(periodsPerYear));
}

/**
 * Yearly growth of NAV, a fraction, in years of 365.25 days; −1 for a NAV that ends at 0, null
 * without time or a positive start.
 */
export function cagr(nav: Float64Array, timesMs: Float64Array): number | null {
  const years = yearsBetween(timesMs);
  const growth = nav.length < 2 ? NaN : nav.at(-1)! / nav[0]!;
  if (!(years > 0) || !(nav[0]! > 0) || !(growth >= 0)) return null;
  if (growth === 0) return -1;
  return finiteOrNull(exp(log(growth) / years) - 1);
}

/** CAGR ÷ max drawdown; null where either is undefined or nothing was ever lost. */
export function calmar(annualGrowth: number | null, drawdown: number | null): number | null {
  if (annualGrowth === null || drawdown === null) return null;
  return finiteOrNull(annualGrowth / drawdown);
}

/**
 * The p-quantile of returns, linear between the neighbours of position p·(n − 1); negative is a
 * loss. RangeError unless 0 ≤ p ≤ 1.
 */
export function valueAtRisk(returns: Float64Array, p: number): number | null {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`A quantile lies between 0 and 1, found ${p}`);
  const sorted = returns.toSorted();
  // NaN sorts last, so one look tells whether every return is a number.
  if (sorted.length === 0 || Number.isNaN(sorted.at(-1))) return null;
  const position = p * (sorted.length - 1);
  const below = Math.floor(position);
  const lower = sorted[below]!;
  const upper = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return finiteOrNull(lower + (upper - lower) * (position - below));
}

/** Mean of the returns at or below `valueAtRisk(returns, p)`. */
export function conditionalValueAtRisk(returns: Float64Array, p: number): number | null {
  const threshold = valueAtRisk(returns, p);
  if (threshold === null) return null;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < returns.length; i++) {
    if (returns[i]! > threshold) continue;
    sum += returns[i]!;
    count++;
  }
  return finiteOrNull(sum / count);
}

/**
 * Σ|notional| ÷ 2 ÷ mean NAV per year: 1 means that the whole account was bought and sold once a
 * year.
 */
export function turnover(
  notionals: ArrayLike<number>,
  meanNav: number,
  years: number,
): number | null {
  if (!(meanNav > 0) || !(years > 0)) return null;
  let traded = 0;
  for (let i = 0; i < notionals.length; i++) traded += Math.abs(notionals[i]!);
  return finiteOrNull(traded / 2 / meanNav / years);
}

/**
 * The score of a run, 0.4·Sharpe + 0.3·CAGR + 0.2·WinRate − 0.1·MaxDrawdown (FR-047); null where a
 * part is undefined.
 */
export function bps(parts: {
  readonly sharpe: number | null;
  readonly cagr: number | null;
  readonly winRate: number | null;
  readonly maxDrawdown: number | null;
}): number | null {
  const { sharpe, cagr, winRate, maxDrawdown } = parts;
  if (sharpe === null || cagr === null || winRate === null || maxDrawdown === null) return null;
  return finiteOrNull(0.4 * sharpe + 0.3 * cagr + 0.2 * winRate - 0.1 * maxDrawdown);
}

/** The usual words for a score. */
export type BpsBand = "good" | "excellent" | "outstanding";

/** The word for a score above 0.8, 1.0 or 1.2; null for none and at or below 0.8. */
export function bpsBand(value: number | null): BpsBand | null {
  if (value === null || !(value > 0.8)) return null;
  if (value > 1.2) return "outstanding";
  return value > 1 ? "excellent" : "good";
}

function riskFreePerPeriod({ riskFree = 0, periodsPerYear }: Annual): number {
  if (!(periodsPerYear > 0)) {
    throw new RangeError(`Periods per year must be positive, found ${periodsPerYear}`);
  }
  return riskFree / periodsPerYear;
}
