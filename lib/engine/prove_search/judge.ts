import { figureAt, type TrialFigure } from "../../core/trial_figures.ts";
import { deflateRecord, trialSpread } from "../../stats/deflate.ts";
import { GATE, passesGate } from "../../stats/gate.ts";
import { superiorAbility } from "../sweep/sweep_statistics.ts";
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

/** Judges a sweep by the very functions that judge a search: number of trials, spread, deflation, test and gate. */
export function judgeSweep(rows: readonly TrialRow[], options: JudgeOptions): SweepVerdict {
  const { trials, periodsPerYear, seed, resamples } = options;
  const recordOf = (place: number) => ({
    sharpe: figureAt(rows[place]!.figures, "sharpe") / Math.sqrt(periodsPerYear),
    skew: figureAt(rows[place]!.figures, "skew"),
    kurtosis: figureAt(rows[place]!.figures, "kurtosis"),
    periods: figureAt(rows[place]!.figures, "days"),
  });
  const { statisticVariance } = trialSpread(rows.map((_, place) => {
    const { sharpe, periods } = recordOf(place);
    return sharpe * Math.sqrt(periods);
  }));
  const deflated = (place: number) =>
    place < 0 ? undefined : deflateRecord(recordOf(place), { trials, statisticVariance });
  const best = bestBy(rows, "sharpe");
  const days = rows[0]?.returns.length ?? 0;
  const { cash } = superiorAbility({
    ...{ places: rows.map((_, place) => place), days },
    read: (place) => rows[place]!.returns,
  }, { seed, resamples });
  return {
    sharpe: best < 0 ? null : figureAt(rows[best]!.figures, "sharpe"),
    deflatedSharpe: deflated(best)?.deflatedSharpe ?? null,
    probabilisticSharpe: deflated(best)?.probabilisticSharpe ?? null,
    deflatedByBps: deflated(bestBy(rows, "bps"))?.deflatedSharpe ?? null,
    spa: cash.consistent,
  };
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
