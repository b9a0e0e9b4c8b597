import { Refusal } from "../core/errors.ts";
import type { BenchmarkRecord, RunRecord } from "../core/run_record.ts";
import { isBuilt } from "../features/builders.ts";
import type { Feature } from "../features/feature.ts";
import { type FeatureCache, featureCache } from "../features/pipeline.ts";
import { frozenCopy } from "../models/frozen.ts";
import type { Model } from "../models/model.ts";
import { runBenchmarks } from "./benchmarks.ts";
import { execute, type RunRequest } from "./execute.ts";
import {
  type DeclaredTimeframes,
  declaredTimeframes,
  featureColumns,
  memoryOf,
  type ReadyColumn,
} from "./feature_shares.ts";
import { type EngineProofs, type ProofRequest, prove } from "./prove.ts";
import { lastBeat, pulseOn } from "./pulse.ts";
import { type Rehearsable, rehearsable } from "./simulate.ts";
import {
  answerOrder,
  memoryOfAnswer,
  type ServedSweep,
  serveSweep,
  type SweepAnswer,
  type SweepOrder,
} from "./sweep/serve_sweep.ts";
import { trialPlan } from "./sweep/trial_plan.ts";
import { decideOnce, type Occasion, type TradingDecision } from "./trading/decide_once.ts";

/**
 * What a sandbox is asked: a whole run; a run to be gone over again, and then its benchmarks and its proofs; only the
 * features of some assets; which bars those need; one decision of a trading session; or to serve a sweep, and then one
 * order of it after the other.
 */
export type SandboxRequest =
  & RunRequest
  & {
    readonly ask:
      | "run"
      | "rehearsable"
      | "benchmarks"
      | "proofs"
      | "features"
      | "timeframes"
      | "decision"
      | "sweep"
      | "order";
    readonly pulse: SharedArrayBuffer;
    readonly proofs?: ProofRequest;
    readonly order?: SweepOrder;
    readonly occasion?: Occasion;
  };

/** What it answers: what was asked for, a refusal in one line, or the text of a broken promise. */
export type SandboxReply =
  | { readonly status: "run"; readonly record: RunRecord }
  | { readonly status: "benchmarks"; readonly benchmarks: readonly BenchmarkRecord[] }
  | { readonly status: "proofs"; readonly proofs: EngineProofs }
  | { readonly status: "features"; readonly columns: readonly ReadyColumn[] }
  | { readonly status: "timeframes"; readonly timeframes: DeclaredTimeframes }
  | { readonly status: "decision"; readonly decision: TradingDecision }
  | { readonly status: "sweep" }
  | { readonly status: "order"; readonly answer: SweepAnswer }
  | { readonly status: "refused"; readonly message: string }
  | { readonly status: "broken"; readonly message: string };

/**
 * Models as a sandbox runs them: what they declare is read once, and their features are ones of the library, since a
 * feature is computed on whole columns and could keep them, with all that is still to come.
 */
export function guarded(models: readonly Model[]): readonly Model[] {
  return Object.freeze(models.map((model) =>
    Object.freeze<Model>({
      ...model,
      features: (parameters) => onlyBuilt(model.features(parameters)),
      schedule: (parameters) => frozenCopy(model.schedule(parameters)),
    })
  ));
}

function onlyBuilt(declared: Readonly<Record<string, Feature>>): Readonly<Record<string, Feature>> {
  return Object.fromEntries(
    Object.entries(declared).map(([name, feature]) => {
      if (isBuilt(feature)) return [name, feature];
      throw new TypeError(`${JSON.stringify(name)} is none of the library's features`);
    }),
  );
}

const SPOILT =
  "The sandbox is closed: a promise that a model made in an earlier run failed when the run was over";

/** What a worker keeps between requests: the run it has made to be gone over again, and its features; or a sweep. */
export interface Kept {
  run?: { readonly run: Rehearsable; readonly cache: FeatureCache };
  sweep?: ServedSweep;
}

/** That run, now being worked on; none where it failed. */
function keptRun({ run }: Kept, pulse: SharedArrayBuffer): NonNullable<Kept["run"]> {
  if (!run) throw new RangeError("There is no run here to go over again");
  pulseOn(pulse);
  return run;
}

