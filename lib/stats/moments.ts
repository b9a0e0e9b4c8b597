/** Size, centre and spread of a column of returns. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Sum of squared distances from the mean; exactly 0 when they are only rounding noise. */
  readonly squares: number;
  /** Sample deviation (n − 1); NaN for fewer than two values. */
  readonly deviation: number;
}

/**
 * Mean and spread in two passes, summed left to right, the mean corrected by what the first pass
 * lost (Chan, Golub and LeVeque 1983). Any value that is not finite makes the mean NaN or infinite.
 */
export function moments(returns: Float64Array): Moments {
  const count = returns.length;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += returns[i]!;
  const roughMean = sum / count;
  let distances = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const distance = returns[i]! - roughMean;
    distances += distance;
    squares += distance * distance;
  }
  const mean = roughMean + distances / count;
  squares = Math.max(0, squares - distances * distances / count);
  if (isRoundingNoise(Math.sqrt(squares / count), mean)) squares = 0;
  return { count, mean, squares, deviation: count < 2 ? NaN : Math.sqrt(squares / (count - 1)) };
}

/** Mean of third powers of standardised returns, population form; null where they do not vary. */
export function skewness(returns: Float64Array): number | null {
  return shape(returns).skew;
}

/**
 * Mean of fourth powers of standardised returns (Pearson: 3 for a normal), population form; null
 * where they do not vary.
 */
export function kurtosis(returns: Float64Array): number | null {
  return shape(returns).kurtosis;
}

/** Skewness and kurtosis at once; `known` are the returns' own moments where somebody has them already. */
export function shape(
  returns: Float64Array,
  { count, mean, squares }: Moments = moments(returns),
): { readonly skew: number | null; readonly kurtosis: number | null } {
  const scale = Math.sqrt(squares / count);
  let cubes = 0;
  let fourths = 0;
  for (let i = 0; i < count; i++) {
    const standard = (returns[i]! - mean) / scale;
    const cube = standard * standard * standard;
    cubes += cube;
    fourths += cube * standard;
  }
  return { skew: finiteOrNull(cubes / count), kurtosis: finiteOrNull(fourths / count) };
}

/**
 * Whether a deviation is no more than what float64 leaves on equal returns. A return is a ratio of
 * NAVs less one, so its noise is measured against one, not against the return: NAV growing by
 * exactly 1 % a day gives returns that differ by 1e-16.
 */
export function isRoundingNoise(deviation: number, mean: number): boolean {
  return deviation <= 1e-15 * (1 + Math.abs(mean));
}

/** The value itself, or null for NaN and the infinities: what is undefined is null everywhere. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Mean of a column, summed left to right; null when empty or not finite. */
export function meanOf(values: ArrayLike<number>): number | null {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return finiteOrNull(sum / values.length);
}
