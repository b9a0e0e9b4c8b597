import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { pid } from "node:process";
import type { DatabaseSync } from "node:sqlite";
import { canonicalJson, sha256 } from "../core/hash.ts";
import { inTransaction } from "../core/transaction.ts";
import { insert } from "./database_sql.ts";

/**
 * One link of the chain. `registered` covers trials before their results, `finished` their ends, `adopted` what was on
 * record before there was a ledger; `experiment` covers the files of one that was saved, and `anchored` tells who wrote a
 * lost head down again, and why.
 */
export interface LedgerEntry {
  /** From 1, without gaps. */
  readonly seq: number;
  readonly kind: "registered" | "finished" | "adopted" | "experiment" | "anchored";
  /** Wall time, ISO; that of the trials themselves. */
  readonly written_at: string;
  /** Whose trials they are; empty for ends, which belong to the family of their beginning. */
  readonly family: string;
  readonly data_set: string;
  readonly experiment: string | null;
  readonly experiment_id: string | null;
  /**
   * Trials it covers, and the SHA-256 of what it covers of them: see `ledger_digest.ts`. An experiment covers files, and has
   * the SHA-256 of each by name as JSON; an anchor has its `Anchor` as JSON.
   */
  readonly count: number;
  readonly digest: string;
  /** Hash of the entry before; empty for the first. */
  readonly prev_hash: string;
  /** SHA-256 over all of the above. */
  readonly hash: string;
}

/** The newest entry as it is written down beside the database, so that cutting off the newest ones is noticed. */
export interface LedgerHead {
  readonly seq: number;
  readonly hash: string;
}

/** The hash that an entry must have. */
export function entryHash({ hash: _, ...covered }: Omit<LedgerEntry, "hash"> & { hash?: string }) {
  return sha256(canonicalJson(covered));
}

/** The newest entry, if there is any. */
export function newestEntry(database: DatabaseSync): LedgerHead | undefined {
  const row = database.prepare("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").get();
  return row && { seq: Number(row.seq), hash: String(row.hash) };
}

/** One entry; undefined where there is none of that number. */
export function entryAt(database: DatabaseSync, seq: number): LedgerHead | undefined {
  const row = database.prepare("SELECT seq, hash FROM ledger WHERE seq = ?").get(seq);
  return row && { seq: Number(row.seq), hash: String(row.hash) };
}

/** Adds an entry for what `cover` did, knowing its number; none where it did nothing. Only inside a transaction. */
export function appendEntry(
  database: DatabaseSync,
  cover: (seq: number) => Omit<LedgerEntry, "seq" | "prev_hash" | "hash"> | undefined,
): void {
  const newest = newestEntry(database);
  const seq = (newest?.seq ?? 0) + 1;
  const covered = cover(seq);
  if (!covered) return;
  const entry = { ...covered, seq, prev_hash: newest?.hash ?? "" };
  insert(database, "ledger", { ...entry, hash: entryHash(entry) });
}

/** Where the newest entry of a database is written down. */
export function headFile(databaseFile: string): string {
  return join(dirname(databaseFile), "ledger.head");
}

/** What was written down, `damaged` where it cannot be read, undefined where there is none. */
export function readHead(file: string): LedgerHead | "damaged" | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    return (error as { code?: string }).code === "ENOENT" ? undefined : "damaged";
  }
  try {
    const { seq, hash } = JSON.parse(text) as Partial<LedgerHead>;
    return Number.isInteger(seq) && typeof hash === "string" ? { seq: seq!, hash } : "damaged";
  } catch {
    return "damaged";
  }
}

/**
 * Writes the newest entry down, after it was committed. A head that the chain no longer leads up to stays: it is what is
 * left of entries that somebody took away. One that is gone stays gone, unless the chain just begins: else entries could be
 * taken away together with it.
 */
export function writeHead(database: DatabaseSync, file: string): void {
  // No other process adds an entry or writes a head meanwhile, so that a head never goes back.
  inTransaction(database, () => {
    const newest = newestEntry(database);
    const written = readHead(file);
    if (newest === undefined || written === "damaged") return;
    if (written === undefined ? newest.seq > 1 : !leadsFrom(database, written)) return;
    writeDown(newest, file);
  });
}

/** Writes down that nothing is on record yet, for a database that was just made; a head that is there stays. */
export function beginHead(file: string): void {
  if (readHead(file) === undefined) writeDown(NO_ENTRY, file);
}

/** Writes the newest entry down whatever stood there before, inside a transaction. */
export function replaceHead(database: DatabaseSync, file: string): void {
  const newest = newestEntry(database);
  if (newest) writeDown(newest, file);
}

/** The head of a chain that has not begun. */
export const NO_ENTRY: LedgerHead = { seq: 0, hash: "" };

function writeDown(head: LedgerHead, file: string): void {
  replaceFile(file, `${canonicalJson(head)}\n`);
}

/** Whether an entry is on record just as it was written down. */
export function leadsFrom(database: DatabaseSync, { seq, hash }: LedgerHead): boolean {
  return (seq === 0 ? NO_ENTRY : entryAt(database, seq))?.hash === hash;
}

/** As `writeFileAtomically`, which could not hold the database's lock while it waits. */
export function replaceFile(file: string, text: string): void {
  const temporary = `${file}.${pid}.tmp`;
  const handle = openSync(temporary, "w");
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(temporary, file);
}
