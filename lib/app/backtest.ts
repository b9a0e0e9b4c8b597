import type { Disk } from "../core/atomic_file.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import type { Proofs } from "../core/proofs.ts";
import type { RunRecord } from "../core/run_record.ts";
import { openSandbox } from "../engine/sandbox.ts";
import { type Deflated, loadWriter, type RunCard, runStore } from "../results/mod.ts";
import { codeFingerprint } from "./code_fingerprint.ts";
import { loadFor } from "./compute.ts";
import { deflatedOnRecord } from "./deflated.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { interruption, makeRun, refuseInterrupted, type RunToMake } from "./make_run.ts";
import { RESULTS_ROOT } from "./project.ts";
import { type DataQuality, dataQuality } from "./quality.ts";
import { bindingOf, type ProofWishes, storedProofs, wantedProofs } from "./proofs.ts";
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
  /** What validation says of the files behind it; absent where no proofs were asked for. */
  readonly quality?: DataQuality;
  /** Its Sharpe ratio against all trials on record when it was asked for. */
  readonly deflated?: Deflated;
  /** Why the engine's proofs could not be made, in one line: a limit of time or memory, not a finding. */
  readonly unproved?: string;
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
    const quality = wantedProofs(options).length === 0
      ? undefined
      : dataQuality(loaded, { root, fingerprint: data.fingerprint, disk: options.disk });
    // What fails is told below, after what stands first; nothing is left writing when the request is over.
    const settled = quality?.catch(() => {});
    const run = await findOrCompute(request).finally(() => settled);
    const found = await quality;
    const deflated = await deflatedOnRecord(run.card, root);
    const shown = { ...(found && { quality: found }), ...(deflated && { deflated }) };
    return { ...run, ...shown, durationMs: clock.elapsed() - begun };
  } finally {
    sandbox?.close();
  }
}

interface Request extends RunToMake {
  readonly options: BacktestOptions;
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
    await trial.finish(found, {});
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
  const stopWaiting = () => interrupted.reject(interruption());
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
  const { outcome, ...stored } = await makeRun(request, id, () => id);
  return { ...stored, origin: outcome === "saved" ? "computed" : "confirmed" };
}

/** Code that no fingerprint covers is never found again: its run is named after all that came out. */
async function computeUnsealed(request: Request): Promise<FoundRun> {
  const { loaded, data, code } = request;
  const asked = askedIdOf(loaded, data, code);
  const named = (record: RunRecord) => outcomeIdOf(loaded, data, { code, record });
  const { outcome: _, ...stored } = await makeRun(request, asked, named);
  return { ...stored, origin: "computed" };
}

function refuseAnother(id: string, expected: string | undefined): void {
  if (expected === undefined || id === expected) return;
  throw new Refusal(
    `Run ${expected} was made on other data, on these it would be ${id}; ` +
      `\`deno task verify ${expected}\` says what changed`,
    { exitCode: 3 },
  );
}
