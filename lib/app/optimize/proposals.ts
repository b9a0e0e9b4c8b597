import { search as searchTrials } from "../../engine/search/search.ts";
import { windowedSearch } from "../../engine/search/windowed.ts";
import { figureRow } from "./appraise.ts";
import type { LoadedExperiment } from "./load_experiment.ts";
import type { SweepParts } from "./sweep_parts.ts";
import type { TrialMaker } from "./trial_maker.ts";
import type { TrialTable } from "./trial_table.ts";
import type { SweepMeasures } from "./work.ts";

/** The trials that a search proposes. */
export interface Proposals {
  /** Batch after batch, each answered with `toldOf`. */
  readonly trials: ReturnType<typeof searchTrials>;
  /** By window of a walk-forward that breeds on each: places of the trials it bred. Undefined elsewhere. */
  readonly pools: readonly (readonly number[])[] | undefined;
}

/** What a search proposes: on each window's training range anew where generations are bred there. */
export function proposalsOf(
  { space, search }: LoadedExperiment,
  { bredOn }: SweepParts,
  { accepts }: TrialMaker,
): Proposals {
  if (bredOn.length > 0) {
    return windowedSearch(space, search, { accepts, windows: bredOn.length });
  }
  return { trials: searchTrials(space, search, { accepts }), pools: undefined };
}

/** What a search is told of its newest batch: the scores, or those on each range that is bred on, trial by trial. */
export function toldOf(
  scores: Float64Array,
  trials: TrialTable,
  { parts: { bredOn }, score }: Pick<SweepMeasures, "parts" | "score">,
): Float64Array {
  if (bredOn.length === 0) return scores;
  const first = trials.count - scores.length;
  return Float64Array.from({ length: scores.length * bredOn.length }, (_, i) => {
    const place = first + Math.floor(i / bredOn.length);
    const row = bredOn[i % bredOn.length]!;
    return trials.failure(place) === null ? score(figureRow(trials.figures(place), row)) : NaN;
  });
}
