import type { ExperimentDimension, SweepStatistics } from "../../core/experiment.ts";
import type { SearchSpace } from "../../core/search_space.ts";
import { TRIAL_FIGURES, type TrialFigure } from "../../core/trial_figures.ts";
import { paretoFront } from "../../engine/search/pareto.ts";
import { plateauScores } from "../../engine/search/plateau.ts";
import {
  blockMoments,
  logitQuartiles,
  overfittingFromBlocks,
} from "../../stats/backtest_overfitting.ts";
import { stationaryBlockLength } from "../../stats/block_length.ts";
import { finiteOrNull } from "../../stats/moments.ts";
import { spaAccumulator } from "../../stats/superior_ability.ts";
import type { TrialRecords } from "../../results/mod.ts";
import type { TrialTable } from "./trial_table.ts";

/** What is to be appraised: trials by place, with the score that each was chosen by. */
export interface TrialsToRank {
  readonly space: SearchSpace;
  readonly trials: TrialTable;
  /** NaN for a trial without one. */
  readonly scores: Float64Array;
  /** The objective where a validation keeps data apart for it; NaN elsewhere. */
  readonly testScores: Float64Array;
  /** Trials whose scores can be compared; those of an earlier rung stand on shorter ranges. */
  readonly isFinal: (place: number) => boolean;
  /** Which row of a trial's figures is shown: 0 for its whole range, else a slice. */
  readonly shown: number;
  readonly front: readonly { readonly figure: TrialFigure; readonly more: boolean }[];
}

/** Trials as their experiment's table keeps them, ranked, with how their neighbours do; each made when it is asked for. */
export function rankedRecords(ranking: TrialsToRank): TrialRecords {
  const { space, trials, scores, testScores, isFinal, shown, front } = ranking;
  const comparable = scores.map((score, place) => isFinal(place) ? score : NaN);
  const order = orderOf(comparable);
  const ranks = new Int32Array(scores.length);
  order.forEach((place, rank) => ranks[place] = rank + 1);
  const places = Array.from(scores.keys());
  const assignments = places.map((place) => trials.at(place).assignment);
  const plateaus = plateauScores(space, assignments, comparable);
  // Only what has a score may stand on the front: a trial without trades loses nothing and wins nothing.
  const onFront = paretoFront(
    places.map((place) =>
      Number.isNaN(comparable[place]!) ? NO_FIGURES : figureRow(trials.figures(place), shown)
    ),
    front,
  );
  return {
    count: scores.length,
    order,
    failed: places.filter((place) => trials.failure(place) !== null),
    front: places.filter((place) => onFront[place]!),
    at(trial) {
      const { runId, batch, assignment, figures, failure } = trials.at(trial);
      return {
        trial,
        run_id: runId,
        batch,
        status: failure === null ? "finished" : "failed",
        message: failure,
        values: space.dimensions.map((_, i) => assignment[i] ?? null),
        score: finiteOrNull(scores[trial]!),
        figures: figureRecord(figureRow(figures, shown)),
        rank: ranks[trial] || null,
        plateau: finiteOrNull(plateaus[trial]!),
        pareto: onFront[trial]!,
        test_score: finiteOrNull(testScores[trial]!),
      };
    },
  };
}

const NO_FIGURES = new Float64Array(TRIAL_FIGURES.length).fill(NaN);

/** One row of a trial's figures: 0 for its whole range, then its slices. */
export function figureRow(figures: Float64Array, row: number): Float64Array {
  const width = TRIAL_FIGURES.length;
  return figures.subarray(row * width, (row + 1) * width);
}

/** Figures by name, undefined ones null. */
export function figureRecord(row: Float64Array): Readonly<Record<TrialFigure, number | null>> {
  return Object.fromEntries(
    TRIAL_FIGURES.map((figure, i) => [figure, finiteOrNull(row[i]!)]),
  ) as Record<TrialFigure, number | null>;
}

/** Places of trials with a score, highest first, of equals the earlier. */
function orderOf(scores: Float64Array): Int32Array {
  return Int32Array.from(scores.keys().filter((place) => !Number.isNaN(scores[place]!)))
    .sort((a, b) => scores[a] === scores[b] ? a - b : scores[b]! > scores[a]! ? 1 : -1);
}

/** Dimensions as a card keeps them. */
export function cardDimensions({ dimensions }: SearchSpace): readonly ExperimentDimension[] {
  return dimensions.map(({ path, label, choice }) => ({
    path,
    label,
    ...(choice.kind === "list"
      ? { values: choice.values }
      : { low: choice.low, high: choice.high, log: choice.log }),
  }));
}

/** Daily returns of the trials that have them, one after the other in the order of their places. */
export interface TrialReturns {
  /** Places of trials with returns. */
  readonly places: readonly number[];
  /** Daily returns per trial. */
  readonly days: number;
  read(place: number): Float64Array;
}

const SPA_RESAMPLES = 1_000;
const PBO_BLOCKS = 16;

/** What luck alone explains of these trials. One trial's returns are in memory at a time. */
export function sweepStatistics(
  { places, days, read }: TrialReturns,
  { seed, onProgress }: { readonly seed: number; onProgress?(done: number, count: number): void },
): SweepStatistics {
  const meanColumn = new Float64Array(days);
  const blocks = new Float64Array(places.length * 2 * PBO_BLOCKS);
  const ratios: number[] = [];
  places.forEach((place, i) => {
    const returns = read(place);
    for (let day = 0; day < days; day++) meanColumn[day]! += returns[day]! / places.length;
    if (days >= PBO_BLOCKS) {
      blocks.set(blockMoments(returns, PBO_BLOCKS), i * 2 * PBO_BLOCKS);
    }
    const ratio = dailySharpe(returns);
    if (ratio !== null) ratios.push(ratio);
  });
  const blockDays = days === 0 ? 1 : stationaryBlockLength(meanColumn) ?? 1;
  const accumulator = spaAccumulator(days, {
    seed,
    resamples: SPA_RESAMPLES,
    blockLength: blockDays,
  });
  places.forEach((place, i) => {
    accumulator.add(read(place));
    onProgress?.(i + 1, places.length);
  });
  const { consistent, lower, upper } = accumulator.result();
  const { pbo, logits } = overfittingFromBlocks(blocks, { blocks: PBO_BLOCKS, days });
  return {
    trials: places.length,
    sharpe_variance: sampleVariance(ratios),
    spa: {
      ...{ consistent, lower, upper },
      resamples: SPA_RESAMPLES,
      block_days: blockDays,
    },
    pbo: { pbo, blocks: PBO_BLOCKS, logit_quartiles: logitQuartiles(logits) },
  };
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

function sampleVariance(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
