import { oneLine } from "../channel.ts";
import type { RedisClient } from "./queue_library.ts";
import { KEEP, KEYS, type WorkerNote } from "./queue_protocol.ts";

/** How often a worker says that it is there. */
export const BEAT_MS = 2_000;

/** A name that no other worker of this Redis has. */
export async function newWorkerName(redis: RedisClient): Promise<string> {
  return `worker-${await redis.call("INCR", KEYS.workerNumber)}`;
}

/** Says that a worker is there and what it is at; the word is kept for a few beats only. */
export async function beat(redis: RedisClient, note: WorkerNote): Promise<void> {
  await redis.call("SET", KEYS.worker(note.name), JSON.stringify(note), "EX", KEEP.worker);
  await redis.call("SADD", KEYS.workers, note.name);
}

/** Takes a worker's word back. */
export async function leave(redis: RedisClient, name: string): Promise<void> {
  await redis.call("DEL", KEYS.worker(name));
  await redis.call("SREM", KEYS.workers, name);
}

/** All workers that were heard of in the last seconds, by name. */
export async function workersIn(redis: RedisClient): Promise<readonly WorkerNote[]> {
  const names = (await redis.call("SMEMBERS", KEYS.workers) as string[]).toSorted(byNumber);
  if (names.length === 0) return [];
  const texts = await redis.call("MGET", ...names.map(KEYS.worker)) as (string | null)[];
  const gone = names.filter((_, i) => texts[i] === null);
  if (gone.length > 0) await redis.call("SREM", KEYS.workers, ...gone);
  return texts.flatMap((text) => {
    const note = text === null ? undefined : noteOf(text);
    return note ? [note] : [];
  });
}

/** Whoever may write to this Redis may write anything, and it comes on somebody's terminal. */
function noteOf(text: string): WorkerNote | undefined {
  try {
    const { protocol, name, sandboxes, code, trials, rate, experiments, isLeaving } = JSON.parse(
      text,
    );
    return {
      protocol: Number(protocol),
      name: oneLine(String(name)),
      sandboxes: Number(sandboxes),
      code: oneLine(String(code)),
      trials: Number(trials),
      rate: Number(rate),
      experiments: Array.from(experiments, (one) => oneLine(String(one))),
      isLeaving: isLeaving === true,
    };
  } catch {
    return undefined;
  }
}

function byNumber(a: string, b: string): number {
  const number = (name: string) => Number(/(\d+)$/.exec(name)?.[1] ?? 0);
  return number(a) - number(b) || (a < b ? -1 : 1);
}
