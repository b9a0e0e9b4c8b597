import { type Clock, systemClock } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { ExperimentCard, TrialRecord, ValidationRecord } from "../../core/experiment.ts";
import type { Disk } from "../../core/atomic_file.ts";
import { TRIAL_FIGURES } from "../../core/trial_figures.ts";
import type { Batch } from "../../engine/search/batch.ts";
import { halvingRungs, survivors } from "../../engine/search/halving.ts";
import { frontOf, objectiveOf, scoreOf } from "../../engine/search/objective.ts";
import { search as searchTrials } from "../../engine/search/search.ts";
import { mayBeColumnar } from "../../engine/sweep/columns.ts";
import { type Executor, openCrew } from "../../engine/sweep/crew.ts";
import { DAY_MS } from "../../core/bars.ts";
import {
  type ExperimentStore,
  experimentStore,
  openDatabase,
  type ResultsDatabase,
  type ReturnsFile,
  type StoredExperiment,
} from "../../results/mod.ts";
import { backtest, type Run } from "../backtest.ts";
import { codeFingerprint, searchFingerprint } from "../code_fingerprint.ts";
import { familyOf } from "../family.ts";
import { loadData, type LoadedData } from "../load_data.ts";
import { RESULTS_ROOT } from "../project.ts";
import { runIds } from "../run_id.ts";
import { databaseFile } from "../trial.ts";
import {
  cardDimensions,
  crossValidation,
  figureRow,
  rankedRecords,
  sweepStatistics,
  type TrialReturns,
} from "./appraise.ts";
import { experimentIdOf } from "./experiment_id.ts";
import type { LoadedExperiment } from "./load_experiment.ts";
import { type SearchProgress, SearchRun, type TrialNaming } from "./search_run.ts";
import { sweepClock, sweepParts, windowsOf } from "./sweep_parts.ts";
import { type TrialMaker, trialMaker } from "./trial_maker.ts";
import { datesOf, walkForward } from "./validate_sweep.ts";
import { writeWinner } from "./winner_config.ts";

/** How an experiment is run; none of it changes what comes out. */
export interface OptimizeOptions {
  /** Permission-less workers; as many as the machine has cores when absent. */
  readonly workers?: number;
  /** Runs and appraises again what is finished; trials that are on record are not run again. */
  readonly force?: boolean;
  readonly resultsRoot?: string;
  /** Folder of the winners' configurations; null writes none. */
  readonly optimizedFolder?: string | null;
  readonly clock?: Clock;
  readonly disk?: Disk;
  /** Stops the search; what is finished stays on record, and the same request goes on from there. */
  readonly signal?: AbortSignal;
  /** Who runs the trials in place of workers on this machine. */
  executor?(work: ExecutorWork): Executor;
  onProgress?(progress: SearchProgress): void;
  /** What is being done after the trials: tests over all of them, runs that are stored. */
  onStage?(stage: string): void;
  /** Called when another process runs the same experiment. */
  onWait?(): void;
}

/** What trials are run on. */
export interface ExecutorWork {
  readonly experiment: LoadedExperiment;
  readonly data: LoadedData;
  readonly returns: boolean;
  readonly slices: ReturnType<typeof sweepParts>["slices"];
}

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
  return await store.exclusive(id, async () => {
    const again = options.force ? undefined : await store.find(id);
    const database = await openDatabase(databaseFile(root));
    const work = { experiment, data, code, id, store, database, clock, root, options };
    try {
      const made = again ? { ...again, resumed: 0, trialsMs: 0 } : await runExperiment(work);
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
  }, options.onWait);
}

interface Work {
  readonly experiment: LoadedExperiment;
  readonly data: LoadedData;
  readonly code: Awaited<ReturnType<typeof codeFingerprint>>;
  readonly id: string;
  readonly store: ExperimentStore;
  readonly database: ResultsDatabase;
  readonly clock: Clock;
  readonly root: string;
  readonly options: OptimizeOptions;
}

