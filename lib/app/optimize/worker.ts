import { type Clock, systemClock } from "../../core/clock.ts";
import type { RedisAddress } from "../../engine/sweep/queue_address.ts";
import {
  isFull,
  openRedis,
  type RedisLink,
  wordsOfRedis,
} from "../../engine/sweep/queue_connection.ts";
import type { ColumnStore } from "../../engine/sweep/queue_data.ts";
import type { JobQueue } from "../../engine/sweep/queue_library.ts";
import { fromExactText } from "../../engine/sweep/queue_patch.ts";
import {
  type ExperimentNote,
  KEEP,
  KEYS,
  PROTOCOL,
  protocolRefusal,
  QUEUE,
} from "../../engine/sweep/queue_protocol.ts";
import {
  fingerprintRefusal,
  type ServedExperiment,
  serveExperiment,
} from "../../engine/sweep/queue_worker.ts";
import {
  beat,
  BEAT_MS,
  leave,
  newWorkerName,
  workersIn,
} from "../../engine/sweep/queue_workers.ts";
import { trialCodeFingerprint } from "./queue_fingerprints.ts";
import { sweepGround } from "./worker_data.ts";

/** How a worker works. */
export interface WorkerOptions {
  readonly address: RedisAddress;
  /** Permission-less workers on this machine. */
  readonly workers: number;
  /** Folder of price files; the data come through the queue's host when absent. */
  readonly dataRoot?: string;
  /** What it is called; a number of its own when absent. */
  readonly name?: string;
  /** Once aborted it finishes what it has begun and leaves. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** The fingerprint that it says its code has; its own when absent. */
  readonly code?: string;
  /** The sandboxes' module; the models that ship with the library unless a test brings others. */
  readonly module?: URL;
  /** Told in one line what somebody should know. */
  onNote?(text: string): void;
  onProgress?(progress: WorkerProgress): void;
}

/** What a worker is at. */
export interface WorkerProgress {
  readonly name: string;
  readonly trials: number;
  readonly rate: number;
  readonly experiments: readonly string[];
}

const LOOK_EVERY_MS = 500;
const EMPTY_LOOKS = 10;
/** A refused experiment is looked at again after this long: its data may have arrived here meanwhile. */
const AGAIN_MS = 30_000;

/** Works on every experiment that is open in a Redis until it is told to stop; how many trials it ran. */
export async function joinSweeps(options: WorkerOptions): Promise<number> {
  const tell = (text: string) => options.onNote?.(text);
  const { where } = options.address;
  const link = await openRedis(options.address, {
    onDown: () => tell(`Redis at ${where} is out of reach; waiting for it`),
    onUp: () => tell(`Redis at ${where} is back`),
  });
  const code = options.code ?? await trialCodeFingerprint();
  const name = options.name ?? await newWorkerName(link.redis);
  const joined = new JoinedWorker({ ...options, code, name }, link);
  tell(`${name} joined at ${where}`);
  try {
    await joined.work();
  } finally {
    await joined.leave();
    link.close();
  }
  return joined.trials;
}

class JoinedWorker {
  readonly #options: WorkerOptions & { readonly code: string; readonly name: string };
  readonly #link: RedisLink;
  readonly #clock: Clock;
  readonly #served = new Map<
    string,
    { readonly note: ExperimentNote; readonly service: ServedExperiment }
  >();
  readonly #refused = new Map<string, number>();
  /** How often an experiment was seen without its note. */
  readonly #empty = new Map<string, number>();
  /** Columns fetched through the queue's host, of the experiments that are open. */
  readonly #columns: ColumnStore = new Map();
  readonly #told = new Set<string>();
  #past: { readonly time: number; readonly trials: number }[] = [];
  #isLeaving = false;
  trials = 0;

  constructor(
    options: WorkerOptions & { readonly code: string; readonly name: string },
    link: RedisLink,
  ) {
    this.#options = options;
    this.#link = link;
    this.#clock = options.clock ?? systemClock;
  }

  async work(): Promise<void> {
    const { signal } = this.#options;
    let beatAt = 0;
    while (!signal.aborted) {
      if (this.#link.isUp()) await this.#untilAborted(this.#look());
      if (!signal.aborted && this.#link.isUp() && this.#clock.elapsed() >= beatAt) {
        beatAt = this.#clock.elapsed() + BEAT_MS;
        await this.#untilAborted(this.#beat());
      }
      await this.#untilAborted(new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS)));
    }
  }

  /** What does not come about now is tried again at the next look. */
  async #untilAborted(step: Promise<unknown>): Promise<void> {
    const { signal, address } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = () => resolve();
    signal.addEventListener("abort", stop);
    try {
      await Promise.race([step, promise]);
    } catch (error) {
      const full = `Redis at ${address.where} is full; waiting for room`;
      this.#tellOnce(isFull(error) ? full : wordsOfRedis(error, address));
    } finally {
      step.catch(() => {});
      signal.removeEventListener("abort", stop);
    }
  }

