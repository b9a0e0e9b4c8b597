import type { Disk } from "../../core/atomic_file.ts";
import type { Clock } from "../../core/clock.ts";
import type { Channel } from "../../engine/channel.ts";
import type { Executor } from "../../engine/sweep/crew.ts";
import type { Slice, TrialClock } from "../../engine/sweep/trial_row.ts";
import type { ExperimentStore, ResultsDatabase, ReturnsFile } from "../../results/mod.ts";
import type { CodeFingerprint } from "../code_fingerprint.ts";
import type { LoadedData } from "../load_data.ts";
import type { LoadedExperiment } from "./load_experiment.ts";
import type { Proposals } from "./proposals.ts";
import type { FoundPurge } from "./purge.ts";
import type { SearchProgress } from "./search_run.ts";
import type { SweepParts } from "./sweep_parts.ts";

/** How an experiment is run; none of it changes what comes out. */
export interface OptimizeOptions {
  /** Permission-less workers; as many as the machine has cores when absent. */
  readonly workers?: number;
  /** Runs and appraises again what is finished; trials that are on record are not run again, unless a limit ended them. */
  readonly force?: boolean;
  /** Takes trials for failed that a limit of time or memory ended, as they are on record, in place of running them again. */
  readonly takesCutShort?: boolean;
  readonly resultsRoot?: string;
  /** Folder of the winners' configurations; null writes none. */
  readonly optimizedFolder?: string | null;
  readonly clock?: Clock;
  readonly disk?: Disk;
  /** Stops the search; what is finished stays on record, and the same request goes on from there. */
  readonly signal?: AbortSignal;
  /** Who runs the trials in place of workers on this machine. */
  executor?(work: ExecutorWork): Executor;
  onProgress?(progress: SearchProgress): void;
  /** What is being done after the trials: tests over all of them, runs that are stored. */
  onStage?(stage: string): void;
  /** Called when another process runs the same experiment. */
  onWait?(): void;
}

/** How many workers a request wants on this machine. */
export function workersOf({ workers }: Pick<OptimizeOptions, "workers">): number {
  return workers ?? navigator.hardwareConcurrency;
}

/** What trials are run on. */
export interface ExecutorWork {
  readonly experiment: LoadedExperiment;
  readonly data: LoadedData;
  readonly returns: boolean;
  readonly slices: readonly Slice[];
}

/** One request for an experiment, with everything that running it takes. */
export interface OptimizeWork {
  readonly experiment: LoadedExperiment;
  readonly data: LoadedData;
  readonly code: CodeFingerprint;
  readonly id: string;
  readonly store: ExperimentStore;
  readonly database: ResultsDatabase;
  readonly clock: Clock;
  readonly root: string;
  readonly options: OptimizeOptions;
  /** Workers that were started ahead, lent to the crew on this machine. */
  readonly ready?: readonly Channel[];
}

/** How the trials of an experiment are measured. */
export interface SweepMeasures {
  readonly parts: SweepParts;
  readonly trialClock: TrialClock;
  /** Where daily returns lie, if anything is to be made of them. */
  readonly returns: ReturnsFile | undefined;
  /** The purge that was found after the trials; absent where it was given. */
  readonly purge?: FoundPurge;
  /** By window or split that was bred on: places of the trials it bred. */
  readonly pools?: Proposals["pools"];
  /** The objective of a row of figures, higher is better; NaN for none. */
  score(figures: Float64Array): number;
}
