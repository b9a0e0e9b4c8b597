import { log } from "../core/math.ts";
import { seededRandom } from "../core/random.ts";
import { stationaryBlockLength } from "./block_length.ts";
import { longRunDeviation } from "./long_run_deviation.ts";
import { moments } from "./moments.ts";
import { stationaryDraws } from "./stationary_draws.ts";

// A thousand times what running sums over ten years of days lose of a statistic.
const ROUNDING = 1e-10;

/** Whether the best of many trials beats the benchmark by more than the luck of having tried many. */
export interface SuperiorAbility {
  /** Share of resamples whose best does better than the best trial did; trials far below the benchmark do not count. */
  readonly consistent: number | null;
  /** The same with every trial below the benchmark left where it is: liberal. */
  readonly lower: number | null;
  /** The same with every trial lifted to the benchmark: conservative, as White's (2000) Reality Check. */
  readonly upper: number | null;
  /** Largest √n · mean ÷ ω of all trials, at least 0. */
  readonly statistic: number | null;
  readonly resamples: number;
  /** Mean length of a block, in days. */
  readonly blockLength: number;
}

/** How days are drawn. */
export interface SuperiorAbilityOptions {
  readonly seed: number;
  readonly resamples: number;
  /** Mean length of a block, in days, at least 1. */
  readonly blockLength: number;
}

/** What trials have left behind, as plain data that workers can send. */
export interface SuperiorAbilityState extends SuperiorAbilityOptions {
  readonly days: number;
  /** Trials whose returns vary. */
  readonly trials: number;
  readonly statistic: number;
  /** Of each resample the largest statistic so far, recentred for the consistent, lower and upper p-value in turn. */
  readonly maxima: Float64Array;
}

/** Takes trials one by one and keeps none. */
export interface SuperiorAbilityAccumulator {
  /** Daily returns of one trial, or what they exceed the benchmark by. RangeError for another length or NaN. */
  readonly add: (returns: Float64Array) => void;
  /** Takes over the trials of another accumulator with the same days and options. */
  readonly merge: (other: SuperiorAbilityState) => void;
  readonly state: () => SuperiorAbilityState;
  readonly result: () => SuperiorAbility;
}

/**
 * Hansen's (2005) test for superior predictive ability, studentised, stationary bootstrap. `matrix` holds one column of
 * daily returns a trial, against holding cash; for another benchmark, hand in differences. Trials whose returns do not
 * vary are left out; p-values are null where none is left. Without a block length, that of the trials' mean return.
 */
export function superiorPredictiveAbility(
  matrix: readonly Float64Array[],
  { seed, resamples = 1_000, blockLength }: {
    readonly seed: number;
    readonly resamples?: number;
    readonly blockLength?: number;
  },
): SuperiorAbility {
  const days = matrix[0]?.length ?? 0;
  const length = blockLength ?? stationaryBlockLength(meanColumn(matrix, days)) ?? 1;
  const accumulator = spaAccumulator(days, { seed, resamples, blockLength: length });
  matrix.forEach(accumulator.add);
  return accumulator.result();
}

/**
 * The same test for any number of trials in the memory of one: each leaves behind only how far it lifts the maximum of
 * each resample. Maxima know no order, so however trials are dealt out to accumulators and these merged, the result is
 * the same to the last bit. Sums of blocks are differences of running sums; what rounding can make of a tie is no excess.
 */
