import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../core/clock.ts";
import type { ExperimentCard } from "../../core/experiment.ts";
import type { Channel } from "../../engine/channel.ts";
import { objectiveOf, scoreOf } from "../../engine/search/objective.ts";
import { startWorkers } from "../../engine/sweep/crew.ts";
import {
  experimentStore,
  openDatabase,
  type ReturnsFile,
  type StoredExperiment,
} from "../../results/mod.ts";
import { codeFingerprint, searchFingerprint } from "../code_fingerprint.ts";
import { loadData } from "../load_data.ts";
import { waitAlone } from "../make_run.ts";
import { PROJECT_ROOT, RESULTS_ROOT } from "../project.ts";
import { databaseFile } from "../trial.ts";
import { experimentIdOf } from "./experiment_id.ts";
import type { LoadedExperiment } from "./load_experiment.ts";
import { appraised, statisticsNote } from "./make_card.ts";
import { foundPurge } from "./purge.ts";
import { beginSearch, type BegunSearch, type RanTrials, runTrials } from "./run_trials.ts";
import { saveBest } from "./save_best.ts";
import { searched } from "./searched.ts";
import { crossSettings, sweepClock } from "./sweep_parts.ts";
import { writeWinner } from "./winner_config.ts";
import { type OptimizeOptions, type OptimizeWork, type SweepMeasures, workersOf } from "./work.ts";

export type { OptimizeOptions } from "./work.ts";

/** A finished experiment and how this request came by it. */
export interface Experiment extends StoredExperiment {
  /** The best trial's configuration, written for `deno task backtest`; absent without a winner. */
  readonly winnerFile?: string;
  /** Id of another experiment whose winner stood in that file before. */
  readonly replacedWinner?: string;
  /** `computed` now, `resumed` from trials of an earlier process, or `found` finished. */
  readonly origin: "computed" | "resumed" | "found";
  /** Wall time of this request, and of the trials in it, in milliseconds. */
  readonly durationMs: number;
  readonly trialsMs: number;
}

/** Runs a search: every trial on record before it is run, the best with their runs, the winner as a configuration. */
export async function optimize(
  experiment: LoadedExperiment,
  options: OptimizeOptions = {},
): Promise<Experiment> {
  const begun = (options.clock ?? systemClock).elapsed();
  // Workers load while the data do; whatever else runs the trials needs none.
  const ready = options.executor ? [] : startWorkers(workersOf(options));
  try {
    return await findOrRun(experiment, options, { begun, ready });
  } finally {
    for (const channel of ready) channel.end("the search is over");
  }
}

async function findOrRun(
  experiment: LoadedExperiment,
  options: OptimizeOptions,
  { begun, ready }: { readonly begun: number; readonly ready: readonly Channel[] },
): Promise<Experiment> {
  const clock = options.clock ?? systemClock;
  const root = options.resultsRoot ?? RESULTS_ROOT;
  const [data, code, searching] = await Promise.all([
    loadData(experiment.loaded),
    codeFingerprint(),
    searchFingerprint(),
  ]);
  const id = experimentIdOf(experiment, { data: data.fingerprint, code, searching });
  const store = experimentStore(root, { clock, ...(options.disk ? { disk: options.disk } : {}) });
  const found = options.force ? undefined : await store.find(id);
  const winnerOf = (card: ExperimentCard) => winnerFileOf(experiment, card, options);
  if (found) {
    const written = await winnerOf(found.card);
    const durationMs = clock.elapsed() - begun;
    return {
      ...found,
      ...written,
      origin: "found",
      durationMs,
      trialsMs: 0,
    };
  }
  const search = beginSearch(experiment);
  return await waitAlone((alone, onWait) => store.exclusive(id, alone, onWait), async () => {
    const again = options.force ? undefined : await store.find(id);
    const database = await openDatabase(databaseFile(root));
    const work = { experiment, data, code, id, store, database, clock, root, options, ready };
    try {
      const made = again
        ? { ...again, resumed: 0, trialsMs: 0 }
        : await runExperiment(work, search);
      const { resumed, trialsMs, ...stored } = made;
      const written = await winnerOf(stored.card);
      return {
        ...stored,
        ...written,
        origin: again ? "found" : resumed > 0 ? "resumed" : "computed",
        durationMs: clock.elapsed() - begun,
        trialsMs,
      };
    } finally {
      database.close();
    }
  }, options);
}

