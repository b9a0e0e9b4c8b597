import { join } from "node:path";
import type { DeflatedFigures } from "../report/experiment_honesty.ts";
import { experimentStore } from "../results/mod.ts";
import { inPlace, kernel, progress } from "./notebook.ts";
import type { SearchJob, SearchJobOptions, SearchNews } from "./notebook_job.ts";
import { newsApart } from "./notebook_process.ts";
import { showingItself, withDeflated } from "./optimize/experiments.ts";
import type { LoadedExperiment } from "./optimize/load_experiment.ts";
import {
  type Experiment,
  optimize as optimizeHere,
  type OptimizeOptions,
} from "./optimize/optimize.ts";
import { PROJECT_ROOT, RESULTS_ROOT } from "./project.ts";

/** A finished experiment with what the ledger makes of its winner by now. In a notebook it shows itself. */
export interface ShownSearch extends Experiment {
  /** Absent without a winner. */
  readonly deflated?: DeflatedFigures;
}

/**
 * Runs a search: every trial on record before it is run, the best with their runs, the winner as a configuration. The same
 * request finds the finished experiment. From a notebook it is run in a process of its own, which ends its work even if the
 * kernel is interrupted, restarted or gone.
 */
export async function optimize(
  experiment: LoadedExperiment,
  options: OptimizeOptions = {},
): Promise<ShownSearch> {
  const notebook = kernel();
  if (!notebook) return await shown(await optimizeHere(experiment, options), options);
  const bar = progress("Optimize", { place: inPlace(notebook) });
  const heard = {
    onProgress: ({ done, count }) => bar.show(done, count),
    onStage: (stage) => void bar.end(`Optimize: ${stage}`),
    onWait: () => void bar.end("Another process is running this experiment; waiting for it"),
    ...options,
  } satisfies OptimizeOptions;
  try {
    // A clock, a disk or an executor of one's own cannot be told to another process.
    const isTellable = !options.clock && !options.disk && !options.executor;
    const made = isTellable
      ? await optimizeApart(experiment, heard)
      : await optimizeHere(experiment, heard);
    await bar.end(`Experiment ${made.id} · ${made.card.trials.count} trials · ${made.origin}`);
    return await shown(made, options);
  } catch (error) {
    await bar.end("The search did not finish; the same request goes on from there");
    throw error;
  }
}

/** Runs a search in a process of its own, with the permissions of `deno task optimize` and not one more. */
export async function optimizeApart(
  { loaded: { config, plan, dataRoot }, space: { dimensions }, search }: LoadedExperiment,
  { signal, onProgress, onStage, onWait, ...rest }: OptimizeOptions = {},
): Promise<Experiment> {
  const { workers, force, resultsRoot, optimizedFolder } = rest;
  const options = { workers, force, resultsRoot, optimizedFolder } as SearchJobOptions;
  const job: SearchJob = { config, plan, dataRoot, dimensions, search, options };
  const work = {
    ...{ task: "optimize", module: "lib/app/notebook_search_child.ts", job, signal } as const,
    writes: foldersOf(rest),
  };
  for await (const news of newsApart<SearchNews>(work)) {
    if (news.kind === "progress") onProgress?.(news.progress);
    else if (news.kind === "stage") onStage?.(news.stage);
    else if (news.kind === "waiting") onWait?.();
    else {
      const { kind: _, id, ...made } = news;
      const stored = await experimentStore(resultsRoot ?? RESULTS_ROOT).find(id);
      return { ...stored!, ...made };
    }
  }
  throw new Error("The process of the search ended without an answer");
}

/** Where a search writes when it is told where; undefined where the task's own folders will do. */
function foldersOf(
  { resultsRoot, optimizedFolder }: OptimizeOptions,
): readonly string[] | undefined {
  if (resultsRoot === undefined && typeof optimizedFolder !== "string") return undefined;
  return [
    resultsRoot ?? RESULTS_ROOT,
    ...(optimizedFolder === null
      ? []
      : [optimizedFolder ?? join(PROJECT_ROOT, "configs", "optimized")]),
  ];
}

async function shown(
  made: Experiment,
  { resultsRoot }: OptimizeOptions,
): Promise<ShownSearch> {
  const root = resultsRoot === undefined ? {} : { resultsRoot };
  return showingItself(await withDeflated(made, root));
}