async function runExperiment(work: Work) {
  const { experiment: { loaded, search }, id, store, clock } = work;
  const parts = sweepParts(loaded.plan, search);
  const clockOf = sweepClock(loaded.plan);
  const crossValidated = search.validation.method === "purged_kfold" ||
    search.validation.method === "combinatorial";
  const wantsReturns = search.optimization.statistics || crossValidated;
  const days = clockOf.dailyRows.length - 1;
  const returns = wantsReturns ? store.returnsFile(id, days) : undefined;
  let isDone = false;
  try {
    const begun = clock.elapsed();
    const searched = await runTrials(work, {
      parts,
      returns,
      periodsPerYear: clockOf.periodsPerYear,
    });
    const trialsMs = clock.elapsed() - begun;
    const card = appraised(work, searched, { parts, returns, clockOf, days });
    const saved = await saveBest(work, card.records, searched.maker);
    const stored = await store.save({ ...card.card, saved }, card.records);
    isDone = true;
    return { ...stored, resumed: searched.resumed, trialsMs };
  } finally {
    if (isDone) returns?.remove();
    else returns?.close();
  }
}

interface Searched {
  readonly run: SearchRun;
  readonly scores: Float64Array;
  readonly excluded: number;
  readonly resumed: number;
  readonly maker: TrialMaker;
  /** First place of the trials whose scores can be compared: those of the last rung, else all. */
  readonly finalFrom: number;
}

async function runTrials(
  work: Work,
  { parts, returns, periodsPerYear }: {
    readonly parts: ReturnType<typeof sweepParts>;
    readonly returns: ReturnsFile | undefined;
    readonly periodsPerYear: number;
  },
): Promise<Searched> {
  const { experiment, data, code, id, database, clock, options } = work;
  const { loaded, space, search } = experiment;
  const maker = trialMaker(experiment);
  const objective = objectiveOf(search.optimization);
  const score = (figures: Float64Array) => scoreOf(figures, objective, search.optimization);
  const idOf = runIds(data, code);
  let executor: Executor | undefined;
  const hire = () =>
    executor ??= (options.executor ?? ((asked) => localCrew(asked, options, clock)))({
      experiment,
      data,
      returns: returns !== undefined,
      slices: parts.slices,
    });
  const run = new SearchRun({
    database,
    executor: hire,
    clock,
    ledger: familyOf(loaded.plan),
    experiment: { name: search.name, id },
    periodsPerYear,
    width: (1 + parts.slices.length) * TRIAL_FIGURES.length,
    returns,
    finds: !mayBeColumnar(loaded.plan, loaded.models),
    score: (figures) => score(figureRow(figures, parts.chosenBy)),
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
  });
  const namingTo = (end: number): TrialNaming => {
    const patch: TrialNaming["patch"] = (assignment) => {
      const patched = maker.patch(assignment);
      return end === loaded.plan.end ? patched : { ...patched, end };
    };
    return { patch, runId: (assignment) => idOf({ ...loaded.plan, ...patch(assignment) }) };
  };
  const resumed = run.resumed;
  try {
    const all: Float64Array[] = [];
    let excluded = 0;
    let finalFrom = 0;
    const trials = searchTrials(space, search, { accepts: maker.accepts });
    for (let step = trials.next(), number = 0; !step.done; number++) {
      const batch = step.value;
      excluded += batch.excluded;
      const scores = search.halving
        ? await halved(batch, run, { search, plan: loaded.plan, namingTo, all })
        : await run.batch(batch, number, namingTo(loaded.plan.end));
      if (search.halving) finalFrom = run.trials.length - scores.length;
      else all.push(scores);
      step = trials.next(scores);
    }
    return { run, scores: joined(all), excluded, resumed, maker, finalFrom };
  } finally {
    executor?.close();
  }
}

