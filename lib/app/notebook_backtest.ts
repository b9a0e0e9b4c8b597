import { openTables, type StoredTables } from "../results/mod.ts";
import { backtest as backtestHere, type BacktestOptions, type Run } from "./backtest.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { inPlace, kernel, type Progress, progress } from "./notebook.ts";
import type { Job, JobNews, JobOptions } from "./notebook_job.ts";
import { newsApart } from "./notebook_process.ts";
import { openRun } from "./runs.ts";

/** A finished run that charts can be drawn from. */
export interface ShownRun extends Run {
  readonly tables: StoredTables;
}

/**
 * Runs a plan on its data, stores the run and files the trial. The same request finds the finished run. From a notebook
 * it is computed in a process of its own, which ends its work even if the kernel is interrupted, restarted or gone; a
 * model that was defined in a cell can only run in the kernel.
 */
export async function backtest(
  loaded: LoadedPlan,
  options: BacktestOptions = {},
): Promise<ShownRun> {
  const notebook = kernel();
  if (!notebook) return withTables(await backtestHere(loaded, options));
  const bar = progress("Backtest", { place: inPlace(notebook) });
  const onProgress = options.onProgress ?? bar.show;
  try {
    // A clock or disk of one's own cannot be told to another process.
    const isTellable = loaded.sealed && !options.clock && !options.disk;
    const run = isTellable
      ? await backtestApart(loaded, { ...options, onProgress, ...waiting(bar, options) })
      : withTables(await backtestHere(loaded, { ...options, onProgress }));
    await bar.end(`Run ${run.id} · ${run.origin}`);
    return run;
  } catch (error) {
    await bar.end("Backtest did not finish");
    throw error;
  }
}

/** Runs a sealed plan in a process of its own, with the permissions of `deno task backtest` and not one more. */
export async function backtestApart(
  loaded: LoadedPlan,
  { signal, onProgress, onWait, ...rest }: BacktestOptions = {},
): Promise<ShownRun> {
  const { audit, proofs, force, mustBe, name, threads, resultsRoot } = rest;
  const options = { audit, proofs, force, mustBe, name, threads, resultsRoot } as JobOptions;
  const { config, plan, dataRoot } = loaded;
  const job: Job = { config, plan, dataRoot, options };
  const work = {
    ...{ task: "backtest", module: "lib/app/notebook_child.ts", job, signal } as const,
    writes: resultsRoot === undefined ? undefined : [resultsRoot],
  };
  for await (const news of newsApart<JobNews>(work)) {
    if (news.kind === "progress") onProgress?.(news.done, news.count);
    else if (news.kind === "waiting") onWait?.();
    else {
      const { id, origin, durationMs } = news;
      const opened = await openRun(id, resultsRoot === undefined ? {} : { resultsRoot });
      return { ...opened, origin, durationMs };
    }
  }
  throw new Error("The process of the backtest ended without an answer");
}

function waiting(bar: Progress, { onWait }: BacktestOptions) {
  const tell = () => void bar.end("Another process is computing this run; waiting for it");
  return { onWait: onWait ?? tell };
}

function withTables(run: Run): ShownRun {
  return { ...run, tables: openTables(run.folder) };
}
