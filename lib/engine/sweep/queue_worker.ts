import { Refusal } from "../../core/errors.ts";
import { TRIAL_FIGURES } from "../../core/trial_figures.ts";
import type { RegimeData } from "../../regime/mod.ts";
import type { AssetData } from "../plan.ts";
import type { Watch } from "../watch.ts";
import { type FinishedTrial, openCrew } from "./crew.ts";
import { isFull, type RedisLink } from "./queue_connection.ts";
import type { QueuedJob } from "./queue_library.ts";
import { fromExactText, type PackedTrials, patchOf, unpacked } from "./queue_patch.ts";
import {
  type ExperimentNote,
  KEYS,
  protocolRefusal,
  QUEUE,
  type TrialsJob,
} from "./queue_protocol.ts";
import { type PackedResult, packResult } from "./queue_results.ts";

/** Jobs that one worker has at a time: while one's results travel the other keeps its sandboxes busy. */
export const JOBS_AT_ONCE = 2;
/** A job may lose so many workers before it is handed back to its coordinator. */
const MOST_STALLS = 5;
const PUSH_AGAIN_MS = 500;
/** Results of a worker that is to leave are tried for so long. */
const LAST_PUSHES = 20;

/** Work on one experiment, going on by itself. */
export interface ServedExperiment {
  /** Finishes the jobs that have been begun, and takes no more. */
  close(): Promise<void>;
}

/** What it takes to serve an experiment. */
export interface ServeOptions {
  readonly link: RedisLink;
  readonly note: ExperimentNote;
  readonly data: readonly AssetData[];
  readonly regimes?: RegimeData | undefined;
  readonly name: string;
  readonly sandboxes: number;
  readonly clock: Watch["clock"];
  /** The sandboxes' module; the models that ship with the library unless a test brings others. */
  readonly module?: URL;
  onTrials(count: number): void;
  onTrouble(message: string): void;
  /** A job was given back as it is not for this worker, which takes no more of them. */
  onRefuse(message: string): void;
}

/** Takes jobs of an experiment, runs them in sandboxes of this machine, and sends back what came out. */
export function serveExperiment(options: ServeOptions): ServedExperiment {
  const { link, note, data, regimes, clock, onTrouble } = options;
  const crew = openCrew({
    base: note.base,
    ...{ data, regimes, workers: options.sandboxes, returns: note.returns, slices: note.slices },
    watch: {
      clock,
      timeoutMs: note.timeoutMs,
      ...(note.memoryMb === null ? {} : { memoryMb: note.memoryMb }),
    },
    ...(options.module ? { module: options.module } : {}),
  });
  let isClosing = false;
  const send = sender(link, note, { onTrouble, isClosing: () => isClosing });
  const work = async (job: QueuedJob, token?: string): Promise<null> => {
    const asked = job.data as TrialsJob;
    const refusal = refusalOfJob(asked, note);
    if (refusal !== undefined) {
      options.onRefuse(refusal);
      await job.moveToDelayed(clock.now() + PUSH_AGAIN_MS, token);
      throw new link.library.DelayedError();
    }
    const trials = fromExactText(asked.trials) as PackedTrials;
    const begun = clock.elapsed();
    const patches = unpacked(trials).map((differences) => patchOf(note.base, differences));
    const finished: FinishedTrial[] = [];
    await crew.run({
      count: patches.length,
      *[Symbol.iterator]() {
        for (const [place, patch] of patches.entries()) yield { place, patch };
      },
    }, (some) => finished.push(...some));
    const ms = clock.elapsed() - begun;
    const width = (1 + note.slices.length) * TRIAL_FIGURES.length;
    await send(packResult(finished, { job: job.id, worker: options.name, ms, trials, width }));
    options.onTrials(finished.length);
    return null;
  };
  const worker = new link.library.Worker(QUEUE, work, {
    connection: link.options,
    prefix: KEYS.prefix(note.id),
    concurrency: JOBS_AT_ONCE,
    lockDuration: note.lockMs,
    stalledInterval: note.lockMs,
    maxStalledCount: MOST_STALLS,
    drainDelay: 1,
  });
  // What goes wrong on the way to Redis passes, or the job goes to another: its own trials never raise it.
  worker.on("error", (error) => {
    if (isFull(error)) onTrouble(`Redis at ${link.where} is full; waiting for room`);
  });
  worker.on("failed", (_job, error) => {
    onTrouble(`a job failed: ${error instanceof Error ? error.message : error}`);
  });
  return {
    async close() {
      isClosing = true;
      await worker.close();
      crew.close();
    },
  };
}

/** A job that another version wrote, or for other code or data than this worker was opened with. */
function refusalOfJob(job: TrialsJob, note: ExperimentNote): string | undefined {
  const protocol = protocolRefusal(job.protocol);
  if (protocol !== undefined) return `job of ${note.name} ${protocol}`;
  const odd = (["code", "data"] as const).find((kind) => job[kind] !== note[kind]);
  return odd && fingerprintRefusal(odd, { found: note[odd], expected: String(job[odd]) });
}

/** Why an experiment is not for this worker: both fingerprints, shortened. */
export function fingerprintRefusal(
  kind: "code" | "data",
  { found, expected }: { readonly found: string; readonly expected: string },
): string {
  const short = (text: string) => text.slice(0, 16);
  return `found ${kind} fingerprint ${short(found)}, the experiment expects ${short(expected)}`;
}

/** Sends results, again and again while Redis has no room: they are lost only with the worker, and then made again. */
function sender(
  { redis, where }: RedisLink,
  { id }: ExperimentNote,
  { onTrouble, isClosing }: { onTrouble(message: string): void; isClosing(): boolean },
) {
  return async ({ head, body }: PackedResult): Promise<void> => {
    for (let left = LAST_PUSHES;;) {
      try {
        // An experiment that is over has no list any more, and must not get a new one.
        const fields = ["head", head, "body", body] as const;
        await redis.call("XADD", KEYS.results(id), "NOMKSTREAM", "*", ...fields);
        return;
      } catch (error) {
        if (!isFull(error)) throw error;
        onTrouble(`Redis at ${where} is full; results wait for room`);
        if (isClosing() && left-- === 0) {
          throw new Refusal(`Redis at ${where} is full; a job is left to others`);
        }
        await new Promise((resolve) => setTimeout(resolve, PUSH_AGAIN_MS));
      }
    }
  };
}
