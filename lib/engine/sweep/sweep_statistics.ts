import type { SweepStatistics } from "../../core/experiment.ts";
import {
  blockMoments,
  logitQuartiles,
  overfittingFromBlocks,
} from "../../stats/backtest_overfitting.ts";
import { stationaryBlockLength } from "../../stats/block_length.ts";
import { finiteOrNull, moments } from "../../stats/moments.ts";
import { spaAccumulator, type SuperiorAbility } from "../../stats/superior_ability.ts";

/** Daily returns of the trials that have them, one after the other in the order of their places. */
export interface TrialReturns {
  /** Places of trials with returns. */
  readonly places: readonly number[];
  /** Daily returns per trial. */
  readonly days: number;
  read(place: number): Float64Array;
}

/** How the tests over a sweep draw. */
export interface SweepTestOptions {
  readonly seed: number;
  /** Resamples of the SPA test; 1,000. */
  readonly resamples?: number;
}

/** What trials may be held against beside cash. */
export interface HeldReturns {
  /** Daily returns, on the days of the trials. */
  readonly returns: Float64Array;
  /** Sharpe ratio a year of them. */
  readonly sharpe: number | null;
}

/** Resamples of every SPA test over a sweep, a search's own and the proof's. */
export const SPA_RESAMPLES = 1_000;
const PBO_BLOCKS = 16;

/** What luck alone explains of these trials. One trial's returns are in memory at a time. */
export function sweepStatistics(
  trials: TrialReturns,
  { hold, ...options }: SweepTestOptions & { readonly hold?: HeldReturns | undefined },
): SweepStatistics {
  const { places, days, read } = trials;
  const blocks = new Float64Array(places.length * 2 * PBO_BLOCKS);
  const ratios: number[] = [];
  places.forEach((place, i) => {
    const returns = read(place);
    if (days >= PBO_BLOCKS) blocks.set(blockMoments(returns, PBO_BLOCKS), i * 2 * PBO_BLOCKS);
    const ratio = dailySharpe(returns);
    if (ratio !== null) ratios.push(ratio);
  });
  const { cash, held } = superiorAbility(trials, { ...options, hold: hold?.returns });
  const { pbo, logits } = overfittingFromBlocks(blocks, { blocks: PBO_BLOCKS, days });
  const { deviation } = moments(Float64Array.from(ratios));
  return {
    trials: places.length,
    sharpe_variance: ratios.length < 2 ? null : deviation * deviation,
    spa: { ...pValues(cash), resamples: cash.resamples, block_days: cash.blockLength },
    hold: hold && held ? { ...pValues(held), sharpe: hold.sharpe } : null,
    pbo: { pbo, blocks: PBO_BLOCKS, logit_quartiles: logitQuartiles(logits) },
  };
}

/**
 * Hansen's test over all trials against cash, and on the same draws against what was held. Blocks are as long as the mean
 * return of the trials asks for, else one day.
 */
export function superiorAbility(
  { places, days, read }: TrialReturns,
  { seed, resamples = SPA_RESAMPLES, hold }: SweepTestOptions & {
    readonly hold?: Float64Array | undefined;
  },
): { readonly cash: SuperiorAbility; readonly held: SuperiorAbility | undefined } {
  const mean = new Float64Array(days);
  for (const place of places) {
    const returns = read(place);
    for (let day = 0; day < days; day++) mean[day]! += returns[day]! / places.length;
  }
  const blockLength = days === 0 ? 1 : stationaryBlockLength(mean) ?? 1;
  const cash = spaAccumulator(days, { seed, resamples, blockLength });
  const held = hold && spaAccumulator(days, { seed, resamples, blockLength });
  for (const place of places) {
    const returns = read(place);
    cash.add(returns);
    held?.add(returns.map((value, day) => value - hold![day]!));
  }
  return { cash: cash.result(), held: held?.result() };
}

function pValues({ consistent, lower, upper }: SuperiorAbility) {
  return { consistent, lower, upper };
}

/** Mean ÷ sample deviation of daily returns; null where they do not vary. */
export function dailySharpe(returns: Float64Array, rows?: Int32Array): number | null {
  const count = rows ? rows.length : returns.length;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const value = returns[rows ? rows[i]! : i]!;
    sum += value;
    squares += value * value;
  }
  const mean = sum / count;
  const variance = (squares - count * mean * mean) / (count - 1);
  return variance > 1e-30 ? finiteOrNull(mean / Math.sqrt(variance)) : null;
}
