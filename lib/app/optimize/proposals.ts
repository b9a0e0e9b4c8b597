import type { SearchSettings } from "../../config/mod.ts";
import { search as searchTrials } from "../../engine/search/search.ts";
import { windowedSearch } from "../../engine/search/windowed.ts";
import { dailySharpe } from "../../engine/sweep/sweep_statistics.ts";
import { figureRow } from "./appraise.ts";
import type { LoadedExperiment } from "./load_experiment.ts";
import { crossSettings, crossSplits, type SweepParts, trainRow } from "./sweep_parts.ts";
import type { TrialMaker } from "./trial_maker.ts";
import type { TrialTable } from "./trial_table.ts";
import type { SweepMeasures } from "./work.ts";

/** The trials that a search proposes. */
export interface Proposals {
  /** Batch after batch, each answered with what a teller tells of it. */
  readonly trials: ReturnType<typeof searchTrials>;
  /** By window or split that is bred on: places of the trials it bred. Undefined elsewhere. */
  readonly pools: readonly (readonly number[])[] | undefined;
}

/** What a search proposes: on each training range anew where generations are bred there. */
export function proposalsOf(
  { space, search }: LoadedExperiment,
  { breedings }: SweepParts,
  { accepts }: TrialMaker,
): Proposals {
  if (breedings > 0) return windowedSearch(space, search, { accepts, windows: breedings });
  return { trials: searchTrials(space, search, { accepts }), pools: undefined };
}

/** What a search is told of its newest batch, by the scores of it. */
export type Teller = (scores: Float64Array) => Float64Array;

/** Tells the scores as they are, or those on each training range that is bred on, trial by trial. */
export function tellerOf(
  { validation }: SearchSettings,
  trials: TrialTable,
  measures: SweepMeasures,
): Teller {
  const { breedings } = measures.parts;
  if (breedings === 0) return (scores) => scores;
  const onRanges = validation.method === "walk_forward"
    ? windowScores(trials, measures)
    : splitScores(validation, measures);
  const none = new Array<number>(breedings).fill(NaN);
  return ({ length }) => {
    const places = Array.from({ length }, (_, i) => trials.count - length + i);
    return Float64Array.from(
      places.flatMap((place) => trials.failure(place) === null ? onRanges(place) : none),
    );
  };
}

/** Scores of a trial on every range that is bred on. */
type RangeScores = (place: number) => readonly number[];

function windowScores(
  trials: TrialTable,
  { parts: { breedings }, score }: SweepMeasures,
): RangeScores {
  const rows = Array.from({ length: breedings }, (_, window) => trainRow(window));
  return (place) => rows.map((row) => score(figureRow(trials.figures(place), row)));
}

/** By what a split chooses: the Sharpe ratio of its training days. */
function splitScores(
  validation: SearchSettings["validation"],
  { trialClock, returns }: SweepMeasures,
): RangeScores {
  const { purge_days, ...settings } = crossSettings(validation)!;
  if (purge_days === "auto") {
    throw new TypeError("Cannot breed on splits before their purge is known");
  }
  const splits = crossSplits(trialClock, { ...settings, purge_days });
  return (place) => {
    const daily = returns!.read(place);
    return splits.map(({ train }) => dailySharpe(daily, train) ?? NaN);
  };
}
