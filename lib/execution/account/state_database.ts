import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Millis } from "../../core/bars.ts";
import type { Clock } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import { inTransaction } from "../../core/transaction.ts";
import {
  appendRow,
  type ChainHead,
  type ChainRow,
  eventOf,
  nextRow,
  readHead,
  readRows,
} from "./state_chain.ts";
import type { StateEvent } from "./state_events.ts";
import { project } from "./state_projection.ts";
import { type AccountRows, readRowsOf } from "./state_rows.ts";
import { LOG_TABLE, STATE_MIGRATIONS, STATE_SCHEMA, STATE_VERSION } from "./state_schema.ts";
import { statement } from "./statements.ts";

/** An event with its link of the chain. */
export interface LinkedEvent {
  readonly seq: number;
  readonly time: Millis;
  readonly event: StateEvent;
}

/** The only truth about an account's trading. What was appended is on the disk before the call returns. */
export interface AccountState extends AccountRows {
  /** Adds events to the chain and their effects to the tables, all or none. */
  append(...events: readonly StateEvent[]): void;
  head(): ChainHead;
  /** What happened behind a link of the chain, oldest first. */
  eventsSince(seq: number): readonly LinkedEvent[];
  /** What decisions saw, behind a link and from the newest text on that needs none before it, oldest first. */
  inputTexts(behind: number): readonly { readonly seq: number; readonly text: string }[];
  /** Hands each event that was not told yet to `tell`, oldest first; what stops in between is told again. */
  tellNews(tell: (row: ChainRow) => void): void;
  close(): void;
}

/** Opens or makes `state/<account>.db`. Refuses a folder, another kind of file and a newer version. */
export async function openState(
  file: string,
  { clock, waitMs = 5000 }: { readonly clock: Clock; readonly waitMs?: number },
): Promise<AccountState> {
  const { DatabaseSync } = await import("node:sqlite"); // not everywhere that this module is bundled for
  const database = refusing(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    return new DatabaseSync(file);
  });
  try {
    refusing(file, () => prepareState(database, file, waitMs));
  } catch (refusal) {
    database.close();
    throw refusal;
  }
  let told = refusing(file, () => readTold(database));
  return {
    ...readRowsOf(database),
    append: (...events) =>
      refusing(file, () =>
        inTransaction(database, () => {
          writeTold(database, told); // one commit for both: what is lost with it is told twice
          appendAll(database, clock.now(), events);
        })),
    head: () => readHead(database),
    eventsSince: (after) =>
      refusing(file, () =>
        [...readRows(database, after)].map((row) => ({
          ...{ seq: row.seq, time: row.time, event: eventOf(row) },
        }))),
    inputTexts: (behind) => refusing(file, () => readInputTexts(database, behind)),
    tellNews(tell) {
      for (const row of refusing(file, () => [...readRows(database, told)])) {
        tell(row);
        told = row.seq;
      }
    },
    close() {
      if (!database.isOpen) return;
      writeTold(database, told);
      database.close();
    },
  };
}

/** Makes the tables of a new file, brings older ones up to date. */
export function prepareState(database: DatabaseSync, file: string, waitMs: number): void {
  database.exec(`PRAGMA busy_timeout = ${waitMs}`);
  // Every commit is on the disk before it returns: a request leaves only after its intent is.
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL");
  const version = () => Number(database.prepare("PRAGMA user_version").get()!.user_version);
  if (version() === 0) {
    inTransaction(database, () => {
      if (version() !== 0) return; // another process was first
      database.exec(`${STATE_SCHEMA}; ${LOG_TABLE}`);
      database.exec(`PRAGMA user_version = ${STATE_VERSION}`);
    });
  }
  if (version() < STATE_VERSION) {
    inTransaction(database, () => {
      for (const migration of STATE_MIGRATIONS.slice(version() - 1)) database.exec(migration);
      database.exec(`PRAGMA user_version = ${STATE_VERSION}`);
    });
  }
  if (version() === STATE_VERSION) return;
  throw new Refusal(
    `Cannot use the state ${file}: its version is ${version()}, expected ${STATE_VERSION}`,
  );
}

function appendAll(database: DatabaseSync, time: Millis, events: readonly StateEvent[]): void {
  for (const event of events) {
    // Read anew each time, in the transaction: the kill switch is another process with links of its own.
    const row = nextRow(readHead(database), time, event);
    appendRow(database, row);
    project(database, { seq: row.seq, time, event });
  }
}

function readInputTexts(database: DatabaseSync, behind: number) {
  const rows = database.prepare(
    "SELECT * FROM order_event WHERE kind = 'inputs' AND seq > ? ORDER BY seq DESC",
  ).iterate(behind);
  const texts: { readonly seq: number; readonly text: string }[] = [];
  for (const row of rows) {
    const event = eventOf(row as unknown as ChainRow);
    if (event.kind !== "inputs") continue;
    texts.push({ seq: Number(row.seq), text: event.text });
    if (event.text.startsWith('{"base":true')) break;
  }
  return texts.reverse();
}

function readTold(database: DatabaseSync): number {
  return Number(statement(database, "SELECT seq FROM log_cursor").get()!.seq);
}

function writeTold(database: DatabaseSync, told: number): void {
  statement(database, "UPDATE log_cursor SET seq = ? WHERE seq < ?").run(told, told);
}

function refusing<Result>(file: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Refusal || cause instanceof RangeError) throw cause;
    const reason = cause instanceof Error ? cause.message.split("\n", 1)[0]! : String(cause);
    throw new Refusal(`Cannot use the state ${file}: ${reason}`, { cause });
  }
}
