import { type Clock, systemClock } from "../../core/clock.ts";
import type { RedisAddress } from "../../engine/sweep/queue_address.ts";
import { openQueue, type QueueExecutor } from "../../engine/sweep/queue_executor.ts";
import { queueLibrary } from "../../engine/sweep/queue_library.ts";
import type { WorkerNote } from "../../engine/sweep/queue_protocol.ts";
import type { Executor } from "../../engine/sweep/crew.ts";
import { codeFingerprint, searchFingerprint } from "../code_fingerprint.ts";
import { experimentIdOf } from "./experiment_id.ts";
import { trialCodeFingerprint } from "./queue_fingerprints.ts";
import type { ExecutorWork } from "./work.ts";

export type { WorkerNote } from "../../engine/sweep/queue_protocol.ts";

/** How trials are given to workers anywhere. */
export interface RedisSweepOptions {
  readonly address: RedisAddress;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** See `QueueOptions`. */
  readonly lockMs?: number;
  readonly patienceMs?: number;
  onNote?(text: string): void;
  onWorkers?(workers: readonly WorkerNote[]): void;
}

/** The part of a search that hands its trials to a queue. */
export interface RedisSweep {
  /** For `OptimizeOptions.executor`. */
  readonly executor: (work: ExecutorWork) => Executor;
  /** Resolves once the queue is cleared away. */
  closed(): Promise<void>;
}

/** Trials run by whoever takes them from a queue in Redis, to the same bits as here. */
export function redisSweep(options: RedisSweepOptions): RedisSweep {
  const opened: QueueExecutor[] = [];
  // It takes longer to load than everything else that comes before the first trial.
  queueLibrary().catch(() => {});
  return {
    executor: (work) => {
      let queue: Promise<QueueExecutor> | undefined;
      let isClosed = false;
      const open = async () => {
        const made = openQueue(await queueOptions(work, options));
        opened.push(made);
        if (isClosed) made.close();
        return made;
      };
      return {
        run: async (trials, onFinished) => await (await (queue ??= open())).run(trials, onFinished),
        close() {
          isClosed = true;
          for (const one of opened) one.close();
        },
      };
    },
    closed: async () => {
      await Promise.all(opened.map((queue) => queue.closed()));
    },
  };
}

async function queueOptions(
  { experiment, data, returns, slices }: ExecutorWork,
  { address, signal, clock = systemClock, lockMs, patienceMs, onNote, onWorkers }:
    RedisSweepOptions,
) {
  const { loaded, search } = experiment;
  const [code, searching] = await Promise.all([codeFingerprint(), searchFingerprint()]);
  const { system } = loaded.config;
  return {
    address,
    experiment: {
      name: search.name,
      id: experimentIdOf(experiment, { data: data.fingerprint, code, searching }),
      code: await trialCodeFingerprint(),
      data: data.fingerprint,
    },
    base: loaded.plan,
    data: data.assets,
    regimes: data.regimes.data,
    watch: {
      clock,
      timeoutMs: system.model_timeout_ms,
      memoryMb: system.model_memory_mb,
      ...(signal ? { signal } : {}),
    },
    ...{ returns, slices },
    ...(lockMs === undefined ? {} : { lockMs }),
    ...(patienceMs === undefined ? {} : { patienceMs }),
    ...(onNote ? { onNote } : {}),
    ...(onWorkers ? { onWorkers } : {}),
  };
}
