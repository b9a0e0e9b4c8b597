import { exp, log } from "../core/math.ts";
import { moments } from "./moments.ts";

/** So many lags in a row must look like noise before memory counts as over; the paper's rule is 5 up to 10²⁵ returns. */
const QUIET_LAGS = 5;

/**
 * Mean block length, in returns, at which the stationary bootstrap best keeps what one return says about the next:
 * (Ĝ ÷ ĝ(0))^⅔ · n^⅓, Politis and White 2004 as corrected by Patton, Politis and White 2009. At least 1 and at most
 * ⌈min(3·√n, n ÷ 3)⌉; 1 when returns do not vary, null for fewer than two or any that is not finite.
 */
export function stationaryBlockLength(returns: Float64Array): number | null {
  const { count, mean, squares } = moments(returns);
  if (count < 2 || !Number.isFinite(squares)) return null;
  if (squares === 0) return 1;
  const covariances = autocovariances(returns, { mean, lags: lagsWorthTrying(count) });
  const window = windowWidth(covariances, count);
  let slope = 0;
  let spectrum = covariances[0]!;
  for (let lag = 1; lag <= window; lag++) {
    const share = 2 * flatTop(lag / window) * covariances[lag]!;
    slope += share * lag;
    spectrum += share;
  }
  // The two estimates are not forced to be positive; the formula has both squared.
  const ratio = slope / spectrum;
  const best = cubeRoot(ratio * ratio * count);
  const longest = Math.ceil(Math.min(3 * Math.sqrt(count), count / 3));
  return Math.max(1, Math.min(best, longest));
}

function lagsWorthTrying(count: number): number {
  return Math.min(count - 1, Math.ceil(Math.sqrt(count)) + QUIET_LAGS);
}

/** Products of distances from the mean at each lag from 0, summed and divided by n whatever the lag. */
function autocovariances(
  returns: Float64Array,
  { mean, lags }: { mean: number; lags: number },
): Float64Array {
  const distances = returns.map((value) => value - mean);
  const covariances = new Float64Array(lags + 1);
  for (let lag = 0; lag <= lags; lag++) {
    let sum = 0;
    for (let i = lag; i < distances.length; i++) sum += distances[i]! * distances[i - lag]!;
    covariances[lag] = sum / distances.length;
  }
  return covariances;
}

/**
 * Twice the first of five successive lags whose autocorrelations all lie within ±2·√(log₁₀ n ÷ n), as in the
 * authors' own program; every lag when there are none.
 */
function windowWidth(covariances: Float64Array, count: number): number {
  const lags = covariances.length - 1;
  const noise = 2 * Math.sqrt(log(count) / Math.LN10 / count) * covariances[0]!;
  let quiet = 0;
  for (let lag = 1; lag <= lags; lag++) {
    quiet = Math.abs(covariances[lag]!) < noise ? quiet + 1 : 0;
    if (quiet === QUIET_LAGS) return Math.min(lags, 2 * (lag - QUIET_LAGS + 1));
  }
  return lags;
}

/** Politis and Romano 1995: 1 up to one half, then falling to 0 at 1. */
function flatTop(share: number): number {
  return share <= 0.5 ? 1 : 2 * (1 - share);
}

function cubeRoot(value: number): number {
  return value === 0 ? 0 : exp(log(value) / 3);
}
