import type { Clock } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { Assignment } from "../../core/search_space.ts";
import { figureAt, TRIAL_FIGURES } from "../../core/trial_figures.ts";
import type { Batch } from "../../engine/search/batch.ts";
import type { PlanPatch } from "../../engine/sweep/serve_sweep.ts";
import type { Executor, FinishedTrial } from "../../engine/sweep/crew.ts";
import type { ResultsDatabase, ReturnsFile, StoredTrial, TrialResult } from "../../results/mod.ts";
import { type GrowingTable, type SearchedTrial, trialTable } from "./trial_table.ts";

/** Where a search stands. */
export interface SearchProgress {
  /** Trials done and known of so far; failed ones are done. */
  readonly done: number;
  readonly count: number;
  readonly failed: number;
  /** Highest score so far; undefined before the first. */
  readonly best: number | undefined;
}

/** What a batch of trials is run with. */
export interface SearchRunOptions {
  readonly database: ResultsDatabase;
  readonly executor: () => Executor;
  readonly clock: Clock;
  /** Under what the trials are counted, and the experiment that asks for them. */
  readonly ledger: { readonly family: string; readonly dataSet: string };
  readonly experiment: { readonly name: string; readonly id: string };
  readonly periodsPerYear: number;
  /** Figures per trial: `TRIAL_FIGURES` of the whole range, then of each slice. */
  readonly width: number;
  /** Digest of the slices that the figures go on with; null for none. */
  readonly slices: string | null;
  /** Where daily returns go, if they are wanted. */
  readonly returns: ReturnsFile | undefined;
  /** Whether figures of the same run in an earlier experiment are looked for: where computing is dearer than looking. */
  readonly finds: boolean;
  /** Whether a trial that a limit ended in an earlier process has failed for good. */
  readonly takesCutShort: boolean;
  /** Daily returns of a trial of a finished experiment, where they are kept. */
  keptReturns(experimentId: string, place: number, days: number): Float64Array | undefined;
  onProgress?(progress: SearchProgress): void;
  /** The score of a row of figures, higher is better. */
  score(figures: Float64Array): number;
}

/** What an assignment is run as, and the run that it stands for. */
export interface TrialNaming {
  patch(assignment: Assignment): PlanPatch;
  runId(assignment: Assignment): string;
}

const FLUSH_MS = 250;
const FLUSH_TRIALS = 2_000;

/** Runs a search's trials, each on record before it is run; what an earlier process finished is not run again. */
export class SearchRun {
  readonly #options: SearchRunOptions;
  /** By place: trials on record since before this process. */
  readonly #known: ReadonlyMap<number, StoredTrial>;
  readonly trials: GrowingTable;
  #failed = 0;
  #best: number | undefined;

  /** Refuses an experiment whose trials are not on record as they were written. */
  constructor(options: SearchRunOptions) {
    const { database, experiment, width } = options;
    this.#options = options;
    this.trials = trialTable(width);
    const fault = database.experimentFault(experiment.id);
    if (fault !== undefined) throw this.#notAsWritten(fault);
    this.#known = onRecord(database.trialsOf(experiment.id));
  }

  /** How many trials an earlier process has finished. */
  get resumed(): number {
    return this.#known.values().filter((trial) => isDone(trial, this.#options)).toArray().length;
  }

