import { readFile } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import type { Clock } from "../core/clock.ts";
import {
  openDatabase,
  type StoredRun,
  type TrialResult,
  trialResultOfCard,
} from "../results/mod.ts";
import { familyOf } from "./family.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { PROJECT_ROOT } from "./project.ts";

/** One request for a run, on record since before its result was known. Either end closes the record. */
export interface Trial {
  /** Files the run as well, unless it is on record already. `result` is absent where the run was found. */
  finish(run: StoredRun, end: { readonly result?: TrialResult }): Promise<void>;
  /** Failed, or interrupted where the request's signal says so. */
  fail(error: unknown): void;
}

/** Whose trial it is. */
export interface TrialRequest {
  readonly loaded: LoadedPlan;
  /** Folder of the results. */
  readonly root: string;
  readonly clock: Clock;
  /** When the request came, on `clock.elapsed`. */
  readonly begun: number;
  readonly options: { readonly name?: string; readonly signal?: AbortSignal };
}

/** Writes a trial down. The record stays open until the trial ends; nothing is locked in between. */
export async function beginTrial(request: TrialRequest, runId: string): Promise<Trial> {
  const { clock, root, loaded, options } = request;
  const experiment = loaded.config.experiment?.name ?? null;
  const database = await openDatabase(databaseFile(root));
  const trial = database.beginTrial(runId, {
    startedAt: clock.now(),
    experiment,
    ...familyOf(loaded.plan),
  });
  return {
    async finish({ card, folder }, { result }) {
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
        dataRoot: fromProject(loaded.dataRoot),
        models: loaded.plan.models,
      });
      database.finishTrial(trial, {
        status: result ? "finished" : "found",
        finishedAt: createdAt,
        result: result ?? trialResultOfCard(card),
        ...(card.run_id === runId ? {} : { outcomeId: card.run_id }),
      });
      database.close();
    },
    fail(error) {
      const status = options.signal?.aborted ? "interrupted" : "failed";
      const message = firstLine(error);
      try {
        database.finishTrial(trial, { status, finishedAt: clock.now(), message });
      } catch {
        // The first failure is the one to tell.
      } finally {
        database.close();
      }
    },
  };
}

/** Where the index of runs and trials lies. */
export function databaseFile(root: string): string {
  return join(root, "assay.db");
}

/** A folder as a record keeps it: a project that is moved or copied finds its own data again. */
function fromProject(folder: string): string {
  const inside = relative(PROJECT_ROOT, folder);
  const outside = isAbsolute(inside) || inside.split(sep)[0] === "..";
  return outside ? folder : inside.replaceAll(sep, "/");
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
