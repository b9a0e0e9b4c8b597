import type { Plan } from "../plan.ts";
import type { PackedTrials } from "./queue_patch.ts";
import type { Slice } from "./trial_row.ts";

/** What coordinators and workers speak. A change of anything below is a new number; the first two fields of a note never change. */
export const PROTOCOL = 1;

/** What an experiment says of itself to whoever would work on it. */
export interface ExperimentNote {
  readonly protocol: number;
  readonly name: string;
  readonly id: string;
  /** Fingerprints of code and data that its trials are to be run with. */
  readonly code: string;
  readonly data: string;
  readonly base: Plan;
  readonly returns: boolean;
  readonly slices: readonly Slice[];
  readonly timeoutMs: number;
  readonly memoryMb: number | null;
  /** A job whose worker has not been heard of for so long is given to another. */
  readonly lockMs: number;
  /** The data, with a reference in place of each column. */
  readonly ground: unknown;
}

/** One job: some trials. */
export interface TrialsJob {
  readonly protocol: number;
  readonly id: string;
  readonly code: string;
  readonly data: string;
  /** `PackedTrials` as exact text. */
  readonly trials: string;
}

/** What stands before the numbers of a result. */
export interface ResultHead {
  readonly protocol: number;
  readonly job: string;
  readonly worker: string;
  /** Wall time of the job. */
  readonly ms: number;
  readonly trials: PackedTrials;
  /** Figures per trial. */
  readonly width: number;
  /** Daily returns per trial, -1 where there are none. */
  readonly days: readonly number[];
  /** By place in the job: why a trial failed. */
  readonly failures: readonly (readonly [place: number, message: string])[];
  /** By place in the job: trials that a limit of time or memory ended. */
  readonly cutShort: readonly number[];
}

/** What a worker says of itself now and then. */
export interface WorkerNote {
  readonly protocol: number;
  readonly name: string;
  /** Permission-less workers behind it. */
  readonly sandboxes: number;
  readonly code: string;
  /** Trials since it joined, and a second at present. */
  readonly trials: number;
  readonly rate: number;
  /** Names of experiments it works on. */
  readonly experiments: readonly string[];
  readonly isLeaving: boolean;
}

/** Everything of this project in a Redis begins so. */
const ROOT = "assay";

/** Names in Redis. */
export const KEYS = {
  experiments: `${ROOT}:experiments`,
  workers: `${ROOT}:workers`,
  workerNumber: `${ROOT}:worker-number`,
  worker: (name: string) => `${ROOT}:worker:${name}`,
  /** Columns are by content: experiments on the same data share them. */
  chunk: (hash: string, place: number) => `${ROOT}:data:${hash}:${place}`,
  /** What the keys of an experiment's queue begin with. */
  prefix: (id: string) => `${ROOT}:${id}`,
  note: (id: string) => `${ROOT}:${id}:note`,
  results: (id: string) => `${ROOT}:${id}:results`,
  refusals: (id: string) => `${ROOT}:${id}:refusals`,
  coordinator: (id: string) => `${ROOT}:${id}:coordinator`,
  coordinatorNumber: `${ROOT}:coordinator-number`,
  job: (id: string, job: string) => `${ROOT}:${id}:${QUEUE}:${job}`,
};

/** The queue of each experiment, under the experiment's prefix. */
export const QUEUE = "trials";

const DAY_S = 24 * 60 * 60;

/** How long things stay in Redis without anybody who renews them, in seconds. */
export const KEEP = {
  /** What an experiment that was broken off needs to be taken up again. */
  experiment: 7 * DAY_S,
  data: DAY_S,
  refusals: DAY_S,
  worker: 10,
} as const;

/** Refuses what another version wrote, with both numbers; undefined when there is nothing to refuse. */
export function protocolRefusal(found: unknown): string | undefined {
  if (found === PROTOCOL) return undefined;
  const isNewer = typeof found === "number" && found > PROTOCOL;
  return `speaks protocol ${JSON.stringify(found)}${
    isNewer ? " of a newer version" : ""
  }, this worker speaks ${PROTOCOL}: bring ${
    isNewer ? "the worker" : "the coordinator"
  } up to date`;
}