/** Rung after rung on ever longer ranges, each with the best of the one before; the scores of the last. */
async function halved(
  batch: Batch,
  run: SearchRun,
  { search, plan, namingTo, all }: {
    readonly search: LoadedExperiment["search"];
    readonly plan: LoadedExperiment["loaded"]["plan"];
    readonly namingTo: (end: number) => TrialNaming;
    readonly all: Float64Array[];
  },
): Promise<Float64Array> {
  const rungs = halvingRungs(batch.count, search.halving!);
  let places: ArrayLike<number> = Uint32Array.from({ length: batch.count }, (_, place) => place);
  let scores: Float64Array = new Float64Array(0);
  for (const [number, { trials, share }] of rungs.entries()) {
    if (number > 0) {
      const kept = survivors(scores, trials);
      places = Uint32Array.from(kept, (place) => places[place]!);
    }
    const here = places;
    if (here.length === 0) break;
    const days = Math.max(1, Math.round((plan.end - plan.start) / DAY_MS * share));
    const end = share === 1 ? plan.end : plan.start + days * DAY_MS;
    const rung = { count: here.length, excluded: 0, at: (i: number) => batch.at(here[i]!) };
    scores = await run.batch(rung, number, namingTo(end));
    all.push(scores);
  }
  return scores;
}