export function spaAccumulator(
  days: number,
  options: SuperiorAbilityOptions,
): SuperiorAbilityAccumulator {
  checkOptions(days, options);
  const { seed, resamples, blockLength } = options;
  const random = seededRandom(seed).fork("superior ability");
  const { runs, offsets } = stationaryDraws(days, { random, blockLength, resamples });
  const maxima = new Float64Array(3 * resamples);
  const running = new Float64Array(days + 1);
  // Hansen's threshold: by the law of the iterated logarithm no trial as good as the benchmark stays below it.
  const hopeless = -Math.sqrt(2 * Math.max(0, log(log(days))));
  let trials = 0;
  let statistic = 0;

  function add(returns: Float64Array): void {
    checkReturns(returns, days);
    const { mean, squares } = moments(returns);
    if (days < 2 || squares === 0) return;
    const distances = returns.map((value) => value - mean);
    for (let i = 0; i < days; i++) running[i + 1] = running[i]! + distances[i]!;
    const scale = 1 / (Math.sqrt(days) * longRunDeviation(distances, blockLength));
    const own = days * mean * scale;
    trials++;
    if (own > statistic) statistic = own;
    liftMaxima(scale, { consistent: own < hopeless ? own : 0, lower: own < 0 ? own : 0 });
  }

  /** A trial that is not lifted to the benchmark keeps its own statistic, below 0, in every resample. */
  function liftMaxima(scale: number, kept: { consistent: number; lower: number }): void {
    const { consistent, lower } = kept;
    for (let resample = 0; resample < resamples; resample++) {
      const end = offsets[resample + 1]!;
      let sum = 0;
      for (let i = offsets[resample]!; i < end; i += 2) {
        sum += running[runs[i + 1]!]! - running[runs[i]!]!;
      }
      const value = sum * scale;
      if (value + consistent > maxima[resample]!) maxima[resample] = value + consistent;
      if (value + lower > maxima[resamples + resample]!) {
        maxima[resamples + resample] = value + lower;
      }
      if (value > maxima[2 * resamples + resample]!) maxima[2 * resamples + resample] = value;
    }
  }

  function merge(other: SuperiorAbilityState): void {
    checkSameDraws(other, { days, ...options });
    trials += other.trials;
    statistic = Math.max(statistic, other.statistic);
    for (let i = 0; i < maxima.length; i++) maxima[i] = Math.max(maxima[i]!, other.maxima[i]!);
  }

  const state = () => ({
    ...{ days, seed, resamples, blockLength },
    ...{ trials, statistic, maxima: maxima.slice() },
  });
  return { add, merge, state, result: () => abilityOf(state()) };
}

/** What trials come to that left this behind. */
function abilityOf(
  { trials, statistic, maxima, resamples, blockLength }: SuperiorAbilityState,
): SuperiorAbility {
  /** Share of resamples whose best exceeds the best trial. */
  const share = (kind: number) => {
    if (trials === 0) return null;
    const own = maxima.subarray(kind * resamples, (kind + 1) * resamples);
    return own.reduce((better, most) => better + (most > statistic + ROUNDING ? 1 : 0), 0) /
      resamples;
  };
  return {
    ...{ consistent: share(0), lower: share(1), upper: share(2) },
    ...{ statistic: trials === 0 ? null : statistic, resamples, blockLength },
  };
}

function meanColumn(matrix: readonly Float64Array[], days: number): Float64Array {
  const sums = new Float64Array(days);
  for (const column of matrix) {
    checkReturns(column, days);
    for (let day = 0; day < days; day++) sums[day]! += column[day]!;
  }
  return sums.map((sum) => sum / matrix.length);
}

function checkOptions(
  days: number,
  { resamples, blockLength }: SuperiorAbilityOptions,
): void {
  if (!Number.isInteger(days) || days < 0) {
    throw new RangeError(`The number of days must be a whole number from 0, found ${days}`);
  }
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new RangeError(
      `The number of resamples must be a whole number from 1, found ${resamples}`,
    );
  }
  if (!(blockLength >= 1 && blockLength <= Math.max(1, days))) {
    throw new RangeError(
      `A mean block length lies between 1 and the ${days} days, found ${blockLength}`,
    );
  }
}

function checkReturns(returns: Float64Array, days: number): void {
  if (returns.length !== days) {
    throw new RangeError(`Cannot test a trial of ${returns.length} returns, expected ${days}`);
  }
  for (let day = 0; day < days; day++) {
    // Less itself, NaN and the infinities are not 0.
    if (returns[day]! - returns[day]! === 0) continue;
    throw new RangeError(`Cannot test a trial: return ${day} is ${returns[day]}, expected finite`);
  }
}

function checkSameDraws(
  state: SuperiorAbilityState,
  own: SuperiorAbilityOptions & { readonly days: number },
): void {
  for (const key of ["days", "seed", "resamples", "blockLength"] as const) {
    if (state[key] === own[key]) continue;
    throw new RangeError(
      `Cannot merge trials tested on other draws: ${key} is ${state[key]}, expected ${own[key]}`,
    );
  }
}
