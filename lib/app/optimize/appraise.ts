import type { ExperimentDimension } from "../../core/experiment.ts";
import type { SearchSpace } from "../../core/search_space.ts";
import { TRIAL_FIGURES, type TrialFigure } from "../../core/trial_figures.ts";
import { paretoFront } from "../../engine/search/pareto.ts";
import { mostSupported, neighboursOf, plateausOf } from "../../engine/search/plateau.ts";
import { finiteOrNull } from "../../stats/moments.ts";
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

/** Trials as they are ranked, and the one of them that is chosen. */
export interface RankedTrials extends TrialRecords {
  /** Its place: not the highest score, but the highest that its neighbours bear out; null where none has a score. */
  readonly winner: number | null;
}

/** Trials as their experiment's table keeps them, ranked, with how their neighbours do; each made when it is asked for. */
export function rankedRecords(ranking: TrialsToRank): RankedTrials {
  const { space, trials, scores, testScores, isFinal, shown, front } = ranking;
  const comparable = scores.map((score, place) => isFinal(place) ? score : NaN);
  const order = orderOf(comparable);
  const ranks = new Int32Array(scores.length);
  order.forEach((place, rank) => ranks[place] = rank + 1);
  const places = Array.from(scores.keys());
  const finals = places.filter(isFinal);
  const finalScores = Float64Array.from(finals, (place) => scores[place]!);
  const plateaus = plateausOf(
    neighboursOf(space, finals.map((place) => trials.at(place).assignment)),
    finalScores,
  );
  const winner = finals[mostSupported(finalScores, plateaus)] ?? null;
  const amongFinals = new Int32Array(scores.length).fill(-1);
  finals.forEach((place, i) => amongFinals[place] = i);
  // Only what has a score may stand on the front: a trial without trades loses nothing and wins nothing.
  const onFront = paretoFront(
    places.map((place) =>
      Number.isNaN(comparable[place]!) ? NO_FIGURES : figureRow(trials.figures(place), shown)
    ),
    front,
  );
  return {
    count: scores.length,
    winner,
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
        plateau: finiteOrNull(plateaus.medians[amongFinals[trial]!] ?? NaN),
        neighbours: plateaus.counts[amongFinals[trial]!] ?? 0,
        pareto: onFront[trial]!,
        test_score: finiteOrNull(testScores[trial]!),
      };
    },
  };
}

const NO_FIGURES = new Float64Array(TRIAL_FIGURES.length).fill(NaN);

const UNDEFINED = Object.fromEntries(TRIAL_FIGURES.map((figure) => [figure, null])) as Record<
  TrialFigure,
  number | null
>;

/** One row of a trial's figures: 0 for its whole range, then its slices. */
export function figureRow(figures: Float64Array, row: number): Float64Array {
  const width = TRIAL_FIGURES.length;
  return figures.subarray(row * width, (row + 1) * width);
}

/** Figures by name, undefined ones null. */
export function figureRecord(row: Float64Array): Readonly<Record<TrialFigure, number | null>> {
  // A copy of one with all names, as adding them one by one is slow: every trial of a search has a record.
  const record = { ...UNDEFINED };
  for (const [i, figure] of TRIAL_FIGURES.entries()) record[figure] = finiteOrNull(row[i]!);
  return record;
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
