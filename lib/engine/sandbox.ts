import { Refusal } from "../core/errors.ts";
import type { BenchmarkRecord, RunRecord } from "../core/run_record.ts";
import { type Channel, Ended, oneLine, openChannel } from "./channel.ts";
import type { RunRequest } from "./execute.ts";
import { dealOut, type DeclaredTimeframes, type ReadyColumn } from "./feature_shares.ts";
import type { Plan } from "./plan.ts";
import type { EngineProofs, ProofRequest } from "./prove.ts";
import { pulseMemory } from "./pulse.ts";
import type { SandboxReply, SandboxRequest } from "./requests.ts";
import type { Occasion, TradingDecision } from "./trading/decide_once.ts";
import type { Watch } from "./watch.ts";

export type { Watch } from "./watch.ts";

/** Workers without any permission, started ahead of their work so that nobody waits for them. */
export interface Sandbox {
  /**
   * One run at a time, each in workers that have seen no other: a model that remembered an earlier run, against the rules,
   * would know the future. A run that is stopped takes the sandbox with it.
   */
  run(request: RunRequest, watch: Watch): Promise<RunRecord>;
  /** The same run, told as soon as it is made; its benchmarks and its proofs follow from the same worker. */
  runForProof(request: RunRequest, proofs: ProofRequest, watch: Watch): Promise<RunInProof>;
  /**
   * One decision of a trading session, in workers that have seen no other, and the next ones are started at once; with
   * `keepWorkers` in those of the one before, which is faster, and can tell no future either.
   */
  decide(request: RunRequest, occasion: Occasion, watch: Watch): Promise<TradingDecision>;
  /** Which bars the models of a plan want to see: asked of the models, so it is asked in here. */
  timeframes(plan: Plan, watch: Watch): Promise<DeclaredTimeframes>;
  close(): void;
}

/** A run without its benchmarks, and what is still to come; both fail with the sandbox. */
export interface RunInProof {
  readonly record: RunRecord;
  readonly benchmarks: Promise<readonly BenchmarkRecord[]>;
  readonly proofs: Promise<EngineProofs>;
}

/** What a sandbox is made of. */
export interface SandboxOptions {
  /** Workers; more than one share the features of the assets, the decisions are one worker's. */
  readonly threads?: number;
  /** Whether decisions of a session are made in one worker. */
  readonly keepWorkers?: boolean;
  /** The worker's module; the models that ship with the library unless a test brings others. */
  readonly module?: URL;
}

