import { heldIntervals, tradedPath } from "../../engine/sweep/holding.ts";
import type { TrialClock } from "../../engine/sweep/trial_row.ts";
import type { Intervals } from "../../learn/splits.ts";
import type { RanTrials } from "./run_trials.ts";
import type { OptimizeWork } from "./work.ts";

/** What trials held, from their fills. */
export interface Traded {
  /** The moments between which daily returns lie. */
  readonly marks: Float64Array;
  /** From when to when the positions were held that a trial had on each day. Runs the trial once more. */
  held(place: number): Intervals;
}

/** What the trials of a search held. */
export function tradedOf(
  { experiment: { loaded }, data }: Pick<OptimizeWork, "experiment" | "data">,
  { run, maker }: Pick<RanTrials, "run" | "maker">,
  { times, dailyRows }: Pick<TrialClock, "times" | "dailyRows">,
): Traded {
  const marks = Float64Array.from(dailyRows, (row) => times[row]!);
  const ground = { data: data.assets, regimes: data.regimes.data };
  return {
    marks,
    held(place) {
      const plan = { ...loaded.plan, ...maker.patch(run.trials.at(place).assignment) };
      return heldIntervals(tradedPath(plan, ground, loaded.models).fills, marks);
    },
  };
}
