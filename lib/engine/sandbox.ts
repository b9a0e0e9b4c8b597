import type { Clock } from "../core/clock.ts";
import { formatTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import type { RunRecord } from "../core/run_record.ts";
import type { RunRequest } from "./execute.ts";
import { decisionTimes } from "./market.ts";
import { pulseMemory, type PulseReading, readPulse } from "./pulse.ts";
import type { SandboxReply, SandboxRequest } from "./worker.ts";

/** How a sandboxed run is watched. */
export interface Watch {
  readonly clock: Clock;
  /** Longest a model may take for one decision. */
  readonly timeoutMs: number;
  /** Told now and then how many of `count` decisions are done. */
  onProgress?(done: number, count: number): void;
  readonly signal?: AbortSignal;
}

/** A worker without any permission, started ahead of its work so that the two do not wait for each other. */
export interface Sandbox {
  run(request: RunRequest, watch: Watch): Promise<RunRecord>;
  close(): void;
}

const LOOK_EVERY_MS = 20;

/** Starts a sandbox. It loads the models that ship with the library and serves one run at a time. */
export function openSandbox(): Sandbox {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    type: "module",
    deno: { permissions: "none" },
  });
  return {
    run: (request, watch) => runIn(worker, request, watch),
    close: () => worker.terminate(),
  };
}

function runIn(worker: Worker, request: RunRequest, watch: Watch): Promise<RunRecord> {
  const pulse = pulseMemory();
  return new Promise((resolve, reject) => {
    const stop = (end: () => void) => {
      clearInterval(timer);
      watch.signal?.removeEventListener("abort", onAbort);
      end();
    };
    const fail = (error: Error) =>
      stop(() => {
        worker.terminate();
        reject(error);
      });
    const onAbort = () => fail(new Refusal("Interrupted"));
    const look = watcher(request, watch, () => readPulse(pulse));
    const timer = setInterval(() => {
      const overdue = look();
      if (overdue) fail(overdue);
    }, LOOK_EVERY_MS);
    watch.signal?.addEventListener("abort", onAbort);
    worker.onmessage = ({ data }: MessageEvent<SandboxReply>) =>
      stop(() => {
        if (data.status === "done") resolve(data.record);
        else if (data.status === "refused") reject(new Refusal(data.message));
        else reject(new Error(data.message));
      });
    worker.onerror = (event) => {
      event.preventDefault();
      fail(new Refusal(`The sandbox failed: ${event.message.split("\n")[0]}`));
    };
    const message: SandboxRequest = { ...request, pulse };
    worker.postMessage(message);
  });
}

/** Reports progress, and an error once the run has stood at one decision for too long. */
function watcher({ plan }: RunRequest, watch: Watch, read: () => PulseReading) {
  const times = decisionTimes(plan);
  let last: PulseReading = { index: -1, model: -1 };
  let movedAt = watch.clock.elapsed();
  return (): Refusal | undefined => {
    const reading = read();
    const now = watch.clock.elapsed();
    if (reading.index !== last.index || reading.model !== last.model) {
      last = reading;
      movedAt = now;
      watch.onProgress?.(reading.index + 1, times.length);
      return undefined;
    }
    if (reading.model < 0 || now - movedAt <= watch.timeoutMs) return undefined;
    const { name } = plan.models[reading.model]!;
    const where = reading.index < 0
      ? "did not declare its features"
      : `did not decide for ${formatTime(times[reading.index]!)}`;
    return new Refusal(
      `${name} ${where} within ${watch.timeoutMs} ms (system.model_timeout_ms); it was stopped`,
    );
  };
}
