import { Refusal } from "../../core/errors.ts";
import type { RegimeData } from "../../regime/mod.ts";
import { Ended } from "../channel.ts";
import type { AssetData, Plan } from "../plan.ts";
import type { Watch } from "../watch.ts";
import type { Executor, FinishedTrial, SweepTrials } from "./crew.ts";
import type { RedisAddress } from "./queue_address.ts";
import { isFull, openRedis, type RedisLink } from "./queue_connection.ts";
import { parted } from "./queue_data.ts";
import { Desk, fullRefusal, type ReadResult } from "./queue_desk.ts";
import { type ExperimentNote, PROTOCOL, type WorkerNote } from "./queue_protocol.ts";
import { MANY_SLOTS, type OpenJob, TrialRange } from "./queue_range.ts";
import { type Reach, reachOf } from "./queue_reach.ts";
import { exactText } from "./queue_patch.ts";
import { type ArrivedTrial, unpackResult } from "./queue_results.ts";
import { JOBS_AT_ONCE } from "./queue_worker.ts";
import { workersIn } from "./queue_workers.ts";

/** What a queue works on, and whom it tells what. */
export interface QueueOptions {
  readonly address: RedisAddress;
  /** Name and id of the experiment, and the fingerprints that its workers must have. */
  readonly experiment: {
    readonly name: string;
    readonly id: string;
    readonly code: string;
    readonly data: string;
  };
  readonly base: Plan;
  readonly data: readonly AssetData[];
  readonly regimes?: RegimeData | undefined;
  readonly watch: Watch;
  /** Whether daily returns are wanted with the figures. */
  readonly returns: boolean;
  readonly slices: ExperimentNote["slices"];
  /** A worker that was not heard of for so long has lost its jobs; 15 s. */
  readonly lockMs?: number;
  /** How long Redis may be out of reach, or full without anything moving; two minutes. */
  readonly patienceMs?: number;
  /** Told in one line what somebody should know: who refuses, what is waited for. */
  onNote?(text: string): void;
  /** Told now and then who is at work. */
  onWorkers?(workers: readonly WorkerNote[]): void;
}

/** An executor on a queue, which has things to put away when it is closed. */
export interface QueueExecutor extends Executor {
  /** Resolves once everything is put away, after `close`. */
  closed(): Promise<void>;
}

const LOCK_MS = 15_000;
const PATIENCE_MS = 120_000;
const WAIT_MS = 250;
const UPKEEP_MS = 1_000;
const RENEW_DATA_MS = 600_000;
/** Jobs that a lost Redis may have forgotten are looked for after this long. */
const MISSED_AFTER_MS = 3_000;
const MOST_FAILURES = 12;
/** Jobs in the queue per slot that takes them: none has to wait, and a broken-off search leaves little behind. */
const AHEAD = 3;
const FEWEST_JOBS = 8;
const NO_WORKERS_MS = 5_000;

/** Gives trials to workers anywhere that take them from a queue in Redis. */
export function openQueue(options: QueueOptions): QueueExecutor {
  return new Coordinator(options);
}

