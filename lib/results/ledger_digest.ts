import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { LedgerEntry } from "./ledger.ts";
import type { TrialRow } from "./trial_rows.ts";

/** What an entry covers of a trial as it begins. */
export type BegunColumns = Pick<
  TrialRow,
  "trial_id" | "run_id" | "experiment" | "started_at" | "place" | "batch"
>;

/** What an entry covers of a trial as it ends. */
export interface EndedColumns extends
  Pick<
    TrialRow,
    | "trial_id"
    | "status"
    | "finished_at"
    | "message"
    | "outcome_id"
    | "sharpe_per_day"
    | "days"
    | "skew"
    | "kurtosis"
  > {
  readonly figures: Uint8Array | null;
  readonly slices: string | null;
}

/** SHA-256 over what an entry covers of its trials, in the order of their numbers. */
export interface LedgerDigest {
  /** Every column as exact text: a number's shortest digits are those of no other number. */
  begun(row: BegunColumns): void;
  ended(row: EndedColumns): void;
  done(): string;
}

/** A digest that grows with every trial; memory does not. */
export function ledgerDigest(): LedgerDigest {
  const hash = createHash("sha256");
  return {
    begun(row) {
      const { trial_id, run_id, experiment, started_at, place, batch } = row;
      hash.update(`${JSON.stringify([trial_id, run_id, experiment, started_at, place, batch])}\n`);
    },
    ended(row) {
      const { trial_id, status, finished_at, message, outcome_id, figures, slices } = row;
      const numbers = [row.sharpe_per_day, row.days, row.skew, row.kurtosis];
      const columns = [trial_id, status, finished_at, message, outcome_id, ...numbers, slices];
      hash.update(`${JSON.stringify([...columns, figures?.length ?? null])}\n`);
      if (figures) hash.update(figures);
    },
    done: () => hash.digest("hex"),
  };
}

/** The digest of what an entry covers, from the trials as they are on record now. */
export function digestOnRecord(
  database: DatabaseSync,
  { seq, kind }: Pick<LedgerEntry, "seq" | "kind">,
): Pick<LedgerEntry, "count" | "digest"> {
  const digest = ledgerDigest();
  const column = kind === "finished" ? "result_entry" : "entry";
  const rows = database.prepare(`SELECT * FROM trials WHERE ${column} = ? ORDER BY trial_id`)
    .iterate(seq) as unknown as Iterable<
      BegunColumns & EndedColumns & { readonly result_entry: number | null }
    >;
  let count = 0;
  for (const row of rows) {
    count++;
    if (kind !== "finished") digest.begun(row);
    if (row.result_entry === seq) digest.ended(row);
  }
  return { count, digest: digest.done() };
}
