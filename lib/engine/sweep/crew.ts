import type { Bars, Timeframe } from "../../core/bars.ts";
import { Refusal } from "../../core/errors.ts";
import { TRIAL_FIGURES } from "../../core/trial_figures.ts";
import type { RegimeData } from "../../regime/mod.ts";
import { type Channel, Ended, oneLine, openChannel } from "../channel.ts";
import type { AssetData, Plan } from "../plan.ts";
import { pulseMemory, readPulse } from "../pulse.ts";
import type { SandboxReply } from "../requests.ts";
import type { Watch } from "../watch.ts";
import type { Gear } from "./runner.ts";
import type { PlanPatch, SweepAnswer, SweepOrder } from "./serve_sweep.ts";
import type { Slice } from "./trial_row.ts";

/** One trial to be run: what it has otherwise than the sweep's base plan. */
export interface SweepTrial {
  /** Any number that tells it from the others. */
  readonly place: number;
  readonly patch: PlanPatch;
}

/** Trials to be run, made one by one as they are wanted: any number of them takes no memory. */
export interface SweepTrials extends Iterable<SweepTrial> {
  readonly count: number;
}

/** One trial that was run. */
export interface FinishedTrial {
  readonly place: number;
  /** In the order of `TRIAL_FIGURES`, NaN where undefined or failed: of the whole range, then of each slice. */
  readonly figures: Float64Array;
  /** Daily returns where they were asked for and the trial did not fail. */
  readonly returns: Float64Array | null;
  /** Why it failed, in one line; null when it did not. */
  readonly failure: string | null;
  /** True where a limit of time or memory ended it, which says as much of the machine as of the trial. */
  readonly isCutShort?: boolean;
}

/** Whoever runs the trials of a sweep, here or elsewhere: the same trials give the same results, in any order. */
export interface Executor {
  /**
   * Runs trials and hands them over, some at a time, as they are finished. Returns when all are; throws what `onFinished`
   * throws, and a Refusal when interrupted.
   */
  run(
    trials: SweepTrials,
    onFinished: (finished: readonly FinishedTrial[]) => void,
  ): Promise<void>;
  close(): void;
}

/** What a crew works on. */
export interface CrewOptions {
  readonly base: Plan;
  readonly data: readonly AssetData[];
  readonly regimes?: RegimeData | undefined;
  readonly workers: number;
  readonly watch: Watch;
  /** Whether daily returns are wanted with the figures. */
  readonly returns: boolean;
  /** Parts of the range to be measured by themselves, too. */
  readonly slices?: readonly Slice[];
  readonly gear?: Gear;
  /** The workers' module; the models that ship with the library unless a test brings others. */
  readonly module?: URL;
  /** Workers of that module which were started ahead, asked for nothing yet; further ones are started when they are too few. */
  readonly ready?: readonly Channel[];
}

/** How long one order should keep a worker busy: long enough to pay for its way, short enough to be interrupted. */
const ORDER_MS = 40;
const MOST_TRIALS = 1_000;
/** Orders on their way to one worker at a time, so that it never waits for the next. */
const AHEAD = 2;
const WORKER = new URL("../worker.ts", import.meta.url);
/** Above this many trials their common features are not looked for ahead: looking would cost more than computing them. */
const MOST_SHARING = 2_000;

/** Starts workers for a crew that is about to be opened: they load while what they will work on does. */
export function startWorkers(count: number, module: URL = WORKER): readonly Channel[] {
  return Array.from({ length: count }, () => openChannel(module, { onFall: () => {} }));
}

/** Opens permission-less workers on this machine; data cross to each of them once, in shared memory. */
export function openCrew(options: CrewOptions): Executor {
  return new Crew(options);
}

