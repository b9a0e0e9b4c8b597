import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Refusal } from "../core/errors.ts";
import { openTables, type StoredTables } from "../results/mod.ts";
import { backtest as backtestHere, type BacktestOptions, type Run } from "./backtest.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { inPlace, kernel, type Progress, progress } from "./notebook.ts";
import type { Job, JobNews, JobOptions } from "./notebook_job.ts";
import { inProject, PROJECT_ROOT } from "./project.ts";
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
  if (signal?.aborted) throw new Refusal("Interrupted");
  const { audit, proofs, force, mustBe, name, threads, resultsRoot } = rest;
  const options = { audit, proofs, force, mustBe, name, threads, resultsRoot } as JobOptions;
  const { config, plan, dataRoot } = loaded;
  const child = await startChild(resultsRoot);
  const stop = () => child.kill("SIGTERM");
  signal?.addEventListener("abort", stop);
  try {
    await say(child, { config, plan, dataRoot, options });
    for await (const news of linesOf(child.stdout)) {
      if (news.kind === "progress") onProgress?.(news.done, news.count);
      else if (news.kind === "waiting") onWait?.();
      else return await finished(news, resultsRoot);
    }
    throw new Error("The process of the backtest ended without an answer");
  } finally {
    signal?.removeEventListener("abort", stop);
    child.unref();
  }
}

async function startChild(resultsRoot: string | undefined): Promise<Deno.ChildProcess> {
  const { tasks } = JSON.parse(await readFile(inProject("deno.json"), "utf8")) as {
    tasks: { backtest: { command: string } };
  };
  const [, ...words] = tasks.backtest.command.split(" ");
  const args = words.map((word) =>
    word === "tasks/backtest.ts"
      ? "lib/app/notebook_child.ts"
      : word.startsWith("--allow-write=") && resultsRoot !== undefined
      ? `--allow-write=${resolve(resultsRoot)}`
      : word
  );
  return new Deno.Command(Deno.execPath(), {
    args,
    cwd: PROJECT_ROOT,
    stdin: "piped",
    stdout: "piped",
    // Nobody reads it once the notebook is gone; what goes wrong is told on stdout.
    stderr: "null",
    // In a session of its own: what interrupts or ends the kernel does not reach it.
    detached: true,
  }).spawn();
}

async function say({ stdin }: Deno.ChildProcess, job: Job): Promise<void> {
  const writer = stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(job)));
  await writer.close();
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<JobNews> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line);
  }
}

async function finished(
  news: Exclude<JobNews, { kind: "progress" | "waiting" }>,
  resultsRoot: string | undefined,
): Promise<ShownRun> {
  if (news.kind === "refused") throw new Refusal(news.message, { exitCode: news.exitCode });
  if (news.kind === "failed") throw new Error(news.message);
  const { id, origin, durationMs } = news;
  const opened = await openRun(id, resultsRoot === undefined ? {} : { resultsRoot });
  return { ...opened, origin, durationMs };
}

function waiting(bar: Progress, { onWait }: BacktestOptions) {
  const tell = () => void bar.end("Another process is computing this run; waiting for it");
  return { onWait: onWait ?? tell };
}

function withTables(run: Run): ShownRun {
  return { ...run, tables: openTables(run.folder) };
}
