import { Refusal } from "../../core/errors.ts";
import { oneLine } from "../channel.ts";
import type { RedisLink } from "./queue_connection.ts";
import { type Parted, publishColumns } from "./queue_data.ts";
import type { JobQueue, RedisClient } from "./queue_library.ts";
import { exactText } from "./queue_patch.ts";
import {
  type ExperimentNote,
  KEEP,
  KEYS,
  PROTOCOL,
  QUEUE,
  type ResultHead,
} from "./queue_protocol.ts";
import { KEPT, type Reach } from "./queue_reach.ts";
import { headOf } from "./queue_results.ts";

/** A result as it was read, with its place among all results. */
export interface ReadResult {
  readonly at: string;
  readonly head: ResultHead;
  readonly body: Uint8Array;
}

/** A job to be put into the queue. */
export interface DeskJob {
  readonly id: string;
  /** Packed trials as exact text. */
  readonly trials: string;
}

const MOST_RESULTS = 64;
/** Nothing at all. */
const START = "0-0";

/** A coordinator's side of the queue of one experiment: everything that it asks of Redis. */
export class Desk {
  readonly #note: ExperimentNote;
  readonly #ground: Parted;
  readonly #link: RedisLink;
  readonly #reader: RedisClient;
  readonly #queue: JobQueue;
  readonly #reach: Reach;
  readonly #token: string;
  #last = START;

  private constructor(
    { note, ground, link, reader, queue, reach, token }: {
      readonly note: ExperimentNote;
      readonly ground: Parted;
      readonly link: RedisLink;
      readonly reader: RedisClient;
      readonly queue: JobQueue;
      readonly reach: Reach;
      readonly token: string;
    },
  ) {
    this.#note = note;
    this.#ground = ground;
    this.#link = link;
    this.#reader = reader;
    this.#queue = queue;
    this.#reach = reach;
    this.#token = token;
  }

  /** Takes an experiment over from whoever had it, once that one is gone, and lays out all that workers need. */
  static async open(
    { note, ground, link, reach, onWait }: {
      readonly note: ExperimentNote;
      readonly ground: Parted;
      readonly link: RedisLink;
      readonly reach: Reach;
      onWait(): void;
    },
  ): Promise<Desk> {
    const reader = await link.another();
    const queue = new link.library.Queue(QUEUE, {
      connection: link.options,
      prefix: KEYS.prefix(note.id),
      streams: { events: { maxLen: 100 } },
      skipMetasUpdate: false,
    });
    queue.on("error", () => {}); // told by what is asked next
    const token = `${await reach.of(link.redis.call("INCR", KEYS.coordinatorNumber))}`;
    const desk = new Desk({ note, ground, link, reader, queue, reach, token });
    for (let waited = false; !await desk.#holdsLease(); waited = true) {
      if (!waited) onWait();
      await reach.of(new Promise((resolve) => setTimeout(resolve, note.lockMs / 8)));
    }
    await desk.#publish();
    // Whoever had it before cut its jobs otherwise; what is being done already is done, and counts.
    await reach.of(queue.drain(true));
    // Whoever was ended while clearing the queue away left it paused.
    await reach.of(queue.resume());
    return desk;
  }

  /** Alone among all coordinators; the word holds as long as a job's lock. */
  async #holdsLease(): Promise<boolean> {
    const key = KEYS.coordinator(this.#note.id);
    const life = ["PX", this.#note.lockMs] as const;
    if (await this.#ask("GET", key) === this.#token) {
      return await this.#ask("PEXPIRE", key, this.#note.lockMs) === 1 || await this.#holdsLease();
    }
    return await this.#ask("SET", key, this.#token, "NX", ...life) !== null;
  }

  async #publish(): Promise<void> {
    const { id } = this.#note;
    await this.#reach.of(publishColumns(this.#link.redis, this.#ground.columns));
    await this.#ask("SET", KEYS.note(id), exactText(this.#note), "EX", KEEP.experiment);
    // A list of results must exist before anybody adds to it.
    await this.#ask("XADD", KEYS.results(id), "*", "opened", this.#token);
    await this.#ask("EXPIRE", KEYS.results(id), KEEP.experiment);
    await this.#ask("SADD", KEYS.experiments, id);
  }

  /** Renews what would otherwise run out, and lays out anew what Redis has lost. */
  async renew(): Promise<void> {
    const { id } = this.#note;
    if (!await this.#holdsLease()) {
      throw new Refusal(`Another process took the experiment ${id} over; ${KEPT}`);
    }
    const kept = await Promise.all([
      this.#ask("EXPIRE", KEYS.note(id), KEEP.experiment),
      this.#ask("EXPIRE", KEYS.results(id), KEEP.experiment),
      this.#ask("SISMEMBER", KEYS.experiments, id),
    ]);
    if (kept.some((answer) => answer !== 1)) await this.#publish();
  }