/** The winner's configuration, written unless nobody wants it, and whose it replaces. */
async function winnerFileOf(
  experiment: LoadedExperiment,
  card: ExperimentCard,
  { optimizedFolder }: OptimizeOptions,
): Promise<Pick<Experiment, "winnerFile" | "replacedWinner">> {
  if (optimizedFolder === null || card.winner === null) return {};
  const before = await winnerIn(optimizedFolder, card.name);
  const winnerFile = await writeWinner(experiment, card, { folder: optimizedFolder });
  return {
    ...(winnerFile === undefined ? {} : { winnerFile }),
    ...(before === undefined || before === card.experiment_id ? {} : { replacedWinner: before }),
  };
}

/** Id of the experiment whose winner a folder of configurations has under this name. */
async function winnerIn(
  folder = join(PROJECT_ROOT, "configs", "optimized"),
  name: string,
): Promise<string | undefined> {
  const text = await readFile(join(folder, `${name}.yaml`), "utf8").catch(() => "");
  return /^ *experiment_id: "?([0-9a-f]{16})\b/m.exec(text)?.[1];
}

async function runExperiment(work: OptimizeWork, begunSearch: BegunSearch) {
  const { experiment, store, clock } = work;
  const begun = clock.elapsed();
  let trialsMs = 0;
  return await appraiseTrials(work, begunSearch, {
    onTrials() {
      trialsMs = clock.elapsed() - begun;
    },
    async use({ card, records, ran, returns }) {
      const saved = await saveBest(work, records, ran.maker);
      const content = { card: { ...card, saved }, trials: records, search: searched(experiment) };
      const stored = await store.save(content, returns);
      return { ...stored, resumed: ran.resumed, trialsMs };
    },
  });
}

/** What becomes of trials once they are all there. */
export interface AppraisedTrials extends ReturnType<typeof appraised> {
  readonly ran: RanTrials;
  /** Lent until `use` ends. */
  readonly returns: ReturnsFile | undefined;
}

/** Runs what of a search is not on record, appraises all of it, and closes behind `use` what that took. */
export async function appraiseTrials<Result>(
  work: OptimizeWork,
  begunSearch: BegunSearch,
  { fileId = work.id, onTrials, use }: {
    /** Under what the returns are kept while it runs. */
    readonly fileId?: string;
    /** Called when all trials are there, before they are appraised. */
    onTrials?(): void;
    use(appraisal: AppraisedTrials): Promise<Result>;
  },
): Promise<Result> {
  const { experiment: { loaded, search }, store } = work;
  const { optimization, validation } = search;
  const trialClock = sweepClock(loaded.plan);
  const isCrossValidated = crossSettings(validation) !== undefined;
  const objective = objectiveOf(optimization);
  const returns = statisticsNote(search) === null || isCrossValidated
    ? store.returnsFile(fileId, trialClock.dailyRows.length - 1)
    : undefined;
  const measures: SweepMeasures = {
    parts: begunSearch.parts,
    pools: begunSearch.pools,
    trialClock,
    returns,
    score: (figures) => scoreOf(figures, objective, optimization),
  };
  try {
    const ran = await runTrials(work, begunSearch, measures);
    onTrials?.();
    const purge = await foundPurge(work, ran, measures);
    work.options.onStage?.("tests over all trials");
    return await use({
      ...appraised(work, ran, { ...measures, ...(purge && { purge }) }),
      ran,
      returns,
    });
  } finally {
    returns?.close();
  }
}
