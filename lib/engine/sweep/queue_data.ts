import { Buffer } from "node:buffer";
import { Refusal } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import type { RedisClient } from "./queue_library.ts";
import { KEEP, KEYS } from "./queue_protocol.ts";

/** A column that lies elsewhere, by its content. */
interface ColumnReference {
  readonly "~column": string;
  readonly rows: number;
}

/** A value with a reference in place of each of its columns, and those columns. */
export interface Parted {
  readonly value: unknown;
  readonly columns: ReadonlyMap<string, Float64Array>;
}

const CHUNK_BYTES = 256 * 1024;

/** Takes the columns out of a value. */
export function parted(value: unknown): Parted {
  const columns = new Map<string, Float64Array>();
  const visit = (item: unknown): unknown => {
    if (item instanceof Float64Array) {
      const hash = sha256(bytesOf(item));
      columns.set(hash, item);
      return { "~column": hash, rows: item.length } satisfies ColumnReference;
    }
    if (Array.isArray(item)) return item.map(visit);
    if (typeof item !== "object" || item === null) return item;
    // order: as it is, and it stays so
    return Object.fromEntries(Object.entries(item).map(([key, part]) => [key, visit(part)]));
  };
  return { value: visit(value), columns };
}

/** Puts columns into Redis, those that are there already only for longer. How many bytes were sent. */
export async function publishColumns(
  redis: RedisClient,
  columns: Parted["columns"],
): Promise<number> {
  let sent = 0;
  for (const [hash, column] of columns) {
    const bytes = bytesOf(column);
    for (let place = 0; place * CHUNK_BYTES < bytes.length; place++) {
      const key = KEYS.chunk(hash, place);
      if (await redis.call("EXPIRE", key, KEEP.data) === 1) continue;
      const chunk = bytes.subarray(place * CHUNK_BYTES, (place + 1) * CHUNK_BYTES);
      await redis.call("SET", key, chunk, "EX", KEEP.data);
      sent += chunk.length;
    }
  }
  return sent;
}

/** Columns that a worker has, by content. */
export type ColumnStore = Map<string, Float64Array>;

/** Puts a value together again; columns that are not in the store yet are fetched, and refused when they are not what they should be. */
export async function fetchColumns(
  redis: RedisClient,
  value: unknown,
  store: ColumnStore,
): Promise<unknown> {
  if (isReference(value)) return await columnOf(redis, value, store);
  if (Array.isArray(value)) {
    return await Promise.all(value.map((item) => fetchColumns(redis, item, store)));
  }
  if (typeof value !== "object" || value === null) return value;
  // order: as it was sent
  const entries = await Promise.all(
    Object.entries(value).map(async ([key, part]) =>
      [key, await fetchColumns(redis, part, store)] as const
    ),
  );
  return Object.fromEntries(entries);
}

async function columnOf(
  redis: RedisClient,
  { "~column": hash, rows }: ColumnReference,
  store: ColumnStore,
): Promise<Float64Array> {
  const known = store.get(hash);
  if (known) return known;
  const column = new Float64Array(rows);
  const bytes = bytesOf(column);
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const chunk = await redis.callBuffer("GET", KEYS.chunk(hash, at / CHUNK_BYTES));
    if (!(chunk instanceof Uint8Array) || chunk.length > bytes.length - at) {
      throw new Refusal(`data column ${hash.slice(0, 16)}…: found no whole copy in the queue`);
    }
    bytes.set(chunk, at);
  }
  const found = sha256(bytes);
  if (found !== hash) {
    throw new Refusal(
      `data column ${hash.slice(0, 16)}…: found ${
        found.slice(0, 16)
      }… on arrival, expected what its name says`,
    );
  }
  store.set(hash, column);
  return column;
}

function isReference(value: unknown): value is ColumnReference {
  return typeof value === "object" && value !== null && "~column" in value;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
