import { figureAt, type TrialFigure } from "../../core/trial_figures.ts";
import { stationaryBlockLength } from "../../stats/block_length.ts";
import { GATE, passesGate } from "../../stats/gate.ts";
import { moments } from "../../stats/moments.ts";
import { deflatedSharpe, probabilisticSharpe } from "../../stats/overfitting.ts";
import { superiorPredictiveAbility } from "../../stats/superior_ability.ts";
import type { TrialRow } from "../sweep/trial_row.ts";

/** What the gate says of a sweep's winner. What is undefined is null and passes nothing. */
export interface SweepVerdict {
  /** Of the best by Sharpe ratio, a year. */
  readonly sharpe: number | null;
  /** Probability that it beats the best of so many trials without an edge, and that it beats 0, had it been alone. */
  readonly deflatedSharpe: number | null;
  readonly probabilisticSharpe: number | null;
  /** Deflated Sharpe ratio of the best by BPS. */
  readonly deflatedByBps: number | null;
  /** Consistent p-value of the SPA test over all trials against holding cash. */
  readonly spa: number | null;
}

/** How a sweep is judged. */
export interface JudgeOptions {
  /** Trials that count: the different ones among all that were tried. */
  readonly trials: number;
  readonly periodsPerYear: number;
  readonly seed: number;
  readonly resamples: number;
}

/** Mean length of a block, in days, where the trials' mean return does not tell one. */
const BLOCK_DAYS = 10;

/** Judges a sweep as a search judges its own: the real number of trials, the variance of their Sharpe ratios per day. */
export function judgeSweep(rows: readonly TrialRow[], options: JudgeOptions): SweepVerdict {
  const { trials, periodsPerYear, seed, resamples } = options;
  const perDay = rows.map(({ figures }) => figureAt(figures, "sharpe") / Math.sqrt(periodsPerYear));
  const known = Float64Array.from(perDay.filter(Number.isFinite));
  const { deviation } = moments(known);
  const variance = known.length < 2 ? null : deviation * deviation;
  const recordOf = (place: number) => ({
    sharpe: perDay[place]!,
    skew: figureAt(rows[place]!.figures, "skew"),
    kurtosis: figureAt(rows[place]!.figures, "kurtosis"),
    periods: figureAt(rows[place]!.figures, "days"),
  });
  const deflated = (place: number) =>
    place < 0
      ? null
      : deflatedSharpe({ ...recordOf(place), trials, trialSharpeVariance: variance });
  const best = bestBy(rows, "sharpe");
  return {
    sharpe: best < 0 ? null : figureAt(rows[best]!.figures, "sharpe"),
    deflatedSharpe: deflated(best),
    probabilisticSharpe: best < 0 ? null : probabilisticSharpe({ ...recordOf(best), benchmark: 0 }),
    deflatedByBps: deflated(bestBy(rows, "bps")),
    spa: spaOf(rows.map(({ returns }) => returns), { seed, resamples }),
  };
}

function spaOf(
  returns: readonly Float64Array[],
  { seed, resamples }: { readonly seed: number; readonly resamples: number },
): number | null {
  const days = returns[0]?.length ?? 0;
  if (days < 2) return null;
  const mean = new Float64Array(days);
  for (const column of returns) {
    for (let day = 0; day < days; day++) mean[day]! += column[day]! / returns.length;
  }
  const blockLength = stationaryBlockLength(mean) ?? Math.min(BLOCK_DAYS, days);
  return superiorPredictiveAbility(returns, { seed, resamples, blockLength }).consistent;
}

/** Place of the first trial with the largest figure; below 0 when none has it. */
function bestBy(rows: readonly TrialRow[], figure: TrialFigure): number {
  let best = -1;
  let most = -Infinity;
  rows.forEach(({ figures }, place) => {
    const value = figureAt(figures, figure);
    if (!(value > most)) return;
    best = place;
    most = value;
  });
  return best;
}

/** What a verdict adds to each count of its kind of market. */
export function gatesPassed(verdict: SweepVerdict) {
  const { deflatedSharpe, deflatedByBps, probabilisticSharpe, spa, sharpe } = verdict;
  return {
    passed: passesGate({ deflatedSharpe, spa }),
    passed_by_bps: passesGate({ deflatedSharpe: deflatedByBps, spa }),
    passed_deflated: passesGate({ deflatedSharpe, spa: 0 }),
    passed_spa: passesGate({ deflatedSharpe: 1, spa }),
    undeflated: probabilisticSharpe !== null && probabilisticSharpe >= GATE.deflatedSharpe,
    above_one: sharpe !== null && sharpe > 1,
  };
}
