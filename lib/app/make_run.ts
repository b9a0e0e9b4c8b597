import type { Disk } from "../core/atomic_file.ts";
import type { Clock } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import type { Luck, Proofs } from "../core/proofs.ts";
import type { RunRecord } from "../core/run_record.ts";
import type { Sandbox } from "../engine/sandbox.ts";
import {
  deriveBenchmarks,
  type DerivedRun,
  deriveRun,
  luckOf,
  type ProofName,
  proofStore,
  type RunStoreOnDisk,
  type SavedRun,
  trialResult,
} from "../results/mod.ts";
import { cardParts } from "./card_parts.ts";
import type { CodeFingerprint } from "./code_fingerprint.ts";
import { compute, computeForProof, type ComputeOptions } from "./compute.ts";
import type { LoadedData } from "./load_data.ts";
import type { LoadedPlan } from "./load_plan.ts";
import {
  bindingOf,
  type EngineAnswer,
  engineAnswer,
  engineWork,
  type ProofWishes,
  wantedProofs,
  withLuck,
} from "./proofs.ts";
import { beginTrial } from "./trial.ts";

/** A request for a run, with everything that making it takes. */
export interface RunToMake {
  readonly loaded: LoadedPlan;
  readonly data: LoadedData;
  readonly code: CodeFingerprint;
  readonly clock: Clock;
  /** When the request came, on `clock.elapsed`. */
  readonly begun: number;
  /** Folder of the results. */
  readonly root: string;
  /** One store for the whole request: it knows which run it holds. */
  readonly store: RunStoreOnDisk;
  readonly sandbox: Sandbox | undefined;
  readonly options: ProofWishes & {
    readonly name?: string;
    readonly disk?: Disk;
    readonly signal?: AbortSignal;
    onProgress?(done: number, count: number): void;
  };
}

/** A run that was stored, with what it can show for itself, and why it cannot show more. */
export interface MadeRun extends SavedRun {
  readonly proofs: Proofs;
  readonly unproved?: string;
}

/** Computes and stores a run under a trial row that is written first, so that no disliked run can be forgotten. */
export async function makeRun(
  request: RunToMake,
  asked: string,
  named: (record: RunRecord) => string,
): Promise<MadeRun> {
  const trial = await beginTrial(request, asked);
  let made: SavedRun & Pick<ComputedRun, "record" | "luck" | "engine">;
  try {
    const { record, derived, luck, engine } = await computeRun(
      { ...request.options, ...request },
      wantedProofs(request.options),
    );
    refuseInterrupted(request.options.signal);
    const parts = cardParts(request);
    const saved = await request.store.save(named(record), { record, derived, parts });
    await trial.finish(saved, { result: trialResult(record, derived) });
    made = { ...saved, record, luck, engine };
  } catch (error) {
    trial.fail(error);
    throw error;
  }
  return await proved(request, made);
}

/** Files the proofs beside the run, which is stored by now whatever becomes of them. */
async function proved(
  { code, root, options }: RunToMake,
  { record, luck, engine, ...saved }: SavedRun & Pick<ComputedRun, "record" | "luck" | "engine">,
): Promise<MadeRun> {
  const { proofs: answered, unproved } = await engine;
  const proofs = withLuck(record, answered, luck);
  await proofStore(root, options.disk ? { disk: options.disk } : {})
    .write(bindingOf(saved.card, code), proofs);
  return { ...saved, proofs, ...(unproved === undefined ? {} : { unproved }) };
}

/** A run and what follows from it; the engine's proofs are made while it is being worked on. */
export interface ComputedRun {
  readonly record: RunRecord;
  readonly derived: DerivedRun;
  readonly luck: Luck | undefined;
  readonly engine: Promise<EngineAnswer>;
}

/** Computes a run with these kinds of proof, and stores nothing. */
export async function computeRun(
  { loaded, data, ...surroundings }: ComputeOptions & Pick<RunToMake, "loaded" | "data">,
  names: readonly ProofName[],
): Promise<ComputedRun> {
  if (names.length === 0) {
    const record = await compute(loaded, data, surroundings);
    const derived = deriveRun(record);
    return { record, derived, luck: undefined, engine: Promise.resolve({ proofs: {} }) };
  }
  const { seed } = loaded.plan;
  const proofs = engineWork(names);
  const bare = await computeForProof(loaded, data, { ...surroundings, proofs });
  const engine = engineAnswer(bare.proofs);
  engine.catch(() => {}); // told when its turn has come
  // While the benchmarks are being run.
  const derived = deriveRun(bare.record);
  const luck = names.includes("luck") ? luckOf(bare.record, derived, { seed }) : undefined;
  const record = { ...bare.record, benchmarks: await bare.benchmarks };
  return { record, derived: { ...derived, benchmarks: deriveBenchmarks(record) }, luck, engine };
}

/** What an interrupted request is refused with. */
export function interruption(): Refusal {
  return new Refusal("Interrupted");
}

/** Ends work that nobody waits for any more. */
export function refuseInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interruption();
}
