import type { DatabaseSync } from "node:sqlite";
import { stat } from "node:fs/promises";
import { Refusal } from "../../core/errors.ts";
import { canonicalJson } from "../../core/hash.ts";
import { type ChainHead, eventOf, faultOf, FIRST_HASH, readRows } from "./state_chain.ts";
import { project } from "./state_projection.ts";
import { DERIVED_TABLES, STATE_SCHEMA } from "./state_schema.ts";

/** Whether the state is what was written, and where it first is not. */
export type AccountVerdict =
  | { readonly ok: true; readonly head: ChainHead }
  | {
    readonly ok: false;
    readonly table: string;
    /** Place of the row in its table, from 1. */
    readonly row: number;
    readonly reason: string;
  };

/** Checks every link of the chain, then that every other table is what follows from it. Refuses a file that is not there. */
export async function verifyAccount(file: string): Promise<AccountVerdict> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) throw new Refusal(`Cannot verify ${file}: there is no such file`);
  const { DatabaseSync } = await import("node:sqlite"); // not everywhere that this module is bundled for
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    const again = new DatabaseSync(":memory:");
    try {
      return verifyState(database, again);
    } finally {
      database.close();
      again.close();
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal(`Cannot verify ${file}: ${reason}`, { cause });
  }
}

function verifyState(database: DatabaseSync, again: DatabaseSync): AccountVerdict {
  again.exec(STATE_SCHEMA);
  database.exec("BEGIN"); // one moment for all tables, whatever a running session adds
  let head: ChainHead = { seq: 0, hash: FIRST_HASH };
  for (const row of readRows(database)) {
    const table = "order_event";
    const reason = faultOf(row, head);
    if (reason !== undefined) return { ok: false, table, row: head.seq + 1, reason };
    try {
      project(again, { seq: row.seq, time: row.time, event: eventOf(row) });
    } catch (error) {
      return { ok: false, table, row: row.seq, reason: `it cannot follow: ${error}` };
    }
    head = { seq: row.seq, hash: row.hash };
  }
  for (const table of Object.keys(DERIVED_TABLES).sort()) {
    const [stored, derived] = [database, again].map((source) =>
      source.prepare(`SELECT * FROM ${table} ORDER BY ${DERIVED_TABLES[table]}`).all()
        .map((row) => canonicalJson(row))
    );
    const row = firstDifference(stored!, derived!);
    if (row !== undefined) {
      return { ok: false, table, row: row + 1, reason: "it does not follow from the chain" };
    }
  }
  return { ok: true, head };
}

function firstDifference(a: readonly string[], b: readonly string[]): number | undefined {
  const longer = a.length > b.length ? a : b;
  const row = longer.findIndex((_, i) => a[i] !== b[i]);
  return row < 0 ? undefined : row;
}
