import type { DatabaseSync } from "node:sqlite";
import type { Millis } from "../../core/bars.ts";
import { canonicalJson, sha256 } from "../../core/hash.ts";
import type { StateEvent } from "./state_events.ts";
import { statement } from "./statements.ts";

/** What the first link follows. */
export const FIRST_HASH = "0".repeat(64);

/** Where the chain ends. Tampering shows only against a head that left the machine. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** One row of `order_event`. */
export interface ChainRow {
  readonly seq: number;
  readonly time: Millis;
  readonly kind: string;
  readonly cid: string | null;
  readonly payload: string;
  readonly prev_hash: string;
  readonly hash: string;
}

/** The row that follows `head`: its hash is SHA-256 of the last one, a bar and the canonical JSON of everything in it. */
export function nextRow(head: ChainHead, time: Millis, event: StateEvent): ChainRow {
  const seq = head.seq + 1;
  const payload = canonicalJson({ seq, time, event });
  return {
    ...{ seq, time, kind: event.kind, cid: orderOf(event), payload, prev_hash: head.hash },
    hash: linkHash(head.hash, payload),
  };
}

export function linkHash(previous: string, payload: string): string {
  return sha256(`${previous}|${payload}`);
}

/** The event in a row. */
export function eventOf(row: ChainRow): StateEvent {
  return contentOf(row).event;
}

/** Why a row is not the one that was written after `head`, or undefined when it is. */
export function faultOf(row: ChainRow, head: ChainHead): string | undefined {
  if (row.seq !== head.seq + 1) return `row ${head.seq + 1} is missing`;
  if (row.prev_hash !== head.hash) return "it does not follow the row before it";
  if (row.hash !== linkHash(row.prev_hash, row.payload)) {
    return "its content is not what was hashed";
  }
  const { seq, time, event } = contentOf(row);
  const isSame = seq === row.seq && time === row.time && event.kind === row.kind &&
    orderOf(event) === row.cid;
  return isSame ? undefined : "its columns differ from its content";
}

export function appendRow(database: DatabaseSync, row: ChainRow): void {
  statement(
    database,
    "INSERT INTO order_event (seq, time, kind, cid, payload, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
  ).run(row.seq, row.time, row.kind, row.cid, row.payload, row.prev_hash, row.hash);
}

export function readHead(database: DatabaseSync): ChainHead {
  const row = statement(database, "SELECT seq, hash FROM order_event ORDER BY seq DESC LIMIT 1")
    .get();
  return row ? { seq: Number(row.seq), hash: String(row.hash) } : { seq: 0, hash: FIRST_HASH };
}

/** All rows behind `after`, first to last, one at a time. */
export function* readRows(database: DatabaseSync, after = 0): Generator<ChainRow> {
  const rows = database.prepare("SELECT * FROM order_event WHERE seq > ? ORDER BY seq").iterate(
    after,
  );
  for (const row of rows) yield row as unknown as ChainRow;
}

function contentOf(row: ChainRow): { seq: number; time: Millis; event: StateEvent } {
  return JSON.parse(row.payload);
}

function orderOf(event: StateEvent): string | null {
  return "clientOrderId" in event ? event.clientOrderId : null;
}