class Crew implements Executor {
  readonly #options: CrewOptions;
  readonly #data: readonly AssetData[];
  readonly #module: URL;
  readonly #members: Member[] = [];
  #hasShared = false;
  #isClosed = false;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#data = options.data.map(inSharedMemory);
    this.#module = options.module ?? WORKER;
    const { ready = [] } = options;
    for (let i = 0; i < options.workers; i++) this.#members.push(this.#hire(ready[i]));
  }

  #hire(ready?: Channel): Member {
    const { base, regimes, watch } = this.#options;
    const [channel] = ready ? [ready] : startWorkers(1, this.#module);
    return new Member(channel!, { base, data: this.#data, regimes, watch });
  }

  async run(
    trials: SweepTrials,
    onFinished: (finished: readonly FinishedTrial[]) => void,
  ): Promise<void> {
    const sharing = trials.count > 1 && trials.count <= MOST_SHARING && this.#members.length > 1;
    this.#refuseIfOver();
    if (sharing && !this.#hasShared) await this.#shareColumns([...trials]);
    const work = new Work(trials, this.#members.length);
    let failed: unknown;
    const serve = async (place: number) => {
      try {
        while (failed === undefined) {
          this.#refuseIfOver();
          const some = work.take();
          if (some.length === 0) return;
          const finished = await this.#ask(place, some, work);
          if (finished.length > 0 && failed === undefined) onFinished(finished);
        }
      } catch (error) {
        failed ??= error;
      }
    };
    await Promise.all(
      this.#members.flatMap((_, place) => Array.from({ length: AHEAD }, () => serve(place))),
    );
    if (failed !== undefined) throw failed;
  }

  #refuseIfOver(): void {
    if (this.#options.watch.signal?.aborted) throw new Refusal("Interrupted");
    if (this.#isClosed) throw new Ended(OVER);
  }

  /** One order to one member; a trial that takes its worker down is failed, and the rest of its order waits again. */
  async #ask(place: number, trials: readonly SweepTrial[], work: Work): Promise<FinishedTrial[]> {
    const member = this.#members[place]!;
    const { returns, slices = [], gear = "auto", watch } = this.#options;
    const pulse = pulseMemory();
    const patches = trials.map(({ patch }) => patch);
    const begun = watch.clock.elapsed();
    try {
      const answer = await member.order({ kind: "trials", patches, returns, gear, slices }, pulse);
      work.took(trials.length, watch.clock.elapsed() - begun);
      return finishedOf(trials, answer, rowWidth(slices));
    } catch (error) {
      if (watch.signal?.aborted || this.#isClosed) throw error;
      if (member === this.#members[place]) {
        member.end();
        this.#members[place] = this.#hire();
      }
      // Others of the same worker's orders were only waiting behind the one that took it down.
      const { trial, begun: hadBegun } = readPulse(pulse);
      if (error instanceof Ended || !hadBegun || trial < 0) {
        work.giveBack(trials, error instanceof Ended ? undefined : error);
        return [];
      }
      work.giveBack(trials.toSpliced(trial, 1));
      const failure = oneLine((error as Error).message);
      return [cutShort(trials[trial]!.place, failure, rowWidth(slices))];
    }
  }

  /** Features that several trials want are computed once, by all members together, and lie in memory that all see. */
  async #shareColumns(trials: readonly SweepTrial[]): Promise<void> {
    this.#hasShared = true;
    const { base } = this.#options;
    const ranged = trials.filter(({ patch }) => patch.end === undefined || patch.end === base.end);
    if (ranged.length < 2) return;
    const patches = ranged.map(({ patch }) => patch);
    try {
      const shares = await Promise.all(this.#members.map(async (member, share) => {
        const of = this.#members.length;
        const answer = await member.order({ kind: "columns", patches, share, of }, pulseMemory());
        return answer.kind === "columns" ? answer.columns : [];
      }));
      const columns = shares.flat().map(({ column, ...rest }) => ({
        ...rest,
        column: sharedColumn(column),
      }));
      await Promise.all(
        this.#members.map((member) => member.order({ kind: "take", columns }, pulseMemory())),
      );
    } catch (error) {
      if (this.#options.watch.signal?.aborted || this.#isClosed) throw error;
      // Whichever trial it is that cannot even be looked at fails by itself, when its turn comes.
      for (const [place, member] of this.#members.entries()) {
        member.end();
        this.#members[place] = this.#hire();
      }
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const member of this.#members) member.end();
  }
}

const OVER = "the sweep is over";

/** One worker that has been opened for the sweep. */
class Member {
  readonly #channel: Channel;
  readonly #plan: Plan;
  readonly #watch: Watch;
  readonly #opened: Promise<unknown>;

  constructor(
    channel: Channel,
    { base, data, regimes, watch }: {
      readonly base: Plan;
      readonly data: readonly AssetData[];
      readonly regimes: RegimeData | undefined;
      readonly watch: Watch;
    },
  ) {
    this.#plan = base;
    this.#watch = { ...watch };
    this.#channel = channel;
    const request = {
      plan: base,
      data,
      ...(regimes ? { regimes } : {}),
      ask: "sweep",
      pulse: pulseMemory(),
    } as const;
    this.#opened = this.#channel.ask(request, this.#watch).then(refuseFailure);
    this.#opened.catch(() => {}); // told to whoever orders first
  }

  async order(order: SweepOrder, pulse: SharedArrayBuffer): Promise<SweepAnswer> {
    await this.#opened;
    const request = { plan: this.#plan, data: [], ask: "order", order, pulse } as const;
    const watch = { ...this.#watch, startMs: Infinity };
    const reply = refuseFailure(await this.#channel.ask(request, watch));
    if (reply.status !== "order") throw new Error(`A worker answered ${reply.status} to an order`);
    return reply.answer;
  }

  end(): void {
    this.#channel.end(OVER);
  }
}

function refuseFailure(reply: SandboxReply): SandboxReply {
  if (reply.status !== "refused" && reply.status !== "broken") return reply;
  throw new Error(oneLine(reply.message));
}

/** The trials still to be run, given out in portions that grow with the speed at which they are done. */
class Work {
  readonly #coming: Iterator<SweepTrial>;
  readonly #returned: SweepTrial[] = [];
  readonly #workers: number;
  #left: number;
  #portion = 2;
  #setbacks = 0;

  constructor(trials: SweepTrials, workers: number) {
    this.#coming = trials[Symbol.iterator]();
    this.#left = trials.count;
    this.#workers = workers;
  }

  /** None when all are given out. */
  take(): readonly SweepTrial[] {
    // Towards the end portions shrink, so that all workers finish together.
    const fair = Math.ceil(this.#left / (2 * this.#workers));
    const some = this.#returned.splice(0, this.#portion);
    while (some.length < Math.min(this.#portion, fair)) {
      const { value, done } = this.#coming.next();
      if (done) break;
      some.push(value);
      this.#left--;
    }
    return some;
  }

  took(count: number, ms: number): void {
    this.#setbacks = 0;
    const each = Math.max(ms / AHEAD / count, 1e-3);
    this.#portion = Math.max(1, Math.min(MOST_TRIALS, 4 * this.#portion, ORDER_MS / each | 0));
  }

  /** What could not be done waits again; workers that never begin would make it wait for ever. */
  giveBack(trials: readonly SweepTrial[], cause?: unknown): void {
    if (cause !== undefined && ++this.#setbacks > MOST_SETBACKS) throw cause;
    this.#returned.push(...trials);
  }
}

const MOST_SETBACKS = 4;

/** Figures of a trial over its whole range, then over each slice. */
function rowWidth(slices: readonly Slice[]): number {
  return (1 + slices.length) * TRIAL_FIGURES.length;
}

function finishedOf(
  trials: readonly SweepTrial[],
  answer: SweepAnswer,
  width: number,
): FinishedTrial[] {
  if (answer.kind !== "trials") throw new Error(`A worker answered ${answer.kind} to trials`);
  const { figures, returns, failures } = answer.rows;
  const messages = new Map(failures.map(({ place, message }) => [place, message]));
  return trials.map(({ place }, i) => ({
    place,
    figures: figures.subarray(i * width, (i + 1) * width),
    returns: returns[i]!,
    failure: messages.has(i) ? oneLine(messages.get(i)!) : null,
  }));
}

function cutShort(place: number, failure: string, width: number): FinishedTrial {
  const figures = new Float64Array(width).fill(NaN);
  return { place, figures, returns: null, failure, isCutShort: true };
}

/** The same bars in memory that workers share instead of copying it. */
function inSharedMemory(asset: AssetData): AssetData {
  // order: as the data name them, which a plan does not see
  const bars = Object.fromEntries((Object.entries(asset.bars) as [Timeframe, Bars][])
    .map(([timeframe, { openTime, availableAt, open, high, low, close, volume, ...rest }]) => {
      const columns = { openTime, availableAt, open, high, low, close, volume };
      const shared = Object.fromEntries(
        Object.entries(columns).map(([name, column]) => [name, sharedColumn(column)]), // order: as above
      ) as unknown as typeof columns;
      return [timeframe, { ...rest, ...shared }];
    }));
  return { ...asset, bars };
}

function sharedColumn(column: Float64Array): Float64Array {
  const shared = new Float64Array(new SharedArrayBuffer(column.byteLength));
  shared.set(column);
  return shared;
}
