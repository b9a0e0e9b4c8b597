import type { Disk } from "../core/atomic_file.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import type { Luck, Proofs } from "../core/proofs.ts";
import type { RunRecord } from "../core/run_record.ts";
import type { EngineProofs } from "../engine/prove.ts";
import { openSandbox, type Sandbox } from "../engine/sandbox.ts";
import {
  deriveBenchmarks,
  type DerivedRun,
  deriveRun,
  loadWriter,
  luckOf,
  proofStore,
  type RunCard,
  runStore,
  type RunStoreOnDisk,
  type SavedRun,
} from "../results/mod.ts";
import { cardParts } from "./card_parts.ts";
import { type CodeFingerprint, codeFingerprint } from "./code_fingerprint.ts";
import { compute, computeForProof, loadFor } from "./compute.ts";
import type { LoadedData } from "./load_data.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { RESULTS_ROOT } from "./project.ts";
import {
  bindingOf,
  engineWork,
  orFailed,
  type ProofWishes,
  storedProofs,
  wantedProofs,
  withLuck,
} from "./proofs.ts";
import { askedIdOf, outcomeIdOf, runIdOf } from "./run_id.ts";
import { beginTrial } from "./trial.ts";

/** How a backtest is run; none of it changes the result. */
export interface BacktestOptions extends ProofWishes {
  /** Computes the run even if it is there already; the same bytes must come out. */
  readonly force?: boolean;
  /** The run that must come out: another one, which other data would make, is refused before it is computed. */
  readonly mustBe?: string;
  /** Name under which the run is filed; the experiment's when absent. */
  readonly name?: string;
  /** 0 computes in this process, without a sandbox; otherwise how many sandbox workers share the work. */
  readonly threads?: number;
  readonly resultsRoot?: string;
  /** Where the run's files are written; a test puts a failing one in its place. */
  readonly disk?: Disk;
  readonly clock?: Clock;
  /** Stops the run before anything of it is stored. */
  readonly signal?: AbortSignal;
  onProgress?(done: number, count: number): void;
  /** Called when another process is computing the same run. */
  onWait?(): void;
}

/** A finished run and how this request came by it. */
export interface Run {
  readonly id: string;
  readonly folder: string;
  readonly card: RunCard;
  /** What it can show for itself, as far as it was asked to. */
  readonly proofs: Proofs;
  /** `computed` now, `found` from before, or computed again and `confirmed` byte by byte. */
  readonly origin: "computed" | "found" | "confirmed";
  /** Wall time of this request, in milliseconds. */
  readonly durationMs: number;
}

/** Runs a plan on its data, stores the run and files the trial. The same request finds the finished run. */
export async function backtest(
  loaded: LoadedPlan,
  options: BacktestOptions = {},
): Promise<Run> {
  const clock = options.clock ?? systemClock;
  const begun = clock.elapsed();
  // The sandbox starts while the data load; a model from outside the library can only run here.
  const threads = options.threads ?? 1;
  const sandbox = loaded.sealed && threads > 0 ? openSandbox({ threads }) : undefined;
  void loadWriter(); // will be needed when the sandbox has done its work
  try {
    const [data, code] = await Promise.all([
      loadFor(loaded, { sandbox, clock, signal: options.signal }),
      codeFingerprint(),
    ]);
    const root = options.resultsRoot ?? RESULTS_ROOT;
    const store = runStore(root, options.disk ? { disk: options.disk } : {});
    const request = { loaded, data, code, options, clock, begun, root, store, sandbox };
    const run = await findOrCompute(request);
    return { ...run, durationMs: clock.elapsed() - begun };
  } finally {
    sandbox?.close();
  }
}

interface Request {
  readonly loaded: LoadedPlan;
  readonly data: LoadedData;
  readonly code: CodeFingerprint;
  readonly options: BacktestOptions;
  readonly clock: Clock;
  readonly begun: number;
  readonly root: string;
  /** One store for the whole request: it knows which run it holds. */
  readonly store: RunStoreOnDisk;
  readonly sandbox: Sandbox | undefined;
}

type FoundRun = Omit<Run, "durationMs">;