/** Serves one request with these models; nothing is thrown. A sandbox that an earlier one spoilt refuses it. */
export function answerRequest(
  message: unknown,
  models: readonly Model[],
  { spoilt = false, kept = {} }: { readonly spoilt?: boolean; readonly kept?: Kept } = {},
): { reply: SandboxReply; transfer: Transferable[] } {
  if (spoilt) return { reply: { status: "refused", message: SPOILT }, transfer: [] };
  const { ask, pulse, proofs, order, occasion, ...asked } = message as SandboxRequest;
  try {
    if (ask === "sweep") {
      pulseOn(pulse);
      kept.sweep = serveSweep(asked.plan, asked, models);
      return { reply: { status: ask }, transfer: [] };
    }
    if (ask === "order") {
      const wordsOfTrial = (error: unknown) => {
        const { index, model, trial } = lastBeat(pulse);
        const { models } = trialPlan({ plan: asked.plan, order: order! }, trial);
        const declaring = index < 0 ? models[model]?.name : undefined;
        return failure(error, declaring).message.split("\n")[0]!;
      };
      const options = { models, pulse: pulseOn(pulse), wordsOf: wordsOfTrial };
      const answer = answerOrder(kept.sweep!, order!, options);
      return { reply: { status: ask, answer }, transfer: memoryOfAnswer(answer) };
    }
    if (ask === "decision") {
      const decision = decideOnce(asked, occasion!, models, { pulse: pulseOn(pulse) });
      return { reply: { status: ask, decision }, transfer: [] };
    }
    if (ask === "features") {
      const ready = featureColumns(asked.plan, asked.data, { models, pulse: pulseOn(pulse) });
      return { reply: { status: ask, columns: ready }, transfer: memoryOf(ready) };
    }
    if (ask === "timeframes") {
      const timeframes = declaredTimeframes(asked.plan, { models, pulse: pulseOn(pulse) });
      return { reply: { status: ask, timeframes }, transfer: [] };
    }
    if (ask === "rehearsable") {
      const cache = featureCache();
      const run = rehearsable(asked, models, { cache, pulse: pulseOn(pulse) });
      kept.run = { run, cache };
      return { reply: { status: "run", record: run.record }, transfer: [] };
    }
    if (ask === "benchmarks") {
      const { run, cache } = keptRun(kept, pulse);
      const benchmarks = runBenchmarks(run.request, cache);
      return { reply: { status: ask, benchmarks }, transfer: [] };
    }
    if (ask === "proofs") {
      const { run } = keptRun(kept, pulse);
      const proven = prove(run, models, { ...proofs!, pulse: pulseOn(pulse) });
      return { reply: { status: ask, proofs: proven }, transfer: [] };
    }
    const record = execute(asked, models, { pulse: pulseOn(pulse) });
    const transfer = [record.nav, record.cash].map(({ buffer }) => buffer as ArrayBuffer);
    return { reply: { status: ask, record }, transfer };
  } catch (error) {
    const { index, model } = lastBeat(pulse);
    const declaring = index < 0 ? asked.plan.models[model]?.name : undefined;
    return { reply: failure(error, declaring), transfer: [] };
  }
}

/** What was thrown, in words; `declaring` is the model that was being set up, whose own words may be meant to deceive. */
function failure(
  error: unknown,
  declaring: string | undefined,
): Extract<SandboxReply, { readonly message: string }> {
  const { message, refused } = wordsOf(error);
  if (declaring === undefined) return { status: refused ? "refused" : "broken", message };
  const named = message.startsWith(`${declaring} `) ? message : `${declaring} failed: ${message}`;
  return { status: "refused", message: named };
}

function wordsOf(error: unknown): { message: string; refused: boolean } {
  try {
    if (error instanceof Refusal) return { message: String(error.message), refused: true };
    return {
      message: error instanceof Error ? error.stack || error.message : String(error),
      refused: false,
    };
  } catch {
    return { message: "it threw something that cannot be told", refused: false };
  }
}
