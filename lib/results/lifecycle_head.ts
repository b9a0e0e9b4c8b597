import { dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { canonicalJson } from "../core/hash.ts";
import { inTransaction } from "../core/transaction.ts";
import { type LedgerHead, readHead, replaceFile } from "./ledger.ts";
import type { LifecycleFault } from "./lifecycle_check.ts";

/** Where the newest event is written down beside the database, so that cutting off the newest ones is noticed. */
export function lifecycleHeadFile(databaseFile: string): string {
  return join(dirname(databaseFile), "lifecycle.head");
}

/** The newest event, if there is any. */
export function newestEvent(database: DatabaseSync): LedgerHead | undefined {
  const row = database.prepare("SELECT seq, hash FROM lifecycle ORDER BY seq DESC LIMIT 1").get();
  return row && { seq: Number(row.seq), hash: String(row.hash) };
}

/**
 * Writes the newest event down, after it was committed. A head that the chain no longer leads up to stays: it is what is
 * left of events that somebody took away. `first` is the number of the first event that was added since.
 */
export function writeLifecycleHead(
  database: DatabaseSync,
  file: string,
  { first }: { readonly first: number },
): void {
  // No other process adds an event or writes a head meanwhile, so that a head never goes back.
  inTransaction(database, () => {
    const written = readHead(file);
    // One that is gone stays gone, unless the chain just begins: else events could be taken away together with it.
    if (
      written === "damaged" || (written === undefined ? first > 1 : !leadsFrom(database, written))
    ) {
      return;
    }
    replaceLifecycleHead(database, file);
  });
}

/** Writes the newest event down whatever stood there before, inside a transaction. */
export function replaceLifecycleHead(database: DatabaseSync, file: string): void {
  const newest = newestEvent(database);
  if (newest) replaceFile(file, `${canonicalJson(newest)}\n`);
}

function leadsFrom(database: DatabaseSync, { seq, hash }: LedgerHead): boolean {
  return hashAt(database, seq) === hash;
}

function hashAt(database: DatabaseSync, seq: number): unknown {
  return database.prepare("SELECT hash FROM lifecycle WHERE seq = ?").get(seq)?.hash;
}

/** Whether the end that was written down is the end there is, or one before; at most one fault. */
export function headFaults(database: DatabaseSync, file: string): readonly LifecycleFault[] {
  const written = readHead(file);
  const newest = newestEvent(database);
  const fault = (what: string) => [{ part: "head" as const, message: `lifecycle.head ${what}` }];
  if (written === "damaged") return fault("cannot be read");
  if (written === undefined) {
    return newest ? fault(`is missing, expected event ${newest.seq} or one before`) : [];
  }
  const { seq, hash } = written;
  const found = hashAt(database, seq);
  if (found === hash) return [];
  return fault(
    found === undefined
      ? `says that event ${seq} was written: it is gone, the newest is ${newest?.seq ?? "none"}`
      : `says another hash of event ${seq} than is on record`,
  );
}
