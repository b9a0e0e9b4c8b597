import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { CARD_FILE } from "./artefacts.ts";
import { appendEntry } from "./ledger.ts";
import { digestOnRecord } from "./ledger_digest.ts";
import { parseCard, type RunCard } from "./run_card.ts";
import { ledgerKeyOfCard, trialResultOfCard } from "./trial_result.ts";
import type { LedgerKey, TrialResult } from "./trial_rows.ts";

/**
 * Takes the trials of a database without a ledger into one: an entry for each family and data set. Only inside a
 * transaction. What the ledger needs to know of them is read from the cards of their runs.
 */
export function adoptTrials(database: DatabaseSync, databaseFile: string): void {
  nameOutcomes(database);
  const runs = join(dirname(databaseFile), "runs");
  const groups = Map.groupBy(
    (database.prepare(
      "SELECT run_id AS asked, coalesce(max(outcome_id), run_id) AS made FROM trials " +
        "GROUP BY run_id ORDER BY run_id",
    ).all() as { asked: string; made: string }[]).map(({ asked, made }) => ({
      asked,
      ...adoptedFacts(database, made, runs),
    })),
    ({ key }) => JSON.stringify([key.family, key.dataSet]),
  );
  for (const [, members] of [...groups].sort(([a], [b]) => a < b ? -1 : 1)) {
    adoptGroup(database, members);
  }
}

interface Adopted {
  readonly asked: string;
  readonly key: LedgerKey;
  readonly result: TrialResult | undefined;
}

function adoptGroup(database: DatabaseSync, members: readonly Adopted[]): void {
  const { family, dataSet } = members[0]!.key;
  const newest = database.prepare(
    "SELECT max(coalesce(finished_at, started_at)) AS time FROM trials WHERE run_id = ?",
  );
  // The database has no clock: the entry is as old as the newest thing that it covers.
  const times = members.map(({ asked }) => String(newest.get(asked)!.time)).sort();
  const facts = { family, data_set: dataSet, experiment: null, experiment_id: null };
  const update = database.prepare(
    "UPDATE trials SET entry = ?, result_entry = iif(status = 'running', NULL, ?) WHERE run_id = ?",
  );
  const fill = database.prepare(
    "UPDATE trials SET sharpe_per_day = ?, days = ?, skew = ?, kurtosis = ? " +
      "WHERE run_id = ? AND status IN ('finished', 'found')",
  );
  appendEntry(database, (seq) => {
    for (const { asked, result } of members) {
      update.run(seq, seq, asked);
      if (result) fill.run(result.sharpe, result.days, result.skew, result.kurtosis, asked);
    }
    const kind = "adopted";
    return {
      kind,
      written_at: times.at(-1)!,
      ...facts,
      ...digestOnRecord(database, { seq, kind }),
    };
  });
}

/** Runs of code that no fingerprint covers are called otherwise than asked for; they were filed when their trial ended. */
function nameOutcomes(database: DatabaseSync): void {
  database.exec(
    "UPDATE trials SET outcome_id = (SELECT runs.run_id FROM runs " +
      "WHERE sealed = 0 AND created_at = finished_at AND runs.run_id <> trials.run_id LIMIT 1) " +
      "WHERE status = 'finished' AND run_id NOT IN (SELECT run_id FROM runs)",
  );
}

function adoptedFacts(
  database: DatabaseSync,
  run: string,
  runs: string,
): { readonly key: LedgerKey; readonly result: TrialResult | undefined } {
  const card = readCard(run, runs);
  if (card) return { key: ledgerKeyOfCard(card), result: trialResultOfCard(card) };
  const models = database.prepare("SELECT model FROM run_models WHERE run_id = ? ORDER BY model")
    .all(run);
  const family = models.map(({ model }) => String(model)).join("+");
  return { key: { family, dataSet: "" }, result: undefined };
}

function readCard(run: string, runs: string): RunCard | undefined {
  const file = join(runs, run, CARD_FILE);
  try {
    return parseCard(readFileSync(file, "utf8"), run, file);
  } catch {
    return undefined; // removed or damaged: its trial counts nevertheless
  }
}