function localCrew(
  { experiment: { loaded }, data, returns, slices }: ExecutorWork,
  { workers, signal }: OptimizeOptions,
  clock: Clock,
): Executor {
  const { system } = loaded.config;
  return openCrew({
    base: loaded.plan,
    data: data.assets,
    regimes: data.regimes.data,
    workers: workers ?? navigator.hardwareConcurrency,
    returns,
    slices,
    watch: {
      clock,
      timeoutMs: system.model_timeout_ms,
      memoryMb: system.model_memory_mb,
      ...(signal ? { signal } : {}),
    },
  });
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The card without its runs, and every trial's row. */
function appraised(
  { experiment, data, code, id, options }: Work,
  { run, scores, excluded, finalFrom, maker }: Searched,
  { parts, returns, clockOf, days }: {
    readonly parts: ReturnType<typeof sweepParts>;
    readonly returns: ReturnsFile | undefined;
    readonly clockOf: ReturnType<typeof sweepClock>;
    readonly days: number;
  },
): { card: Omit<ExperimentCard, "saved">; records: readonly TrialRecord[] } {
  const { loaded, space, search } = experiment;
  const objective = objectiveOf(search.optimization);
  const score = (figures: Float64Array) => scoreOf(figures, objective, search.optimization);
  const front = frontOf(search.optimization.objectives);
  const { trials } = run;
  const { testedBy } = parts;
  const records = rankedRecords({
    space,
    trials,
    scores,
    testScores: Float64Array.from(
      trials,
      ({ figures }) => testedBy === undefined ? NaN : score(figureRow(figures, testedBy)),
    ),
    isFinal: (place) => place >= finalFrom,
    shown: parts.chosenBy,
    front,
  });
  const places = trials.flatMap(({ failure }, place) =>
    failure === null && place >= finalFrom ? [place] : []
  );
  const trialReturns: TrialReturns | undefined = returns && { places, days, read: returns.read };
  options.onStage?.("tests over all trials");
  const winner = records.find(({ rank }) => rank === 1) ?? null;
  const { family, dataSet } = familyOf(loaded.plan);
  const { start, end } = loaded.config.system;
  return {
    records,
    card: {
      experiment_id: id,
      name: search.name,
      description: search.description,
      method: search.method,
      target_model: search.target_model,
      family,
      data_set: dataSet,
      dimensions: cardDimensions(space),
      constraints: space.constraints.map(({ text }) => text),
      objective,
      front,
      seed: search.seed,
      start,
      end,
      periods_per_year: clockOf.periodsPerYear,
      data_fingerprint: data.fingerprint,
      code_fingerprint: code.fingerprint,
      trials: {
        count: records.length,
        finished: records.filter(({ status }) => status === "finished").length,
        failed: records.filter(({ status }) => status === "failed").length,
        excluded,
      },
      winner,
      statistics: trialReturns && search.optimization.statistics
        ? sweepStatistics(trialReturns, { seed: search.seed })
        : null,
      validation: validated(experiment, { data, run, winner, maker, trialReturns, clockOf, score }),
    },
  };
}

function validated(
  { loaded, search }: LoadedExperiment,
  { data, run, winner, maker, trialReturns, clockOf, score }: {
    readonly data: LoadedData;
    readonly run: SearchRun;
    readonly winner: TrialRecord | null;
    readonly maker: TrialMaker;
    readonly trialReturns: TrialReturns | undefined;
    readonly clockOf: ReturnType<typeof sweepClock>;
    readonly score: (figures: Float64Array) => number;
  },
): ValidationRecord | null {
  const { validation } = search;
  const { plan } = loaded;
  if (validation.method === "split") {
    const [train, test] = sweepParts(plan, search).slices;
    return {
      method: "split",
      train: datesOf(train!),
      test: datesOf(test!),
      train_score: winner?.score ?? null,
      test_score: winner?.test_score ?? null,
    };
  }
  if (validation.method === "walk_forward") {
    return walkForward({
      plan,
      models: loaded.models,
      ground: { data: data.assets, regimes: data.regimes.data },
      anchored: validation.anchored,
      windows: windowsOf(plan, validation),
      trials: run.trials,
      score,
      patch: maker.patch,
    });
  }
  if (validation.method === "none" || !trialReturns) return null;
  const { method, ...settings } = validation;
  const times = Float64Array.from(clockOf.dailyRows, (row) => clockOf.times[row]!);
  return crossValidation(trialReturns, { method, ...settings }, {
    times,
    periodsPerYear: clockOf.periodsPerYear,
  });
}

/** Stores the runs of the best trials, the winner's with all its proofs. Each must be what its trial was. */
async function saveBest(
  { experiment, id, root, clock, options }: Work,
  records: readonly TrialRecord[],
  maker: TrialMaker,
): Promise<readonly string[]> {
  const { loaded, search } = experiment;
  const best = records.filter(({ rank }) => rank !== null && rank <= search.optimization.save_top_n)
    .toSorted((a, b) => a.rank! - b.rank!);
  const saved: string[] = [];
  for (const record of best) {
    options.onStage?.(`run ${saved.length + 1} of the ${best.length} best`);
    const assignment = record.values.map((value, i) =>
      // Where a dimension was not set, the configuration's own value stays.
      value === null && !setsNull(experiment, i) ? undefined : value
    );
    const run = await backtest({
      ...loaded,
      config: maker.config(assignment),
      plan: { ...loaded.plan, ...maker.patch(assignment) },
    }, {
      resultsRoot: root,
      name: `${search.name} #${record.rank}`,
      proofs: record.rank === 1,
      clock,
      ...(options.disk ? { disk: options.disk } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    refuseOther(run, record, { id, whole: search.validation.method !== "split" });
    saved.push(run.id);
  }
  return saved;
}

function setsNull({ space }: LoadedExperiment, dimension: number): boolean {
  const { choice } = space.dimensions[dimension]!;
  return choice.kind === "list" && choice.values.includes(null);
}

/** A stored run and the row of its trial are one and the same, or one of them is wrong. */
function refuseOther(
  { id, card }: Run,
  { run_id, trial, figures }: TrialRecord,
  experiment: { readonly id: string; readonly whole: boolean },
): void {
  const stored = card.statistics.portfolio;
  const same = id === run_id &&
    (!experiment.whole ||
      stored.final_nav === figures.final_nav && stored.sharpe === figures.sharpe);
  if (same) return;
  throw new Refusal(
    `Trial ${trial} of experiment ${experiment.id} came to NAV ${figures.final_nav} (run ${run_id}), ` +
      `its run ${id} to ${stored.final_nav}: a model remembers what it saw in other trials`,
    { exitCode: 3 },
  );
}
