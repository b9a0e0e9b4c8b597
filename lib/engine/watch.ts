import { memoryUsage } from "node:process";
import { type Clock, formatTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import { decisionTimes } from "./market.ts";
import type { Plan } from "./plan.ts";
import type { PulseReading } from "./pulse.ts";

/** How a sandboxed run is watched. */
export interface Watch {
  readonly clock: Clock;
  /** Longest a model may take for one decision. */
  readonly timeoutMs: number;
  /** Most memory the process may hold while models run, in megabytes; no limit when absent. */
  readonly memoryMb?: number;
  /** Longest the worker may take to load its models, or to be done with what a run before left behind; 30 s. */
  readonly startMs?: number;
  /** Told now and then how many of `count` decisions are done. */
  onProgress?(done: number, count: number): void;
  readonly signal?: AbortSignal;
}

const START_MS = 30_000;
const MB = 1e6;

/**
 * Looks at a run now and then: reports progress, and answers with the reason once it has to be stopped. `planAt` tells
 * the plan by trial, which is −1 where the request is for one run.
 */
export function watcher(
  planAt: (trial: number) => Plan,
  watch: Watch,
  read: () => PulseReading,
) {
  const plan = planAt(-1);
  const count = decisionTimes(plan).length;
  const heavy = memoryGuard(watch.memoryMb ?? Infinity);
  let last: PulseReading = { index: -1, model: -1, begun: false, trial: -1 };
  let movedAt = watch.clock.elapsed();
  let blamed = `The run of ${namesOf(plan)}`;

  const standstill = (): Refusal | undefined => {
    const waited = watch.clock.elapsed() - movedAt;
    if (!last.begun) {
      return waited > (watch.startMs ?? START_MS) ? neverBegun(plan, watch) : undefined;
    }
    if (last.model < 0 || waited <= watch.timeoutMs) return undefined;
    const where = last.index < 0
      ? "did not declare its features"
      : `did not decide for ${formatTime(decisionTimes(planAt(last.trial))[last.index]!)}`;
    return new Refusal(
      `${blamed} ${where} within ${watch.timeoutMs} ms (system.model_timeout_ms); it was stopped`,
    );
  };
  return (): Refusal | undefined => {
    const reading = read();
    if (reading.model >= 0) blamed = planAt(reading.trial).models[reading.model]!.name;
    const limit = heavy();
    if (limit !== undefined) {
      return new Refusal(
        `${blamed} used more than ${limit} MB of memory (system.model_memory_mb); it was stopped`,
      );
    }
    const stands = reading.index === last.index && reading.model === last.model &&
      reading.begun === last.begun && reading.trial === last.trial;
    if (stands) return standstill();
    last = reading;
    movedAt = watch.clock.elapsed();
    watch.onProgress?.(reading.index + 1, count);
    return undefined;
  };
}

/** The models of a plan, for messages about all of them. */
export function namesOf({ models }: Plan): string {
  return models.map(({ name }) => name).join(", ");
}

function neverBegun(plan: Plan, { startMs = START_MS }: Watch): Refusal {
  return new Refusal(
    `The sandbox of ${
      namesOf(plan)
    } did not begin within ${startMs} ms: a model that is being loaded, ` +
      "or what one left behind in an earlier run, does not end; it was stopped",
  );
}

/**
 * Answers with the limit in megabytes once the process holds more. A worker that reaches the limit of its heap would take
 * the whole process with it, so the run may not add more than three quarters of that, either.
 */
function memoryGuard(askedMb: number): () => number | undefined {
  let limit = askedMb;
  let heapAsked = askedMb === Infinity;
  const held = memoryUsage.rss() / MB;
  return () => {
    const used = memoryUsage.rss() / MB;
    if (!heapAsked && used > askedMb / 4) {
      heapAsked = true;
      // Late, since it takes longer to load than most runs take.
      void import("node:v8").then(({ getHeapStatistics }) => {
        limit = Math.min(
          askedMb,
          Math.ceil(held + 0.75 * getHeapStatistics().heap_size_limit / MB),
        );
      });
    }
    return used > limit ? limit : undefined;
  };
}
