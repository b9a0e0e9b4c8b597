import { type Clock, formatTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import type { RunRecord } from "../core/run_record.ts";
import type { RunRequest } from "./execute.ts";
import { dealOut, memoryOf, type ReadyColumn } from "./feature_shares.ts";
import { decisionTimes } from "./market.ts";
import { pulseMemory, type PulseReading, readPulse } from "./pulse.ts";
import type { SandboxReply, SandboxRequest } from "./requests.ts";

/** How a sandboxed run is watched. */
export interface Watch {
  readonly clock: Clock;
  /** Longest a model may take for one decision. */
  readonly timeoutMs: number;
  /** Told now and then how many of `count` decisions are done. */
  onProgress?(done: number, count: number): void;
  readonly signal?: AbortSignal;
}

/** Workers without any permission, started ahead of their work so that nobody waits for them. */
export interface Sandbox {
  /** One run at a time. A run that is stopped takes the sandbox with it. */
  run(request: RunRequest, watch: Watch): Promise<RunRecord>;
  close(): void;
}

/** What a sandbox is made of. */
export interface SandboxOptions {
  /** Workers; more than one share the features of the assets, the decisions are one worker's. */
  readonly threads?: number;
  /** The worker's module; the models that ship with the library unless a test brings others. */
  readonly module?: URL;
}

const LOOK_EVERY_MS = 20;

/** Starts a sandbox. */
export function openSandbox(options: SandboxOptions = {}): Sandbox {
  const module = options.module ?? new URL("./worker.ts", import.meta.url);
  const workers = Array.from(
    { length: options.threads ?? 1 },
    () => new Worker(module, { type: "module", deno: { permissions: "none" } }),
  );
  let stopped: string | undefined;
  let busy = false;
  const close = (why: string) => {
    stopped ??= why;
    for (const worker of workers) worker.terminate();
  };
  for (const worker of workers) worker.onerror = (event) => fallen(event, close);
  const ask = async (worker: Worker, request: SandboxRequest, watch: Watch) => {
    const reply = await answerOf(worker, request, watch).catch((error) => {
      close("a run in it was stopped");
      throw error;
    });
    if (reply.status === "refused") throw new Refusal(reply.message);
    if (reply.status === "broken") throw new Error(reply.message);
    return reply;
  };
  const featuresOf = async (request: RunRequest, watch: Watch): Promise<ReadyColumn[]> => {
    const shares = dealOut(request.data, workers.length);
    // All of them are waited for: an answer that nobody takes would be taken for the next one's.
    const settled = await Promise.allSettled(shares.map((data, i) => {
      const share: SandboxRequest = {
        plan: request.plan,
        data,
        ask: "features",
        pulse: pulseMemory(),
      };
      const { onProgress: _, ...quiet } = watch;
      return ask(workers[i]!, share, quiet);
    }));
    const failed = settled.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
    const answers = settled.flatMap((answer) =>
      answer.status === "fulfilled" ? [answer.value] : []
    );
    return answers.flatMap((answer) => answer.status === "features" ? answer.columns : []);
  };
  const wholeRun = async (request: RunRequest, watch: Watch): Promise<SandboxReply> => {
    const ahead = workers.length > 1 && request.data.length > 1;
    const columns = ahead ? await featuresOf(request, watch) : [];
    return await ask(workers[0]!, { ...request, columns, ask: "run", pulse: pulseMemory() }, watch);
  };
  return {
    async run(request, watch) {
      if (stopped !== undefined) throw new Refusal(`The sandbox is closed: ${stopped}`);
      if (watch.signal?.aborted) throw new Refusal("Interrupted");
      if (busy) throw new RangeError("A sandbox serves one run at a time, and it has one");
      busy = true;
      const reply = await wholeRun(request, watch).finally(() => busy = false);
      if (reply.status !== "run") throw new Error(`The sandbox answered ${reply.status} to a run`);
      return reply.record;
    },
    close: () => close("it was closed"),
  };
}

/** The worker's answer, unless it stands still, is interrupted, or fails. */
function answerOf(worker: Worker, request: SandboxRequest, watch: Watch): Promise<SandboxReply> {
  return new Promise((resolve, reject) => {
    const stop = (end: () => void) => {
      clearInterval(timer);
      worker.removeEventListener("error", onError);
      watch.signal?.removeEventListener("abort", onAbort);
      end();
    };
    const onError = (event: ErrorEvent) => stop(() => reject(new Refusal(fallen(event, () => {}))));
    const onAbort = () => stop(() => reject(new Refusal("Interrupted")));
    const look = watcher(request, watch, () => readPulse(request.pulse));
    const timer = setInterval(() => {
      const overdue = look();
      if (overdue) stop(() => reject(overdue));
    }, LOOK_EVERY_MS);
    watch.signal?.addEventListener("abort", onAbort);
    worker.onmessage = ({ data }: MessageEvent<SandboxReply>) => stop(() => resolve(data));
    worker.addEventListener("error", onError);
    worker.postMessage(request, memoryOf(request.columns ?? []));
  });
}

/** A worker has ended by itself, perhaps between two runs: nobody will answer in it again. */
function fallen(event: ErrorEvent, close: (why: string) => void): string {
  event.preventDefault();
  const message = `The sandbox failed: ${event.message.split("\n")[0]}`;
  close(message);
  return message;
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