async function findOrCompute(request: Request): Promise<FoundRun> {
  const { loaded, data, code, options, store } = request;
  await store.cleanUp();
  refuseInterrupted(options.signal);
  if (!loaded.sealed) return await computeUnsealed(request);
  const id = runIdOf(loaded, data, code);
  refuseAnother(id, options.mustBe);
  const find = async (): Promise<FoundRun | undefined> => {
    const found = options.force ? undefined : await store.find(id);
    if (!found) return undefined;
    // Asking again is on record too, and makes good a crash between storing a run and filing it.
    const binding = bindingOf(found.card, code);
    const { proofs, lacking } = await storedProofs(request.root, binding, wantedProofs(options));
    // What lacks a proof is computed again, which must make the same bytes, to get it.
    if (lacking.length > 0) return undefined;
    const trial = await beginTrial(request, id);
    await trial.finish(found, "found");
    return { ...found, proofs, origin: "found" };
  };
  return await find() ?? await alone(
    request,
    id,
    async () => await find() ?? await computeSealed(request, id),
  );
}

/** Does the work while no other process does it. An interruption ends the wait for another one. */
async function alone(
  { store, options: { signal, onWait } }: Request,
  id: string,
  work: () => Promise<FoundRun>,
): Promise<FoundRun> {
  const interrupted = Promise.withResolvers<never>();
  const stopWaiting = () => interrupted.reject(new Refusal(INTERRUPTED));
  const done = store.exclusive(id, async () => {
    signal?.removeEventListener("abort", stopWaiting);
    refuseInterrupted(signal);
    return await work();
  }, {
    onWait() {
      signal?.addEventListener("abort", stopWaiting);
      onWait?.();
    },
  });
  return await Promise.race([done, interrupted.promise]);
}

async function computeSealed(request: Request, id: string): Promise<FoundRun> {
  const { outcome, ...stored } = await onTrial(request, id, () => id);
  return { ...stored, origin: outcome === "saved" ? "computed" : "confirmed" };
}

/** Code that no fingerprint covers is never found again: its run is named after all that came out. */
async function computeUnsealed(request: Request): Promise<FoundRun> {
  const { loaded, data, code } = request;
  const asked = askedIdOf(loaded, data, code);
  const named = (record: RunRecord) => outcomeIdOf(loaded, data, { code, record });
  const { outcome: _, ...stored } = await onTrial(request, asked, named);
  return { ...stored, origin: "computed" };
}

/** Computes and stores a run under a trial row that is written first, so that no disliked run can be forgotten. */
async function onTrial(
  request: Request,
  asked: string,
  named: (record: RunRecord) => string,
): Promise<ProvedRun> {
  const { options, store, root, code } = request;
  const trial = await beginTrial(request, asked);
  try {
    const { record, derived, luck, engine } = await computed(request);
    refuseInterrupted(options.signal);
    const saved = await store.save(named(record), { record, derived, parts: cardParts(request) });
    await trial.finish(saved, "finished");
    const proofs = withLuck(record, await engine, luck);
    await proofStore(root, options.disk ? { disk: options.disk } : {})
      .write(bindingOf(saved.card, code), proofs);
    return { ...saved, proofs };
  } catch (error) {
    trial.fail(error);
    throw error;
  }
}

type ProvedRun = SavedRun & { readonly proofs: Proofs };

/** A run and what follows from it; the engine's proofs are made while it is being stored. */
interface ComputedRun {
  readonly record: RunRecord;
  readonly derived: DerivedRun;
  readonly luck: Luck | undefined;
  readonly engine: Promise<EngineProofs>;
}

async function computed(request: Request): Promise<ComputedRun> {
  const { loaded, data, options } = request;
  const surroundings = { ...options, ...request };
  const { seed } = loaded.plan;
  const names = wantedProofs(options);
  if (names.length === 0) {
    const record = await compute(loaded, data, surroundings);
    const derived = deriveRun(record);
    return { record, derived, luck: undefined, engine: Promise.resolve({}) };
  }
  const proofs = engineWork(names);
  const bare = await computeForProof(loaded, data, { ...surroundings, proofs });
  const engine = orFailed(bare.proofs, seed);
  engine.catch(() => {}); // told when its turn has come
  // While the benchmarks are being run.
  const derived = deriveRun(bare.record);
  const luck = names.includes("luck") ? luckOf(bare.record, derived, { seed }) : undefined;
  const record = { ...bare.record, benchmarks: await bare.benchmarks };
  return { record, derived: { ...derived, benchmarks: deriveBenchmarks(record) }, luck, engine };
}

function refuseAnother(id: string, expected: string | undefined): void {
  if (expected === undefined || id === expected) return;
  throw new Refusal(
    `Run ${expected} was made on other data, on these it would be ${id}; ` +
      `\`deno task verify ${expected}\` says what changed`,
    { exitCode: 3 },
  );
}

const INTERRUPTED = "Interrupted";

function refuseInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Refusal(INTERRUPTED);
}
