import { systemClock } from "../../core/clock.ts";
import type { ExperimentCard } from "../../core/experiment.ts";
import { objectiveOf, scoreOf } from "../../engine/search/objective.ts";
import { experimentStore, openDatabase, type StoredExperiment } from "../../results/mod.ts";
import { codeFingerprint, searchFingerprint } from "../code_fingerprint.ts";
import { loadData } from "../load_data.ts";
import { waitAlone } from "../make_run.ts";
import { RESULTS_ROOT } from "../project.ts";
import { databaseFile } from "../trial.ts";
import { experimentIdOf } from "./experiment_id.ts";
import type { LoadedExperiment } from "./load_experiment.ts";
import { appraised, statisticsNote } from "./make_card.ts";
import { beginSearch, type BegunSearch, runTrials } from "./run_trials.ts";
import { saveBest } from "./save_best.ts";
import { sweepClock } from "./sweep_parts.ts";
import { writeWinner } from "./winner_config.ts";
import type { OptimizeOptions, OptimizeWork, SweepMeasures } from "./work.ts";

export type { OptimizeOptions } from "./work.ts";

/** A finished experiment and how this request came by it. */
export interface Experiment extends StoredExperiment {
  /** The best trial's configuration, written for `deno task backtest`; absent without a winner. */
  readonly winnerFile?: string;
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
  const clock = options.clock ?? systemClock;
  const begun = clock.elapsed();
  const root = options.resultsRoot ?? RESULTS_ROOT;
  const [data, code, searching] = await Promise.all([
    loadData(experiment.loaded),
    codeFingerprint(),
    searchFingerprint(),
  ]);
  const id = experimentIdOf(experiment, { data: data.fingerprint, code, searching });
  const store = experimentStore(root, options.disk ? { disk: options.disk } : {});
  const found = options.force ? undefined : await store.find(id);
  const winnerOf = (card: ExperimentCard) =>
    options.optimizedFolder === null
      ? undefined
      : writeWinner(experiment, card, { folder: options.optimizedFolder });
  if (found) {
    const winnerFile = await winnerOf(found.card);
    const durationMs = clock.elapsed() - begun;
    return {
      ...found,
      ...(winnerFile && { winnerFile }),
      origin: "found",
      durationMs,
      trialsMs: 0,
    };
  }
  const search = beginSearch(experiment);
  return await waitAlone((alone, onWait) => store.exclusive(id, alone, onWait), async () => {
    const again = options.force ? undefined : await store.find(id);
    const database = await openDatabase(databaseFile(root));
    const work = { experiment, data, code, id, store, database, clock, root, options };
    try {
      const made = again
        ? { ...again, resumed: 0, trialsMs: 0 }
        : await runExperiment(work, search);
      const { resumed, trialsMs, ...stored } = made;
      const winnerFile = await winnerOf(stored.card);
      return {
        ...stored,
        ...(winnerFile && { winnerFile }),
        origin: again ? "found" : resumed > 0 ? "resumed" : "computed",
        durationMs: clock.elapsed() - begun,
        trialsMs,
      };
    } finally {
      database.close();
    }
  }, options);
}

async function runExperiment(work: OptimizeWork, begunSearch: BegunSearch) {
  const { experiment: { loaded, search }, id, store, clock } = work;
  const { optimization, validation } = search;
  const trialClock = sweepClock(loaded.plan);
  const isCrossValidated = ["purged_kfold", "combinatorial"].includes(validation.method);
  const objective = objectiveOf(optimization);
  const returns = statisticsNote(search) === null || isCrossValidated
    ? store.returnsFile(id, trialClock.dailyRows.length - 1)
    : undefined;
  const measures: SweepMeasures = {
    parts: begunSearch.parts,
    trialClock,
    returns,
    score: (figures) => scoreOf(figures, objective, optimization),
  };
  try {
    const begun = clock.elapsed();
    const ran = await runTrials(work, begunSearch, measures);
    const trialsMs = clock.elapsed() - begun;
    work.options.onStage?.("tests over all trials");
    const { card, records } = appraised(work, ran, measures);
    const saved = await saveBest(work, records, ran.maker);
    const stored = await store.save({ ...card, saved }, records, returns);
    return { ...stored, resumed: ran.resumed, trialsMs };
  } finally {
    returns?.close();
  }
}
