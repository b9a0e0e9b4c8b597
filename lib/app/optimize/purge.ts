import { DAY_MS, upperBound } from "../../core/bars.ts";
import { Refusal } from "../../core/errors.ts";
import type { Intervals } from "../../learn/splits.ts";
import { crossSettings, leastTraining, type TrainingLeft } from "./sweep_parts.ts";
import type { RanTrials } from "./run_trials.ts";
import { tradedOf } from "./traded.ts";
import type { OptimizeWork, SweepMeasures } from "./work.ts";

/** A purge that is as long as trials need it. */
export interface FoundPurge {
  readonly days: number;
  /** Place of the first trial that needs so many; null where none needs any. */
  readonly trial: number | null;
}

/**
 * The whole days that must lie between training and test so that nothing overlaps, wherever tests lie: no two days overlap
 * that are farther apart.
 */
export function neededPurge({ start, end }: Intervals, marks: Float64Array): number {
  let longest = 0;
  for (let day = 0; day < start.length; day++) {
    // Starts ascend: the last day that begins by then is the farthest that overlaps with this one.
    const last = upperBound(start, end[day]!) - 1;
    if (last > day) longest = Math.max(longest, marks[last]! + 1 - marks[day + 1]!);
  }
  return Math.ceil(longest / DAY_MS);
}

/**
 * What `purge_days: auto` comes to: the longest purge that any trial needs, whichever wins a split, from its own fills.
 * Undefined where a number is given. Refuses trials that hold positions for so long that too few days are left to train on.
 */
export async function foundPurge(
  work: OptimizeWork,
  ran: RanTrials,
  { trialClock }: Pick<SweepMeasures, "trialClock">,
): Promise<FoundPurge | undefined> {
  const settings = crossSettings(work.experiment.search.validation);
  if (settings?.purge_days !== "auto") return undefined;
  const traded = tradedOf(work, ran, trialClock);
  const { count } = ran.run.trials;
  let found: FoundPurge = { days: 0, trial: null };
  for (let trial = 0; trial < count; trial++) {
    if (trial % TRIALS_AT_ONCE === 0) await pause(work, `purge for trial ${trial + 1} of ${count}`);
    if (ran.run.trials.failure(trial) !== null) continue;
    const days = neededPurge(traded.held(trial), traded.marks);
    if (days <= found.days) continue;
    found = { days, trial };
    refuseShort(found, leastTraining(trialClock, { ...settings, purge_days: days }));
  }
  return found;
}

const TRIALS_AT_ONCE = 16;

/** Says how far it is, and lets in whoever wants to stop it. */
async function pause({ options }: OptimizeWork, stage: string): Promise<void> {
  options.onStage?.(stage);
  await new Promise((resolve) => setTimeout(resolve));
  if (options.signal?.aborted) throw new Refusal("Interrupted");
}

function refuseShort({ days, trial }: FoundPurge, { least, of, isEnough }: TrainingLeft): void {
  if (isEnough) return;
  throw new Refusal(
    `experiment.validation.purge_days: found auto, which trial ${trial} makes ${days} days by how long it holds positions; ` +
      `they leave ${least} of ${of} days to train on in some split, expected a number of days, fewer folds, ` +
      "or parameters with which positions are held for less",
  );
}
