import { Refusal } from "../core/errors.ts";
import type { RunRecord } from "../core/run_record.ts";
import type { RunRequest } from "./execute.ts";
import { dealOut, type DeclaredTimeframes, memoryOf, type ReadyColumn } from "./feature_shares.ts";
import type { Plan } from "./plan.ts";
import type { EngineProofs, ProofRequest } from "./prove.ts";
import { pulseMemory, readPulse } from "./pulse.ts";
import type { SandboxReply, SandboxRequest } from "./requests.ts";
import { namesOf, type Watch, watcher } from "./watch.ts";

export type { Watch } from "./watch.ts";

/** Workers without any permission, started ahead of their work so that nobody waits for them. */
export interface Sandbox {
  /**
   * One run at a time, each in workers that have seen no other: a model that remembered an earlier run, against the rules,
   * would know the future. A run that is stopped takes the sandbox with it.
   */
  run(request: RunRequest, watch: Watch): Promise<RunRecord>;
  /** The same, in workers that wait afterwards to be asked for proofs of it. */
  runForProof(request: RunRequest, watch: Watch): Promise<RunRecord>;
  /** Goes over the run that was made for it, once more and in the same place. */
  prove(plan: Plan, proofs: ProofRequest, watch: Watch): Promise<EngineProofs>;
  /** Which bars the models of a plan want to see: asked of the models, so it is asked in here. */
  timeframes(plan: Plan, watch: Watch): Promise<DeclaredTimeframes>;
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
  let workers: readonly Worker[] = [];
  let hasRun = false;
  let stopped: string | undefined;
  let busy = false;
  const end = () => {
    // A worker that is busy does not hear this before it is done, and may never be: such a one ends with the process.
    for (const worker of workers) worker.terminate();
  };
  const close = (why: string) => {
    stopped ??= why;
    end();
  };
  const begin = () => {
    workers = Array.from(
      { length: options.threads ?? 1 },
      () => new Worker(module, { type: "module", deno: { permissions: "none" } }),
    );
    for (const worker of workers) worker.onerror = (event) => close(fallen(event));
  };
  begin();
  const ask = async (worker: Worker, request: SandboxRequest, watch: Watch) => {
    const reply = await answerOf(worker, request, watch).catch((error) => {
      close("a run in it was stopped");
      throw error;
    });
    if (reply.status === "refused") throw new Refusal(oneLine(reply.message));
    if (reply.status === "broken") throw new Error(oneLine(reply.message));
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
  const wholeRun = async (
    request: RunRequest,
    watch: Watch,
    what: "run" | "rehearsable",
  ): Promise<SandboxReply> => {
    const ahead = workers.length > 1 && request.data.length > 1;
    const columns = ahead ? await featuresOf(request, watch) : [];
    const whole: SandboxRequest = { ...request, columns, ask: what, pulse: pulseMemory() };
    return await ask(workers[0]!, whole, watch);
  };
  /** One thing at a time, and nothing once it is over. */
  const alone = async <Result>(watch: Watch, work: () => Promise<Result>): Promise<Result> => {
    if (stopped !== undefined) throw new Refusal(`The sandbox is closed: ${stopped}`);
    if (watch.signal?.aborted) throw new Refusal("Interrupted");
    if (busy) throw new RangeError("A sandbox serves one run at a time, and it has one");
    busy = true;
    return await work().finally(() => busy = false);
  };
  const freshRun = async (request: RunRequest, watch: Watch, what: "run" | "rehearsable") => {
    const reply = await alone(watch, async () => {
      if (hasRun) {
        end();
        begin();
      }
      hasRun = true;
      const run = wholeRun(request, watch, what);
      return await (what === "run" ? run.finally(end) : run);
    });
    if (reply.status !== "run") throw new Error(`The sandbox answered ${reply.status} to a run`);
    return reply.record;
  };
  return {
    run: (request, watch) => freshRun(request, watch, "run"),
    runForProof: (request, watch) => freshRun(request, watch, "rehearsable"),
    async prove(plan, proofs, watch) {
      const request: SandboxRequest = {
        plan,
        data: [],
        ask: "proofs",
        proofs,
        pulse: pulseMemory(),
      };
      const { onProgress: _, ...quiet } = watch;
      const reply = await alone(watch, () => ask(workers[0]!, request, quiet).finally(end));
      if (reply.status !== "proofs") throw new Error(`The sandbox answered ${reply.status}`);
      return reply.proofs;
    },
    async timeframes(plan, watch) {
      const request: SandboxRequest = { plan, data: [], ask: "timeframes", pulse: pulseMemory() };
      const { onProgress: _, ...quiet } = watch;
      const reply = await alone(watch, () => ask(workers[0]!, request, quiet));
      if (reply.status !== "timeframes") throw new Error(`The sandbox answered ${reply.status}`);
      return reply.timeframes;
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
    const onError = (event: ErrorEvent) => stop(() => reject(blame(request, fallen(event))));
    const onAbort = () => stop(() => reject(new Refusal("Interrupted")));
    const look = watcher(request.plan, watch, () => readPulse(request.pulse));
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
function fallen(event: ErrorEvent): string {
  event.preventDefault();
  return `The sandbox failed: ${oneLine(event.message.split("\n")[0]!)}`;
}

/** Why a run ended with its worker, with the name of the model that was being asked, else of all that may have done it. */
function blame({ plan, pulse }: SandboxRequest, message: string): Refusal {
  const { model, begun } = readPulse(pulse);
  if (!begun) return new Refusal(`The models of ${namesOf(plan)} could not be loaded. ${message}`);
  return new Refusal(`${plan.models[model]?.name ?? namesOf(plan)} ended its run. ${message}`);
}

/** Words of a model, fit to be printed: on one line, without codes that move a terminal's cursor, and not endless. */
function oneLine(text: string): string {
  const shown = text.length > 1000 ? `${text.slice(0, 1000)}…` : text;
  return shown.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}