class Coordinator implements QueueExecutor {
  readonly #options: QueueOptions;
  #opened:
    | Promise<{ readonly desk: Desk; readonly link: RedisLink; readonly reach: Reach }>
    | undefined;
  #closing: Promise<void> | undefined;
  /** Results of earlier coordinators by what their trials are. */
  readonly #leftovers = new Map<string, ArrivedTrial>();
  /** Jobs of this coordinator. */
  readonly #asked = new Set<string>();
  readonly #told = new Map<string, string>();
  #handed: { readonly at: string; readonly time: number }[] = [];
  #slots = 2;
  #upkeepAt = 0;
  #dataAt = 0;
  #alone: number | undefined;
  #fullSince: number | undefined;
  #isBroken = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  async run(
    trials: SweepTrials,
    onFinished: (finished: readonly FinishedTrial[]) => void,
  ): Promise<void> {
    if (this.#closing) throw new Ended("the sweep is over");
    this.#isBroken = true;
    const { desk, link, reach } = await (this.#opened ??= this.#open());
    const { base, watch: { clock } } = this.#options;
    const range = new TrialRange(trials, { base, leftovers: this.#leftovers });
    const hand = (finished: readonly FinishedTrial[]) => {
      if (finished.length > 0) onFinished(finished);
    };
    while (!range.isDone) {
      hand(await this.#giveOut(desk, range));
      if (range.isDone) break;
      hand(this.#settled(await desk.read(WAIT_MS), range));
      if (clock.elapsed() < this.#upkeepAt) continue;
      this.#upkeepAt = clock.elapsed() + UPKEEP_MS;
      await this.#letGo(desk);
      await this.#orFull(async () => {
        await desk.renew();
        this.#see(await reach.of(workersIn(link.redis)), await desk.refusals());
        await this.#lookAfter(desk, range, hand);
      });
      if (await desk.isFull()) this.#isFull();
      else this.#fullSince = undefined;
    }
    // Short searches end before the first look; nobody learns otherwise why a worker stood by.
    this.#tellRefusals(await desk.refusals().catch(() => new Map()));
    this.#isBroken = false;
  }

  async #open() {
    const { address, experiment, base, data, regimes, watch, returns, slices } = this.#options;
    const { lockMs = LOCK_MS, patienceMs = PATIENCE_MS } = this.#options;
    const { clock, signal, timeoutMs, memoryMb } = watch;
    const tell = (text: string) => this.#options.onNote?.(text);
    const link = await openRedis(address, {
      onDown: () => tell(`Redis at ${address.where} is out of reach; waiting for it`),
      onUp: () => tell(`Redis at ${address.where} is back`),
    });
    const reach = reachOf(link, { clock, signal, patienceMs });
    const ground = parted({ data, regimes: regimes ?? null });
    const note: ExperimentNote = {
      protocol: PROTOCOL,
      ...experiment,
      ...{ base, returns, slices, timeoutMs, memoryMb: memoryMb ?? null, lockMs },
      ground: ground.value,
    };
    const onWait = () => tell("Another process leads this experiment over Redis; waiting for it");
    try {
      const desk = await Desk.open({ note, ground, link, reach, onWait });
      this.#dataAt = clock.elapsed() + RENEW_DATA_MS;
      for (let some = await desk.read(0); some.length > 0; some = await desk.read(0)) {
        this.#keep(some.flatMap(trialsOf));
      }
      return { desk, link, reach };
    } catch (error) {
      reach.close();
      link.close();
      throw isFull(error) ? fullRefusal(link.where, "the experiment") : error;
    }
  }

  #keep(trials: readonly ArrivedTrial[]): void {
    for (const trial of trials) this.#leftovers.set(exactText(trial.differences), trial);
  }

  /** Fills the queue up; what is known already comes back at once. */
  async #giveOut(desk: Desk, range: TrialRange): Promise<readonly FinishedTrial[]> {
    const { clock } = this.#options.watch;
    // What waits behind many workers is much, and is not waited for.
    const ahead = this.#slots > MANY_SLOTS ? AHEAD / 2 : AHEAD;
    const room = Math.max(FEWEST_JOBS, ahead * this.#slots) - range.jobs.size;
    const jobs: OpenJob[] = [];
    const known: FinishedTrial[] = [];
    while (jobs.length < room) {
      const next = range.next(this.#slots, clock.elapsed());
      if (!next) break;
      known.push(...next.known);
      if (next.job) jobs.push(next.job);
      if (known.length > 0) break;
    }
    await this.#put(desk, jobs);
    return known;
  }

  /** Puts jobs into the queue. Those that find no room are missed by and by, and put in again. */
  async #put(desk: Desk, jobs: readonly OpenJob[]): Promise<void> {
    if (jobs.length === 0) return;
    for (const { id } of jobs) this.#asked.add(id);
    await this.#orFull(async () => {
      await desk.add(jobs);
    });
  }

  /** What finds no room now is tried again later: results that are taken away make some. */
  async #orFull(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#isFull();
    }
  }

  /** Redis is full now, which is no harm as long as something moves. */
  #isFull(): void {
    const { address: { where }, watch: { clock }, patienceMs = PATIENCE_MS } = this.#options;
    this.#fullSince ??= clock.elapsed();
    if (clock.elapsed() - this.#fullSince > patienceMs) {
      throw fullRefusal(where, "jobs and results");
    }
    this.#tell("full", `Redis at ${where} is full (maxmemory): jobs and results wait for room`);
  }

  #settled(results: readonly ReadResult[], range: TrialRange): readonly FinishedTrial[] {
    const time = this.#options.watch.clock.elapsed();
    return results.flatMap((result) => {
      const { at, head } = result;
      const { finished, unwanted } = range.settle(head.job, trialsOf(result));
      if (!this.#asked.has(head.job)) this.#keep(unwanted);
      else if (finished.length > 0) {
        const bytes = result.body.byteLength;
        range.took(finished.length, { ms: head.ms, bytes, slots: this.#slots });
      }
      this.#handed.push({ at, time });
      this.#fullSince = undefined;
      return finished;
    });
  }

  /** Results that were handed over a while ago are on record by now. */
  async #letGo(desk: Desk): Promise<void> {
    const now = this.#options.watch.clock.elapsed();
    const old = this.#handed.filter(({ time }) => now - time > UPKEEP_MS);
    if (old.length < 2) return;
    this.#handed = this.#handed.slice(old.length - 1);
    await desk.forget(old.at(-1)!.at);
  }

  #see(workers: readonly WorkerNote[], refusals: ReadonlyMap<string, string>): void {
    const { experiment, watch: { clock }, onWorkers } = this.#options;
    const own = workers.filter(({ experiments, isLeaving }) =>
      !isLeaving && experiments.includes(experiment.name)
    );
    onWorkers?.(own);
    this.#slots = Math.max(2, own.length * JOBS_AT_ONCE);
    this.#tellRefusals(refusals);
    if (own.length > 0) this.#alone = undefined;
    else this.#alone ??= clock.elapsed();
    if (this.#alone !== undefined && clock.elapsed() - this.#alone > NO_WORKERS_MS) {
      this.#tell("alone", "No worker is at work on this; start some with deno task worker");
    }
  }

  #tellRefusals(refusals: ReadonlyMap<string, string>): void {
    for (const [name, why] of refusals) this.#tell(name, `${name} refuses: ${why}`);
  }

  /** Jobs that nobody could do and jobs that Redis has lost are put into the queue again. */
  async #lookAfter(
    desk: Desk,
    range: TrialRange,
    hand: (finished: readonly FinishedTrial[]) => void,
  ): Promise<void> {
    const { clock } = this.#options.watch;
    const now = clock.elapsed();
    if (now > this.#dataAt) {
      this.#dataAt = now + RENEW_DATA_MS;
      await desk.renewData();
    }
    const failed = await desk.takeFailed();
    const old = [...range.jobs.values()].filter(({ since }) => now - since > MISSED_AFTER_MS);
    const missing = await desk.missing(old.map(({ id }) => id));
    if (failed.size + missing.length === 0) return;
    // A job is done with when its result lies ready, which may not have been read yet.
    for (let some = await desk.read(0); some.length > 0; some = await desk.read(0)) {
      hand(this.#settled(some, range));
    }
    const jobs = missing.flatMap((id) => range.again(id, now, { failed: false }));
    for (const [id, why] of failed) {
      const again = range.again(id, now, { failed: true });
      jobs.push(...again);
      if (again.some(({ failures }) => failures > MOST_FAILURES)) {
        throw new Refusal(`Trials could not be run by any worker: ${why}`);
      }
    }
    await this.#put(desk, jobs);
  }

  /** The same thing is not told twice. */
  #tell(subject: string, text: string): void {
    if (this.#told.get(subject) === text) return;
    this.#told.set(subject, text);
    this.#options.onNote?.(text);
  }

  close(): void {
    this.#closing ??= this.#putAway();
    this.#closing.catch(() => {});
  }

  async #putAway(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    if (!opened) return;
    const { desk, link, reach } = opened;
    reach.close();
    const late = new Promise<void>((resolve) => setTimeout(resolve, 5_000));
    await Promise.race([desk.close({ isOver: !this.#isBroken }).catch(() => {}), late]);
    desk.end();
    link.close();
  }

  async closed(): Promise<void> {
    await this.#closing;
  }
}

/** The trials of a result; none of one that is not whole, whose trials are run again. */
function trialsOf({ head, body }: ReadResult): readonly ArrivedTrial[] {
  try {
    return unpackResult(head, body);
  } catch {
    return [];
  }
}