  /** Runs a batch to its end and answers with its scores, NaN for a trial without one. */
  async batch(
    batch: Batch,
    number: number,
    naming: TrialNaming,
  ): Promise<Float64Array> {
    const offset = this.trials.count;
    this.trials.append(batch, number);
    const first = this.#register(batch, { offset, number, naming });
    const scores = new Float64Array(batch.count).fill(NaN);
    let pending: number[] = [];
    let done = 0;
    const settle = (place: number, trial: Pick<SearchedTrial, "figures" | "failure">) => {
      this.trials.settle(offset + place, trial);
      scores[place] = trial.failure === null ? this.#options.score(trial.figures) : NaN;
      done++;
      if (trial.failure !== null) this.#failed++;
      if (!(scores[place]! <= (this.#best ?? -Infinity)) && scores[place] === scores[place]) {
        this.#best = scores[place]!;
      }
    };
    for (let place = 0; place < batch.count; place++) {
      const known = this.#known.get(offset + place);
      if (known && isDone(known, this.#options) && this.#hasReturns(offset + place, known)) {
        settle(place, settled(known, this.#options.width));
      } else pending.push(place);
    }
    const again = this.#registerAgain(pending, { offset, number });
    const written = this.#writer(
      offset,
      (place) => again.get(place) ?? this.#known.get(offset + place)?.trial ?? first + place,
    );
    if (this.#options.finds) {
      const found = this.#find(pending, offset);
      for (const trial of found) settle(trial.place, trial);
      written.add(found, "found");
      const places = new Set(found.map(({ place }) => place));
      pending = pending.filter((place) => !places.has(place));
    }
    const report = () =>
      this.#options.onProgress?.({
        done: offset + done,
        count: offset + batch.count,
        failed: this.#failed,
        best: this.#best,
      });
    report();
    try {
      await this.#execute(
        pending,
        (place) => naming.patch(batch.at(place)),
        (finished) => {
          for (const { place, figures, failure } of finished) settle(place, { figures, failure });
          written.add(finished);
          report();
        },
      );
    } finally {
      written.flush();
    }
    if (done === batch.count) return scores;
    throw new Error(
      `The executor ended after ${offset + done} of ${offset + batch.count} trials`,
    );
  }

  /** Runs trials; one that a limit ended beside others is run once more, alone, before that is taken for its own fault. */
  async #execute(
    pending: readonly number[],
    patchAt: (place: number) => PlanPatch,
    onFinished: (finished: readonly FinishedTrial[]) => void,
  ): Promise<void> {
    const run = async (places: readonly number[], onSome: typeof onFinished) => {
      if (places.length === 0) return;
      await this.#options.executor().run({
        count: places.length,
        *[Symbol.iterator]() {
          for (const place of places) yield { place, patch: patchAt(place) };
        },
      }, onSome);
    };
    const cutShort: number[] = [];
    await run(pending, (some) => {
      for (const { place, isCutShort } of some) if (isCutShort) cutShort.push(place);
      onFinished(some.filter(({ isCutShort }) => !isCutShort));
    });
    for (const place of cutShort.sort((a, b) => a - b)) await run([place], onFinished);
  }

  #notAsWritten(fault: string): Refusal {
    const { name, id } = this.#options.experiment;
    return new Refusal(
      `Cannot go on with experiment ${name} (${id}), as its trials are not on record as they were written: ${fault}; ` +
        "deno task verify --ledger says more",
      { exitCode: 3 },
    );
  }

  /** Whether all that a finished trial left is there: returns lie in a file of their own, which may be gone. */
  #hasReturns(place: number, { status }: StoredTrial): boolean {
    const { returns, keptReturns, experiment } = this.#options;
    if (!returns || isFailure(status) || returns.has(place)) return true;
    const kept = keptReturns(experiment.id, place, returns.days);
    if (kept) returns.write(place, kept);
    return kept !== undefined;
  }

  /** A trial that was run once more for its returns has ended before. */
  #isOnRecord(place: number): boolean {
    const known = this.#known.get(place);
    return known !== undefined && isDone(known, this.#options);
  }

  /** Trials whose run was computed before, for another experiment. */
  #find(places: readonly number[], offset: number): FinishedTrial[] {
    const { database, width, slices, returns, keptReturns } = this.#options;
    const ids = places.map((place) => this.trials.runId(offset + place));
    const known = database.figuresOf(ids, slices);
    return places.flatMap((place) => {
      const found = known.get(this.trials.runId(offset + place));
      const figures = found?.result.figures;
      if (!found || figures?.length !== width) return [];
      const own = returns ? keptReturns(found.experimentId, found.place, returns.days) : null;
      return own === undefined ? [] : [{ place, figures, returns: own, failure: null }];
    });
  }

  /** Writes the whole batch down before any of it is run, unless it is on record; the number of its first trial. */
  #register(
    batch: Batch,
    { offset, number, naming }: {
      readonly offset: number;
      readonly number: number;
      readonly naming: TrialNaming;
    },
  ): number {
    const known = this.#known.get(offset);
    // Workers start while the trials are being written down.
    if (!known) this.#options.executor();
    for (let place = 0; known && place < batch.count; place++) {
      const runId = naming.runId(batch.at(place));
      const found = this.#known.get(offset + place)?.runId;
      if (found !== runId) {
        throw this.#notAsWritten(
          `trial ${offset + place} is ${found ? `run ${found}` : "missing"}, expected run ${runId}`,
        );
      }
      this.trials.setRunId(offset + place, runId);
    }
    if (known) return known.trial;
    const { database, experiment, ledger, clock } = this.#options;
    const { trials } = this;
    return database.beginTrials({
      ...ledger,
      experiment: experiment.name,
      experimentId: experiment.id,
      startedAt: clock.now(),
      trials: (function* () {
        for (let place = 0; place < batch.count; place++) {
          const runId = naming.runId(batch.at(place));
          trials.setRunId(offset + place, runId);
          yield { runId, place: offset + place, batch: number };
        }
      })(),
    });
  }

  /** Writes trials down once more that a limit ended before, as an end is never changed; their numbers by place. */
  #registerAgain(
    places: readonly number[],
    { offset, number }: { readonly offset: number; readonly number: number },
  ): ReadonlyMap<number, number> {
    const { database, experiment, ledger, clock } = this.#options;
    const again = places.filter((place) =>
      this.#known.get(offset + place)?.status === "interrupted"
    );
    if (again.length === 0) return new Map();
    const first = database.beginTrials({
      ...ledger,
      experiment: experiment.name,
      experimentId: experiment.id,
      startedAt: clock.now(),
      trials: again.map((place) => ({
        runId: this.trials.runId(offset + place),
        place: offset + place,
        batch: number,
      })),
    });
    return new Map(again.map((place, i) => [place, first + i]));
  }

  /** Writes results down some at a time: the returns first, so that a trial on record always has them. */
  #writer(offset: number, numbers: (place: number) => number) {
    const { database, returns, clock } = this.#options;
    let waiting: (FinishedTrial & { readonly word: "finished" | "found" })[] = [];
    let flushedAt = clock.elapsed();
    const flush = () => {
      if (waiting.length === 0) return;
      const ready = waiting.sort((a, b) => a.place - b.place);
      waiting = [];
      if (returns) {
        for (const trial of ready) {
          if (trial.returns) returns.write(offset + trial.place, trial.returns);
        }
        returns.sync();
      }
      const finishedAt = clock.now();
      const ended = ready.filter(({ place }) => !this.#isOnRecord(offset + place));
      const ends = ended.map(({ place, figures, failure, isCutShort, word }) => ({
        trial: numbers(place),
        finishedAt,
        ...(failure === null
          ? { status: word, result: resultOf(figures, this.#options) }
          : { status: isCutShort ? "interrupted" as const : "failed" as const, message: failure }),
      }));
      database.finishTrials(ends.sort((a, b) => a.trial - b.trial));
      flushedAt = clock.elapsed();
    };
    return {
      flush,
      add(finished: readonly FinishedTrial[], word: "finished" | "found" = "finished") {
        for (const trial of finished) waiting.push({ ...trial, word });
        if (waiting.length >= FLUSH_TRIALS || clock.elapsed() - flushedAt >= FLUSH_MS) flush();
      },
    };
  }
}

/** The newest word on each place; one that has ended before one that has not. */
function onRecord(trials: Iterable<StoredTrial>): Map<number, StoredTrial> {
  const byPlace = new Map<number, StoredTrial>();
  for (const trial of trials) {
    if (trial.place === null) continue;
    const before = byPlace.get(trial.place);
    if (!before || trial.status !== "running") byPlace.set(trial.place, trial);
  }
  return byPlace;
}

function isDone(
  { status, result }: StoredTrial,
  { width, takesCutShort }: Pick<SearchRunOptions, "width" | "takesCutShort">,
): boolean {
  if (status === "interrupted") return takesCutShort;
  return status === "failed" || result.figures?.length === width;
}

function isFailure(status: StoredTrial["status"]): boolean {
  return status === "failed" || status === "interrupted";
}

function settled({ message, status, result }: StoredTrial, width: number) {
  const failed = isFailure(status);
  return {
    figures: failed ? new Float64Array(width).fill(NaN) : result.figures!,
    failure: failed ? message ?? "failed" : null,
  };
}

/** What the ledger keeps of a trial: its Sharpe ratio a day, of the whole range. */
function resultOf(
  figures: Float64Array,
  { periodsPerYear, slices }: Pick<SearchRunOptions, "periodsPerYear" | "slices">,
): TrialResult {
  const whole = figures.subarray(0, TRIAL_FIGURES.length);
  return {
    sharpe: figureAt(whole, "sharpe") / Math.sqrt(periodsPerYear),
    days: figureAt(whole, "days"),
    skew: figureAt(whole, "skew"),
    kurtosis: figureAt(whole, "kurtosis"),
    figures,
    ...(slices === null ? {} : { slices }),
  };
}