  /** Columns would run out while a long search goes on. */
  async renewData(): Promise<void> {
    await this.#reach.of(publishColumns(this.#link.redis, this.#ground.columns));
  }

  /** Puts jobs into the queue; one that lies there already stays as it is. */
  async add(jobs: readonly DeskJob[]): Promise<void> {
    const { id, code, data } = this.#note;
    await this.#reach.of(this.#queue.addBulk(jobs.map((job) => ({
      name: "trials",
      data: { protocol: PROTOCOL, id, code, data, trials: job.trials },
      opts: {
        jobId: job.id,
        attempts: 3,
        backoff: { type: "fixed", delay: 1_000 },
        removeOnComplete: true,
        removeOnFail: { count: 1_000, age: KEEP.data },
      },
    }))));
  }

  /** Results that were not read yet, waiting for some if need be; none when there are none in time. */
  async read(waitMs: number): Promise<readonly ReadResult[]> {
    const block = waitMs > 0 ? ["BLOCK", waitMs] : [];
    const source = ["STREAMS", KEYS.results(this.#note.id), this.#last];
    const answer = await this.#reach.of(
      this.#reader.callBuffer("XREAD", "COUNT", MOST_RESULTS, ...block, ...source),
    ) as [unknown, [Uint8Array, Uint8Array[]][]][] | null;
    const entries = answer?.[0]?.[1] ?? [];
    if (entries.length > 0) this.#last = text(entries.at(-1)![0]);
    return entries.flatMap(([at, fields]) => {
      if (text(fields[0]!) !== "head") return [];
      const head = wholeHead(text(fields[1]!));
      return head ? [{ at: text(at), head, body: fields[3]! }] : [];
    });
  }

  /** Lets go of results up to this one, itself not. */
  async forget(before: string): Promise<void> {
    await this.#ask("XTRIM", KEYS.results(this.#note.id), "MINID", before);
  }

  /** Which of these jobs Redis does not have. */
  async missing(ids: readonly string[]): Promise<readonly string[]> {
    const kept = await Promise.all(ids.map((job) => {
      return this.#ask("EXISTS", KEYS.job(this.#note.id, job));
    }));
    return ids.filter((_, i) => kept[i] === 0);
  }

  /** Takes jobs that nobody could do out of the queue: why, by their ids. */
  async takeFailed(): Promise<ReadonlyMap<string, string>> {
    const failed = await this.#reach.of(this.#queue.getFailed(0, 99));
    const reasons = new Map<string, string>();
    for (const job of failed) {
      if (!job) continue;
      reasons.set(job.id, oneLine(job.failedReason ?? "no reason"));
      await this.#reach.of(job.remove());
    }
    return reasons;
  }

  /** Workers that will not work on this experiment, and why. */
  async refusals(): Promise<ReadonlyMap<string, string>> {
    const pairs = await this.#ask("HGETALL", KEYS.refusals(this.#note.id)) as string[];
    const byName = new Map<string, string>();
    for (let i = 0; i < pairs.length; i += 2) {
      byName.set(oneLine(pairs[i]!), oneLine(pairs[i + 1]!));
    }
    return byName;
  }

  /** Whether Redis takes nothing more in, as far as it tells. */
  async isFull(): Promise<boolean> {
    const info = `${await this.#ask("INFO", "memory")}`;
    const [used, most] = ["used_memory", "maxmemory"].map((name) =>
      Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? 0)
    );
    return most! > 0 && used! >= most!;
  }

  /** Leaves nothing of a search that is over; of one that was broken off, the results that nobody has read. */
  async close({ isOver }: { readonly isOver: boolean }): Promise<void> {
    const { id } = this.#note;
    const { redis } = this.#link;
    await redis.call("SREM", KEYS.experiments, id);
    if (isOver) await redis.call("DEL", KEYS.note(id), KEYS.results(id), KEYS.refusals(id));
    await this.#queue.obliterate({ force: true });
    await redis.call("DEL", KEYS.coordinator(id));
  }

  /** Lets go of the connections. */
  end(): void {
    this.#reader.disconnect();
    this.#queue.close().catch(() => {});
  }

  #ask(command: string, ...parts: Parameters<RedisClient["call"]>[1][]): Promise<unknown> {
    return this.#reach.of(this.#link.redis.call(command, ...parts));
  }
}

/** Why a search ends that Redis has no room for. */
export function fullRefusal(where: string, what: string): Refusal {
  return new Refusal(
    `Redis at ${where} is full: found no room for ${what}, expected more memory there (maxmemory); ${KEPT}`,
  );
}

/** The head of a result that this version can read; its trials are run again otherwise. */
function wholeHead(written: string): ResultHead | undefined {
  try {
    const head = headOf(written);
    return head.protocol === PROTOCOL ? head : undefined;
  } catch {
    return undefined;
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
