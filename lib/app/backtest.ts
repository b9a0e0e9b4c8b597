import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, systemClock } from "../core/clock.ts";
import { canonicalJson, hashColumns, sha256 } from "../core/hash.ts";
import type { RunRecord } from "../core/run_record.ts";
import { execute } from "../engine/execute.ts";
import { planText } from "../engine/plan.ts";
import { openSandbox, type Sandbox } from "../engine/sandbox.ts";
import { type FeatureCache, featureCache } from "../features/mod.ts";
import {
  ARTEFACT_FORMAT,
  type CardParts,
  deriveRun,
  loadWriter,
  openDatabase,
  type RunCard,
  runStore,
  type RunStoreOnDisk,
  type StoredRun,
} from "../results/mod.ts";
import { type CodeFingerprint, codeFingerprint } from "./code_fingerprint.ts";
import { loadData, type LoadedData } from "./load_data.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { RESULTS_ROOT } from "./project.ts";

/** How a backtest is run; none of it changes the result. */
export interface BacktestOptions {
  /** Computes the run even if it is there already; the same bytes must come out. */
  readonly force?: boolean;
  /** Name under which the run is filed; the experiment's when absent. */
  readonly name?: string;
  /** 0 computes in this process, without a sandbox; otherwise how many sandbox workers share the work. */
  readonly threads?: number;
  readonly resultsRoot?: string;
  readonly clock?: Clock;
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
    const [data, code] = await Promise.all([loadData(loaded), codeFingerprint()]);
    const root = options.resultsRoot ?? RESULTS_ROOT;
    const store = runStore(root);
    const request = { loaded, data, code, options, clock, begun, root, store, sandbox };
    const run = await findOrCompute(request);
    return { ...run, durationMs: clock.elapsed() - begun };
  } finally {
    sandbox?.close();
  }
}

/** The id of the run that a plan makes on these data with this code. */
export function runIdOf(loaded: LoadedPlan, data: LoadedData, code: CodeFingerprint): string {
  return idFrom({
    plan: planText(loaded.plan),
    data: data.fingerprint,
    code: code.fingerprint,
    artefacts: ARTEFACT_FORMAT,
  });
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
  return await find() ?? await store.exclusive(
    id,
    async () => await find() ?? await compute(request, id),
    options.onWait ? { onWait: () => options.onWait!() } : {},
  );
}

/** Computes and stores a run under a trial row that is written first, so that no disliked run can be forgotten. */
async function compute(request: Request, id: string): Promise<FoundRun> {
  const { options, store } = request;
  const trial = await beginTrial(request, id);
  try {
    const record = await execution(request);
    options.signal?.throwIfAborted();
    const saved = await store.save(id, {
      record,
      derived: deriveRun(record),
      parts: cardParts(request),
    });
    await trial.finish(saved, "finished");
    const origin = saved.outcome === "saved" ? "computed" : "confirmed";
    return { id, folder: saved.folder, card: saved.card, origin };
  } catch (error) {
    trial.fail(error);
    throw error;
  }
}

/** Code that no fingerprint covers is never found again: its run is named after what came out. */
async function computeUnsealed(request: Request): Promise<FoundRun> {
  const { loaded, data, code, store } = request;
  const asked = runIdOf(loaded, data, code);
  const trial = await beginTrial(request, asked);
  try {
    const record = await execution(request);
    const id = idFrom({
      asked,
      outcome: hashColumns([record.nav, record.cash]),
      models: loaded.models.map((model) => `${model.features}${model.decide}`),
    });
    const derived = deriveRun(record);
    const saved = await store.save(id, { record, derived, parts: cardParts(request) });
    await trial.finish(saved, "finished");
    return { id, folder: saved.folder, card: saved.card, origin: "computed" };
  } catch (error) {
    trial.fail(error);
    throw error;
  }
}

async function execution({ loaded, data, options, clock, sandbox }: Request): Promise<RunRecord> {
  const run = { plan: loaded.plan, data: data.assets };
  if (!sandbox) return execute(run, loaded.models, { cache: sharedCache() });
  return await sandbox.run(run, {
    clock,
    timeoutMs: loaded.config.system.model_timeout_ms,
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
}

interface Trial {
  finish(run: StoredRun, status: "finished" | "found"): Promise<void>;
  fail(error: unknown): void;
}

/** A row in the record of trials. The record stays open until the trial ends; nothing is locked in between. */
async function beginTrial(request: Request, runId: string): Promise<Trial> {
  const { clock, root, loaded, options } = request;
  const experiment = loaded.config.experiment?.name ?? null;
  const database = await openDatabase(databaseFile(root));
  const trial = database.beginTrial(runId, { startedAt: clock.now(), experiment });
  return {
    async finish({ card, folder }, status) {
      const createdAt = clock.now();
      const host = await hostName();
      database.recordRun({
        card,
        folder,
        name: options.name ?? experiment ?? "backtest",
        experiment,
        createdAt,
        durationMs: clock.elapsed() - request.begun,
        host,
        models: loaded.plan.models,
      });
      database.finishTrial(trial, { status, finishedAt: createdAt });
      database.close();
    },
    fail(error) {
      const interrupted = options.signal?.aborted === true;
      database.finishTrial(trial, {
        status: interrupted ? "interrupted" : "failed",
        finishedAt: clock.now(),
        message: firstLine(error),
      });
      database.close();
    },
  };
}

/** Where the index of runs and trials lies. */
export function databaseFile(root: string): string {
  return join(root, "assay.db");
}

function cardParts({ loaded, data, code }: Request): CardParts {
  const text = planText(loaded.plan);
  return {
    plan: JSON.parse(text),
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
    warnings: planWarnings(loaded),
  };
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

function idFrom(parts: Readonly<Record<string, unknown>>): string {
  return sha256(canonicalJson(parts)).slice(0, 16);
}

let cache: FeatureCache | undefined;

/** Features stay warm between the runs of a notebook. */
function sharedCache(): FeatureCache {
  return cache ??= featureCache();
}

async function hostName(): Promise<string> {
  try {
    return (await readFile("/etc/hostname", "utf8")).trim();
  } catch {
    return "";
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
}
