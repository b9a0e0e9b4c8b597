import type { DatabaseSync } from "node:sqlite";
import { entryHash, type LedgerEntry } from "./ledger.ts";
import { digestOnRecord } from "./ledger_digest.ts";

/**
 * What of an experiment's trials is not as it was written, in one line; undefined where all of it is: every entry that
 * registered some of them or has an end of one, its hash, its place in the chain and the trials that it covers. An end that
 * was taken back as a whole is not seen: its trials are only run again.
 */
export function experimentFault(
  database: DatabaseSync,
  experimentId: string,
): string | undefined {
  const uncovered = database.prepare(
    "SELECT trial_id FROM trials JOIN ledger ON seq = entry WHERE experiment_id = ? AND status <> 'running' " +
      "AND (SELECT kind FROM ledger WHERE seq = result_entry) IS NOT 'finished' ORDER BY trial_id LIMIT 1",
  ).get(experimentId);
  if (uncovered) return `trial ${uncovered.trial_id} has an end that no entry covers`;
  const rows = database.prepare(
    "SELECT * FROM ledger WHERE experiment_id = ?1 AND kind = 'registered' OR seq IN (" +
      "SELECT result_entry FROM trials WHERE entry IN (SELECT seq FROM ledger WHERE experiment_id = ?1)" +
      ") ORDER BY seq",
  ).all(experimentId) as unknown as readonly LedgerEntry[];
  for (const row of rows) {
    const entry = { ...row };
    const fault = entryFault(database, entry);
    if (fault !== undefined) return `entry ${entry.seq} ${fault}`;
  }
  return undefined;
}

function entryFault(database: DatabaseSync, entry: LedgerEntry): string | undefined {
  const { seq, hash, prev_hash, count, digest } = entry;
  if (entryHash(entry) !== hash) return "was changed: its hash is not that of its columns";
  const before = database.prepare("SELECT hash FROM ledger WHERE seq = ?").get(seq - 1)?.hash ?? "";
  if (before !== prev_hash) return "does not continue the entry before it";
  const found = digestOnRecord(database, entry);
  if (found.count !== count) {
    return `covers ${count === 1 ? "1 trial" : `${count} trials`}, found ${found.count} on record`;
  }
  return found.digest === digest ? undefined : "covers trials that were changed since";
}
