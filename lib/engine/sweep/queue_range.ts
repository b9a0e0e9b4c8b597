import { sha256 } from "../../core/hash.ts";
import type { Plan } from "../plan.ts";
import type { FinishedTrial, SweepTrial, SweepTrials } from "./crew.ts";
import { type Difference, differencesOf, exactText, packed } from "./queue_patch.ts";
import type { ArrivedTrial } from "./queue_results.ts";

/** A job that is on its way. */
export interface OpenJob {
  readonly id: string;
  /** Packed trials as exact text. */
  readonly trials: string;
  readonly parts: readonly OpenTrial[];
  /** When it was put into the queue. */
  readonly since: number;
  /** How often nobody could do it. */
  readonly failures: number;
}

/** A trial that is on its way: what it is, and for which places it is wanted. */
interface OpenTrial {
  readonly key: string;
  readonly place: number;
  readonly differences: readonly Difference[];
}

const MOST_TRIALS = 1_000;
/** Wall time that a job should take: long enough to pay for its way, short enough to be lost. */
const JOB_MS = 500;
/** Above this many jobs at a time they are made longer, so that one coordinator and one Redis keep up with any number. */
export const MANY_SLOTS = 128;
/** About the largest result: with daily returns a trial has kilobytes of them. */
const MOST_BYTES = 2_000_000;
const FIRST_PORTION = 4;

/**
 * The trials of one run, given out in jobs. A result is known by what its trials are, not by who asked for them: one that
 * comes twice counts once, and one that an earlier coordinator asked for counts, too.
 */
export class TrialRange {
  readonly #base: Plan;
  readonly #coming: Iterator<SweepTrial>;
  readonly #leftovers: Map<string, ArrivedTrial>;
  /** Places that a trial is wanted for, by its key. */
  readonly #wanted = new Map<string, number[]>();
  readonly #jobs = new Map<string, OpenJob>();
  #unasked: number;
  #portion = FIRST_PORTION;

  constructor(
    trials: SweepTrials,
    { base, leftovers }: {
      readonly base: Plan;
      /** Results of earlier coordinators that nobody has wanted yet. */
      readonly leftovers: Map<string, ArrivedTrial>;
    },
  ) {
    this.#base = base;
    this.#coming = trials[Symbol.iterator]();
    this.#unasked = trials.count;
    this.#leftovers = leftovers;
  }

  get isDone(): boolean {
    return this.#unasked === 0 && this.#wanted.size === 0;
  }

  /** Jobs on their way. */
  get jobs(): ReadonlyMap<string, OpenJob> {
    return this.#jobs;
  }

  /** The next job, for one of `slots` that take jobs, and trials that turned out to be known; nothing when all are given out. */
  next(
    slots: number,
    now: number,
  ): { readonly job: OpenJob | undefined; readonly known: readonly FinishedTrial[] } | undefined {
    if (this.#unasked === 0) return undefined;
    const parts: OpenTrial[] = [];
    const known: FinishedTrial[] = [];
    // Towards the end jobs shrink, so that all workers finish together.
    const fair = Math.max(1, Math.ceil(this.#unasked / (2 * slots)));
    const most = Math.min(this.#portion, fair);
    for (let taken = 0; parts.length < most && taken < MOST_TRIALS; taken++) {
      const { value, done } = this.#coming.next();
      if (done) {
        this.#unasked = 0;
        break;
      }
      this.#unasked--;
      const differences = differencesOf(this.#base, value.patch);
      const key = exactText(differences);
      const left = this.#leftovers.get(key);
      const places = this.#wanted.get(key);
      if (left) known.push(finishedAs(left, value.place));
      else if (places) places.push(value.place);
      else {
        this.#wanted.set(key, [value.place]);
        parts.push({ key, place: value.place, differences });
      }
    }
    return { job: parts.length === 0 ? undefined : this.#open(parts, now, 0), known };
  }

  #open(parts: readonly OpenTrial[], since: number, failures: number): OpenJob {
    const trials = exactText(packed(parts.map(({ differences }) => differences)));
    const [first, last] = [parts[0]!.place, parts.at(-1)!.place];
    const id = `${first}-${last}-${sha256(trials).slice(0, 16)}`;
    const job = { id, trials, parts, since, failures };
    this.#jobs.set(id, job);
    return job;
  }

  /** Takes a result in: its trials that were still wanted, for every place that wanted them. */
  settle(job: string, arrived: readonly ArrivedTrial[]): {
    readonly finished: readonly FinishedTrial[];
    readonly unwanted: readonly ArrivedTrial[];
  } {
    this.#jobs.delete(job);
    const finished: FinishedTrial[] = [];
    const unwanted: ArrivedTrial[] = [];
    for (const trial of arrived) {
      const key = exactText(trial.differences);
      const places = this.#wanted.get(key);
      this.#wanted.delete(key);
      if (places) finished.push(...places.map((place) => finishedAs(trial, place)));
      else unwanted.push(trial);
    }
    return { finished, unwanted };
  }

  /** What a job took, and how large its result was, tell how many trials the next should have. */
  took(
    count: number,
    { ms, bytes, slots }: { readonly ms: number; readonly bytes: number; readonly slots: number },
  ): void {
    const each = Math.max(ms / count, 1e-3);
    const inTime = JOB_MS * Math.max(1, slots / MANY_SLOTS) / each;
    const inSize = MOST_BYTES * count / bytes;
    const fitting = Math.floor(Math.min(MOST_TRIALS, 4 * this.#portion, inTime, inSize));
    this.#portion = Math.max(1, fitting);
  }

  /** What is left of a job that was lost or that nobody could do, as jobs to be put into the queue again. */
  again(id: string, now: number, { failed }: { readonly failed: boolean }): readonly OpenJob[] {
    const job = this.#jobs.get(id);
    if (!job) return [];
    this.#jobs.delete(id);
    const parts = job.parts.filter(({ key }) => this.#wanted.has(key));
    if (parts.length === 0) return [];
    const failures = job.failures + (failed ? 1 : 0);
    if (!failed || parts.length === 1) return [this.#open(parts, now, failures)];
    // Whichever trial it is that takes workers down, the others get rid of it.
    const half = Math.ceil(parts.length / 2);
    return [parts.slice(0, half), parts.slice(half)].map((some) => this.#open(some, now, failures));
  }
}

function finishedAs({ differences: _, ...trial }: ArrivedTrial, place: number): FinishedTrial {
  return { place, ...trial };
}
