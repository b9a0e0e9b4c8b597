import type { DatabaseSync } from "node:sqlite";
import {
  entryAt,
  entryHash,
  leadsFrom,
  type LedgerEntry,
  type LedgerHead,
  readHead,
} from "./ledger.ts";
import { type AnchoredEntry, selectAnchors } from "./ledger_anchor.ts";
import { type FileDigests, selectAllSealed } from "./ledger_experiments.ts";
import { digestOnRecord } from "./ledger_digest.ts";

/** Something of the ledger that is not as it was written. */
export interface LedgerFault {
  /** One line that says all of it. */
  readonly message: string;
  /** The entry, or the trial, where one can be named. */
  readonly entry?: number;
  readonly trial?: number;
}

/** The ledger, recomputed from the trials on record. */
export interface LedgerCheck {
  readonly entries: number;
  readonly trials: number;
  /** The newest entry on record. */
  readonly head: LedgerHead | undefined;
  /** In the order of the chain, then single trials; empty when all is as it was written. */
  readonly faults: readonly LedgerFault[];
  /** Where a lost head was written down again. */
  readonly anchors: readonly AnchoredEntry[];
  /** Ids that trials asked for, or that came out of them, and ids of their experiments. */
  readonly runs: ReadonlySet<string>;
  readonly experiments: ReadonlySet<string>;
  /** By id of the experiment: the SHA-256 of its files as they were last saved. */
  readonly sealed: ReadonlyMap<string, FileDigests>;
}

/** Recomputes every entry, the chain, and what was written down of its end. */
export function checkLedger(database: DatabaseSync, headFile: string): LedgerCheck {
  // Read first: entries that are added meanwhile are then only newer than the head.
  const written = readHead(headFile);
  database.exec("BEGIN");
  try {
    const chain = checkChain(database);
    const { head } = chain;
    const faults = [
      ...chain.faults,
      ...headFaults(database, { head, written, headFile }),
      ...strayTrials(database),
    ];
    const trials = Number(database.prepare("SELECT count(*) AS n FROM trials").get()!.n);
    const anchors = selectAnchors(database);
    return { entries: chain.entries, trials, head, faults, anchors, ...known(database) };
  } finally {
    database.exec("COMMIT");
  }
}

function checkChain(database: DatabaseSync) {
  const faults: LedgerFault[] = [];
  let before: LedgerHead = { seq: 0, hash: "" };
  let entries = 0;
  const rows = database.prepare("SELECT * FROM ledger ORDER BY seq")
    .iterate() as unknown as Iterable<LedgerEntry>;
  for (const row of rows) {
    const entry = { ...row };
    const { seq, hash, prev_hash } = entry;
    const fault = (what: string) => faults.push({ entry: seq, message: `entry ${seq} ${what}` });
    if (seq !== before.seq + 1) fault(missing(before.seq, seq));
    else if (prev_hash !== before.hash) fault("does not continue the entry before it");
    if (entryHash(entry) !== hash) fault("was changed: its hash is not that of its columns");
    if (entry.kind === "experiment" || entry.kind === "anchored") {
      before = { seq, hash };
      entries++;
      continue;
    }
    const found = digestOnRecord(database, entry);
    if (found.count !== entry.count) {
      fault(`covers ${trialsText(entry.count)}, found ${found.count} on record`);
    } else if (found.digest !== entry.digest) {
      fault(`covers trials that were changed since: ${coveredText(database, entry)}`);
    }
    before = { seq, hash };
    entries++;
  }
  return { faults, entries, head: entries === 0 ? undefined : before };
}

function missing(before: number, seq: number): string {
  if (seq <= before + 1) return "has a number that no entry has";
  const gap = seq - before - 1;
  const gone = gap === 1 ? `entry ${seq - 1} is` : `entries ${before + 1} to ${seq - 1} are`;
  return `follows entry ${before}: ${gone} missing`;
}

function coveredText(database: DatabaseSync, { seq, kind }: LedgerEntry): string {
  const column = kind === "finished" ? "result_entry" : "entry";
  const { first, last } = database.prepare(
    `SELECT min(trial_id) AS first, max(trial_id) AS last FROM trials WHERE ${column} = ?`,
  ).get(seq) as { first: number; last: number };
  return first === last ? `trial ${first}` : `among trials ${first} to ${last}`;
}

function headFaults(
  database: DatabaseSync,
  { head, written, headFile }: {
    readonly head: LedgerHead | undefined;
    readonly written: LedgerHead | "damaged" | undefined;
    readonly headFile: string;
  },
): readonly LedgerFault[] {
  const file = headFile.split(/[\\/]/).at(-1)!;
  if (written === "damaged") return [{ message: `${file} cannot be read` }];
  if (written === undefined) {
    return head
      ? [{ message: `${file} is missing, expected entry ${head.seq} or one before` }]
      : [];
  }
  const { seq } = written;
  if (leadsFrom(database, written)) return [];
  const what = entryAt(database, seq) === undefined
    ? `entry ${seq} was written and is gone, the newest is ${head?.seq ?? "none"}`
    : `entry ${seq} is not the one that was written`;
  return [{ entry: seq, message: `${file}: ${what}` }];
}

/** Trials that no entry covers, or whose end none does. */
function strayTrials(database: DatabaseSync): readonly LedgerFault[] {
  const ofKinds = (column: string, ...kinds: readonly string[]) =>
    `(SELECT kind FROM ledger WHERE seq = ${column}) IN (${kinds.map((kind) => `'${kind}'`)})`;
  const registered = ofKinds("entry", "registered", "adopted");
  const ended = ofKinds("result_entry", "finished", "adopted");
  const blank = [
    "finished_at",
    "message",
    "outcome_id",
    "sharpe_per_day",
    "days",
    "skew",
    "kurtosis",
    "figures",
    "slices",
  ]
    .map((column) => `${column} IS NULL`).join(" AND ");
  const rows = database.prepare(
    `SELECT trial_id, run_id, coalesce(${registered}, 0) AS known FROM trials ` +
      `WHERE NOT coalesce(${registered}, 0) OR NOT iif(result_entry IS NULL, ` +
      `status = 'running' AND ${blank}, coalesce(${ended}, 0) AND status <> 'running') ORDER BY trial_id`,
  ).all() as unknown as readonly { trial_id: number; run_id: string; known: number }[];
  return rows.map(({ trial_id: trial, run_id, known }) => ({
    trial,
    message: known
      ? `trial ${trial} (run ${run_id}) has an end that no entry covers`
      : `trial ${trial} (run ${run_id}) was registered by no entry`,
  }));
}

function known(database: DatabaseSync): Pick<LedgerCheck, "runs" | "experiments" | "sealed"> {
  const column = (sql: string) => new Set(database.prepare(sql).all().map(({ id }) => String(id)));
  return {
    runs: column(
      "SELECT run_id AS id FROM trials UNION SELECT outcome_id FROM trials WHERE outcome_id IS NOT NULL",
    ),
    experiments: column(
      "SELECT DISTINCT experiment_id AS id FROM ledger " +
        "WHERE experiment_id IS NOT NULL AND kind = 'registered'",
    ),
    sealed: selectAllSealed(database),
  };
}

function trialsText(count: number): string {
  return count === 1 ? "1 trial" : `${count} trials`;
}