/** Starts a sandbox. */
export function openSandbox(options: SandboxOptions = {}): Sandbox {
  const module = options.module ?? new URL("./worker.ts", import.meta.url);
  const { keepWorkers = false } = options;
  let channels: readonly Channel[] = [];
  let hasRun = false;
  let stopped: string | undefined;
  let busy = false;
  const end = () => {
    for (const channel of channels) channel.end(`The sandbox is closed: ${stopped ?? CLOSED}`);
  };
  const close = (why: string) => {
    stopped ??= why;
    end();
  };
  const begin = () => {
    channels = Array.from(
      { length: options.threads ?? 1 },
      () => openChannel(module, { onFall: close }),
    );
  };
  begin();
  const ask = async (channel: Channel, request: SandboxRequest, watch: Watch) => {
    const reply = await channel.ask(request, watch).catch((error) => {
      if (!(error instanceof Ended)) close("a run in it was stopped");
      throw error;
    });
    if (reply.status === "refused") throw new Refusal(oneLine(reply.message));
    if (reply.status === "broken") throw new Error(oneLine(reply.message));
    return reply;
  };
  const featuresOf = async (request: RunRequest, watch: Watch): Promise<ReadyColumn[]> => {
    const shares = dealOut(request.data, channels.length);
    // All of them are waited for: an answer that nobody takes would be taken for the next one's.
    const settled = await Promise.allSettled(shares.map((data, i) => {
      const share = { plan: request.plan, data, ask: "features", pulse: pulseMemory() } as const;
      return ask(channels[i]!, share, quiet(watch));
    }));
    const failed = settled.flatMap((one) => one.status === "rejected" ? [one.reason as Error] : []);
    // Whoever was ended with the others is not the one to tell.
    if (failed.length > 0) throw failed.find((why) => !(why instanceof Ended)) ?? failed[0];
    const answers = settled.flatMap((answer) =>
      answer.status === "fulfilled" ? [answer.value] : []
    );
    return answers.flatMap((answer) => answer.status === "features" ? answer.columns : []);
  };
  /** Takes the sandbox for one thing, and gives it back with `release`; nothing is begun once it is over. */
  const take = (watch: Watch) => {
    if (stopped !== undefined) throw new Refusal(`The sandbox is closed: ${stopped}`);
    if (watch.signal?.aborted) throw new Refusal("Interrupted");
    if (busy) throw new RangeError("A sandbox serves one run at a time, and it has one");
    busy = true;
    return () => busy = false;
  };
  /** Fresh workers, and the request with its features computed ahead where several can share that work. */
  const prepared = async (request: RunRequest, watch: Watch): Promise<RunRequest> => {
    if (hasRun) {
      end();
      begin();
    }
    hasRun = true;
    const ahead = channels.length > 1 && request.data.length > 1;
    return ahead ? { ...request, columns: await featuresOf(request, watch) } : request;
  };
  return {
    async run(request, watch) {
      const release = take(watch);
      try {
        const whole = await prepared(request, watch);
        const asked = { ...whole, ask: "run", pulse: pulseMemory() } as const;
        return recordIn(await ask(channels[0]!, asked, watch));
      } finally {
        end();
        release();
      }
    },
    async runForProof(request, proofs, watch) {
      const release = take(watch);
      let isOver = false;
      const over = () => {
        // Whoever comes second may find the workers of the next run.
        if (isOver) return;
        isOver = true;
        end();
        release();
      };
      try {
        const whole = await prepared(request, watch);
        const [first] = channels;
        const run = ask(first!, { ...whole, ask: "rehearsable", pulse: pulseMemory() }, watch);
        // Asked at once, so that the worker goes on by itself while its first answer is being worked on.
        const rest = { plan: request.plan, data: [] } as const;
        const benchmarks = request.benchmarks
          ? ask(first!, { ...rest, ask: "benchmarks", pulse: pulseMemory() }, waiting(watch))
            .then(benchmarksIn)
          : Promise.resolve([]);
        const proven = ask(
          first!,
          { ...rest, ask: "proofs", proofs, pulse: pulseMemory() },
          waiting(watch),
        ).then(proofsIn).finally(over);
        for (const later of [benchmarks, proven]) later.catch(() => {}); // told to whoever asks
        return { record: recordIn(await run), benchmarks, proofs: proven };
      } catch (error) {
        over();
        throw error;
      }
    },
    async decide(request, occasion, watch) {
      const release = take(watch);
      try {
        const asked = { ...request, occasion, ask: "decision", pulse: pulseMemory() } as const;
        const reply = await ask(channels[0]!, asked, watch);
        if (reply.status !== "decision") throw unexpected(reply);
        return reply.decision;
      } finally {
        if (stopped === undefined && !keepWorkers) {
          end();
          begin();
        }
        release();
      }
    },
    async timeframes(plan, watch) {
      const release = take(watch);
      const asked = { plan, data: [], ask: "timeframes", pulse: pulseMemory() } as const;
      const reply = await ask(channels[0]!, asked, quiet(watch)).finally(release);
      if (reply.status !== "timeframes") throw unexpected(reply);
      return reply.timeframes;
    },
    close: () => close(CLOSED),
  };
}

const CLOSED = "it was closed";

/** Without a word about progress: that is the run's own. */
function quiet({ onProgress: _, ...watch }: Watch): Watch {
  return watch;
}

/** For what waits behind other work of the same worker, however long that takes. */
function waiting(watch: Watch): Watch {
  return { ...quiet(watch), startMs: Infinity };
}

function recordIn(reply: SandboxReply): RunRecord {
  if (reply.status !== "run") throw unexpected(reply);
  return reply.record;
}

function benchmarksIn(reply: SandboxReply): readonly BenchmarkRecord[] {
  if (reply.status !== "benchmarks") throw unexpected(reply);
  return reply.benchmarks;
}

function proofsIn(reply: SandboxReply): EngineProofs {
  if (reply.status !== "proofs") throw unexpected(reply);
  return reply.proofs;
}

function unexpected({ status }: SandboxReply): Error {
  return new Error(`The sandbox answered ${status} to something else`);
}
