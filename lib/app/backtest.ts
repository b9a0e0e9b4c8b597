import type { Disk } from "../core/atomic_file.ts";
import { type Clock, formatDate, systemClock } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import type { RunRecord } from "../core/run_record.ts";
import { type Plan, planText } from "../engine/plan.ts";
import { openSandbox, type Sandbox } from "../engine/sandbox.ts";
import {
  type CardParts,
  deriveRun,
  loadWriter,
  type RunCard,
  runStore,
  type RunStoreOnDisk,
  type SavedRun,
} from "../results/mod.ts";
import { type CodeFingerprint, codeFingerprint } from "./code_fingerprint.ts";
import { compute, loadFor } from "./compute.ts";
import type { LoadedData } from "./load_data.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { RESULTS_ROOT } from "./project.ts";
import { askedIdOf, outcomeIdOf, runIdOf } from "./run_id.ts";
import { beginTrial } from "./trial.ts";

/** How a backtest is run; none of it changes the result. */
export interface BacktestOptions {
  /** Computes the run even if it is there already; the same bytes must come out. */
  readonly force?: boolean;
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
  const find = async (): Promise<FoundRun | undefined> => {
    const found = options.force ? undefined : await store.find(id);
    if (!found) return undefined;
    // Asking again is on record too, and makes good a crash between storing a run and filing it.
    const trial = await beginTrial(request, id);
    await trial.finish(found, "found");
    return { ...found, origin: "found" };
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
): Promise<SavedRun> {
  const { loaded, data, options, store } = request;
  const trial = await beginTrial(request, asked);
  try {
    const record = await compute(loaded, data, { ...options, ...request });
    refuseInterrupted(options.signal);
    const parts = cardParts(request);
    const saved = await store.save(named(record), { record, derived: deriveRun(record), parts });
    await trial.finish(saved, "finished");
    return saved;
  } catch (error) {
    trial.fail(error);
    throw error;
  }
}

const INTERRUPTED = "Interrupted";

function refuseInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Refusal(INTERRUPTED);
}

function cardParts({ loaded, data, code }: Request): CardParts {
  const text = planText(loaded.plan);
  return {
    plan: yamlSpelling(loaded.plan),
    plan_hash: sha256(text),
    data: { fingerprint: data.fingerprint, files: data.files },
    code: {
      fingerprint: code.fingerprint,
      files: Object.keys(code.modules).length,
      deno: code.deno,
      packages: code.packages,
    },
    seed: loaded.plan.seed,
    sealed: loaded.sealed,
    warnings: [...planWarnings(loaded), ...data.warnings],
  };
}

/** The plan with keys spelled as in YAML and its range as dates: what a reader of the card expects. */
function yamlSpelling(plan: Plan): unknown {
  const spelled = JSON.parse(planText(plan), (_key, value: unknown) => {
    if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        // Names of models and symbols begin with a capital, parameters are spelled so already.
        /^[a-z]+[A-Z]/.test(key)
          ? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
          : key,
        item,
      ]),
    );
  });
  return { ...spelled, start: formatDate(plan.start), end: formatDate(plan.end - 1) };
}

/** What makes a result less than it seems. */
function planWarnings({ plan, sealed }: LoadedPlan): string[] {
  return [
    ...(plan.fill === "same_close"
      ? ["fills are at the close the decision was made on (same_close): optimistic"]
      : []),
    ...(sealed
      ? []
      : ["a model from outside the library took part: unsealed, not reproducible by id"]),
  ];
}
