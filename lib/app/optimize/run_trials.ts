import { DAY_MS } from "../../core/bars.ts";
import { canonicalJson, sha256 } from "../../core/hash.ts";
import { TRIAL_FIGURES } from "../../core/trial_figures.ts";
import type { Plan } from "../../engine/plan.ts";
import type { Batch } from "../../engine/search/batch.ts";
import { halvingRungs, survivors } from "../../engine/search/halving.ts";
import { mayBeColumnar } from "../../engine/sweep/columns.ts";
import { type Executor, openCrew } from "../../engine/sweep/crew.ts";
import { familyOf } from "../family.ts";
import { runIds } from "../run_id.ts";
import { figureRow } from "./appraise.ts";
import type { LoadedExperiment } from "./load_experiment.ts";
import { type Proposals, proposalsOf, tellerOf } from "./proposals.ts";
import { SearchRun, type TrialNaming } from "./search_run.ts";
import { type SweepParts, sweepParts } from "./sweep_parts.ts";
import { type TrialMaker, trialMaker } from "./trial_maker.ts";
import { type ExecutorWork, type OptimizeWork, type SweepMeasures, workersOf } from "./work.ts";

/** The trials of a search, all of them run. */
export interface RanTrials {
  readonly run: SearchRun;
  readonly scores: Float64Array;
  readonly excluded: number;
  readonly resumed: number;
  readonly maker: TrialMaker;
  /** First place of the trials whose scores can be compared: those of the last rung, else all. */
  readonly finalFrom: number;
}

/** A search that has proposed its first trials. */
export interface BegunSearch extends Proposals {
  readonly parts: SweepParts;
  readonly maker: TrialMaker;
  readonly first: IteratorResult<Batch, void>;
}

/** Begins a search. Refuses one that has nothing to try, or too much, before anything of it is written. */
export function beginSearch(experiment: LoadedExperiment): BegunSearch {
  const { loaded, search } = experiment;
  const parts = sweepParts(loaded.plan, search);
  const maker = trialMaker(experiment);
  const proposals = proposalsOf(experiment, parts, maker);
  return { parts, maker, ...proposals, first: proposals.trials.next() };
}

/** Runs every trial that the search proposes. */
export async function runTrials(
  work: OptimizeWork,
  { maker, trials, first }: BegunSearch,
  measures: SweepMeasures,
): Promise<RanTrials> {
  const { parts, returns, trialClock, score } = measures;
  const { experiment, data, code, id, database, clock, options } = work;
  const { loaded, search } = experiment;
  const idOf = runIds(data, code);
  let executor: Executor | undefined;
  const hire = () =>
    executor ??= (options.executor ?? ((asked) => localCrew(asked, work)))({
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
    periodsPerYear: trialClock.periodsPerYear,
    width: (1 + parts.slices.length) * TRIAL_FIGURES.length,
    slices: parts.slices.length === 0 ? null : sha256(canonicalJson(parts.slices)),
    returns,
    keptReturns: work.store.keptReturns(database),
    takesCutShort: options.takesCutShort ?? false,
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
  const told = tellerOf(search, run.trials, measures);
  try {
    const all: Float64Array[] = [];
    let excluded = 0;
    let finalFrom = 0;
    for (let step = first, number = 0; !step.done; number++) {
      const batch = step.value;
      excluded += batch.excluded;
      const scores = search.halving
        ? await halved(batch, run, { search, plan: loaded.plan, namingTo, all })
        : await run.batch(batch, number, namingTo(loaded.plan.end));
      // Scores of rungs are of ranges of their own; of grids and samples, which are halved, nothing is bred.
      if (search.halving) finalFrom = run.trials.count - scores.length;
      else all.push(scores);
      step = trials.next(told(scores));
    }
    return { run, scores: joined(all), excluded, resumed, maker, finalFrom };
  } finally {
    executor?.close();
  }
}

/** Rung after rung on ever longer ranges, each with the best of the one before; the scores of the last, none if no trial got there. */
async function halved(
  batch: Batch,
  run: SearchRun,
  { search, plan, namingTo, all }: {
    readonly search: LoadedExperiment["search"];
    readonly plan: Plan;
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
    if (here.length === 0) return new Float64Array(0);
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
  { clock, ready, options }: OptimizeWork,
): Executor {
  const { system } = loaded.config;
  const { signal } = options;
  return openCrew({
    base: loaded.plan,
    data: data.assets,
    regimes: data.regimes.data,
    workers: workersOf(options),
    ...(ready ? { ready } : {}),
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