  /** Opens what is new and closes what is over. */
  async #look(): Promise<void> {
    const { redis } = this.#link;
    const ids = (await redis.call("SMEMBERS", KEYS.experiments) as string[]).toSorted();
    const over = [...this.#served.keys()].filter((id) => !ids.includes(id));
    for (const id of over) await this.#close(id);
    if (this.#served.size === 0) this.#columns.clear();
    for (const id of ids) {
      const refusedAt = this.#refused.get(id);
      const isFresh = refusedAt !== undefined && this.#clock.elapsed() - refusedAt < AGAIN_MS;
      if (!this.#served.has(id) && !isFresh && !this.#options.signal.aborted) await this.#open(id);
    }
  }

  async #open(id: string): Promise<void> {
    const { redis } = this.#link;
    const text = await redis.call("GET", KEYS.note(id));
    if (typeof text !== "string") return await this.#missed(id);
    this.#empty.delete(id);
    const { note, refusal, ...ground } = await this.#judged(text);
    if (refusal !== undefined || !ground.data) return await this.#refuse(id, note, refusal ?? "");
    if (this.#options.signal.aborted || this.#isLeaving) return;
    await redis.call("HDEL", KEYS.refusals(id), this.#options.name);
    const { name, workers, module } = this.#options;
    const service = serveExperiment({
      link: this.#link,
      note,
      data: ground.data.assets,
      regimes: ground.data.regimes.data,
      ...{ name, sandboxes: workers, clock: this.#clock },
      ...(module ? { module } : {}),
      onTrials: (count) => this.trials += count,
      onTrouble: (message) => this.#tellOnce(message),
      onRefuse: (message) => void this.#giveUp(id, note, message),
    });
    this.#served.set(id, { note, service });
    this.#options.onNote?.(`${name} works on ${note.name} (${id})`);
    await this.#beat();
  }

  /** The experiment behind a note with its data, or why it is not for this worker. */
  async #judged(text: string) {
    const note = fromExactText(text) as ExperimentNote;
    const protocol = protocolRefusal(note.protocol);
    if (protocol !== undefined) return { note, refusal: `the experiment ${protocol}` };
    const { code, dataRoot } = this.#options;
    if (note.code !== code) {
      return { note, refusal: fingerprintRefusal("code", { found: code, expected: note.code }) };
    }
    const { redis } = this.#link;
    return { note, ...await sweepGround(note, { redis, columns: this.#columns, dataRoot }) };
  }

  async #refuse(id: string, { name }: ExperimentNote, why: string): Promise<void> {
    this.#refused.set(id, this.#clock.elapsed());
    this.#tellOnce(`${this.#options.name} refuses ${name} (${id}): ${why}`);
    const { redis } = this.#link;
    await redis.call("HSET", KEYS.refusals(id), this.#options.name, why);
    await redis.call("EXPIRE", KEYS.refusals(id), KEEP.refusals);
  }

  async #giveUp(id: string, note: ExperimentNote, why: string): Promise<void> {
    await this.#refuse(id, note, why).catch(() => {});
    await this.#close(id);
  }

  async #close(id: string): Promise<void> {
    const served = this.#served.get(id);
    this.#served.delete(id);
    await served?.service.close().catch(() => {});
  }

  /** One that is just being cleared away by its coordinator is not to be seen at the next looks. */
  async #missed(id: string): Promise<void> {
    const looks = (this.#empty.get(id) ?? 0) + 1;
    this.#empty.set(id, looks);
    if (looks >= EMPTY_LOOKS) await this.#clear(id);
  }

  /** Nobody came back to this experiment for as long as its note is kept: nothing of it stays. */
  async #clear(id: string): Promise<void> {
    const { library, options, redis } = this.#link;
    const queue: JobQueue = new library.Queue(QUEUE, {
      connection: options,
      prefix: KEYS.prefix(id),
    });
    queue.on("error", () => {});
    await queue.obliterate({ force: true });
    await queue.close();
    await redis.call("SREM", KEYS.experiments, id);
  }

  async #beat(): Promise<void> {
    const { name, workers: sandboxes, code } = this.#options;
    const { trials } = this;
    const rate = this.#rate();
    const experiments = [...this.#served.values()].map(({ note }) => note.name);
    this.#options.onProgress?.({ name, trials, rate, experiments });
    await beat(this.#link.redis, {
      protocol: PROTOCOL,
      ...{ name, sandboxes, code: code.slice(0, 16), trials, rate, experiments },
      isLeaving: this.#isLeaving,
    });
  }

  /** Trials a second over the last beats. */
  #rate(): number {
    const now = { time: this.#clock.elapsed(), trials: this.trials };
    this.#past = [...this.#past.filter(({ time }) => now.time - time < 5 * BEAT_MS), now];
    const [first] = this.#past;
    const seconds = (now.time - first!.time) / 1_000;
    return seconds > 0 ? (now.trials - first!.trials) / seconds : 0;
  }

  async leave(): Promise<void> {
    this.#isLeaving = true;
    const { name } = this.#options;
    const isUp = this.#link.isUp();
    if (isUp) await this.#beat().catch(() => {});
    const closing = [...this.#served.keys()].map((id) => this.#close(id));
    // Without Redis nobody takes what is left: others will do it again.
    if (isUp) await Promise.all(closing);
    if (isUp) await leave(this.#link.redis, name).catch(() => {});
  }

  #tellOnce(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#options.onNote?.(text);
  }
}

/** All workers that are at a Redis now. */
export async function listWorkers(address: RedisAddress) {
  const link = await openRedis(address);
  try {
    return await workersIn(link.redis);
  } finally {
    link.close();
  }
}
