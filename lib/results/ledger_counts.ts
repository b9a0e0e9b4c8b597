import type { DatabaseSync } from "node:sqlite";
import { where } from "./database_sql.ts";
import { resultOf } from "./database_trials.ts";
import type { EndedColumns } from "./ledger_digest.ts";
import type {
  FoundTrial,
  LedgerCount,
  LedgerKey,
  StoredTrial,
  TrialResult,
  TrialRow,
} from "./trial_rows.ts";

/** Distinct runs that were ever asked for. */
export function countRuns(
  database: DatabaseSync,
  { experiment }: { experiment?: string },
): number {
  const { sql, values } = where(
    experiment === undefined ? [] : [{ sql: "experiment = ?", values: [experiment] }],
  );
  const row = database.prepare(`SELECT count(DISTINCT run_id) AS runs FROM trials${sql}`)
    .get(...values);
  return Number(row!.runs);
}

/** Trials of a family on a data set, and how far their Sharpe ratios lie apart (Welford's method, by run id). */
export function countFamily(
  database: DatabaseSync,
  { family, dataSet }: LedgerKey,
): LedgerCount {
  const rows = database.prepare(
    "SELECT max(sharpe_per_day) AS sharpe FROM ledger CROSS JOIN trials ON entry = seq " +
      "WHERE family = ? AND data_set = ? GROUP BY run_id ORDER BY run_id",
  ).iterate(family, dataSet) as unknown as Iterable<{ readonly sharpe: number | null }>;
  let trials = 0;
  let counted = 0;
  let mean = 0;
  let squares = 0;
  for (const { sharpe } of rows) {
    trials++;
    if (sharpe === null) continue;
    counted++;
    const distance = sharpe - mean;
    mean += distance / counted;
    squares += distance * (sharpe - mean);
  }
  return { trials, counted, sharpeVariance: counted < 2 ? null : squares / (counted - 1) };
}

/** Trials of an experiment by their place, then by their number. */
export function* selectExperiment(
  database: DatabaseSync,
  experimentId: string,
): Generator<StoredTrial> {
  const rows = database.prepare(
    "SELECT trials.* FROM ledger CROSS JOIN trials ON entry = seq " +
      "WHERE experiment_id = ? ORDER BY place, trial_id",
  ).iterate(experimentId) as unknown as Iterable<TrialRow & EndedColumns>;
  for (const row of rows) {
    const { trial_id: trial, run_id: runId, place, batch, status, message } = row;
    yield { trial, runId, place, batch, status, message, result: resultOf(row) };
  }
}

/**
 * Of those runs that have them: all figures of the newest trial of an experiment, and where in it that stands. A backtest's
 * are made another way, which the last bits may show.
 */
export function selectFigures(
  database: DatabaseSync,
  runIds: Iterable<string>,
): ReadonlyMap<string, FoundTrial> {
  const statement = database.prepare(
    "SELECT sharpe_per_day, days, skew, kurtosis, figures, place, experiment_id " +
      "FROM trials JOIN ledger ON seq = entry " +
      "WHERE run_id = ? AND place IS NOT NULL AND figures IS NOT NULL " +
      "AND status IN ('finished', 'found') ORDER BY trial_id DESC LIMIT 1",
  );
  const found = new Map<string, FoundTrial>();
  for (const runId of runIds) {
    const row = statement.get(runId) as unknown as EndedColumns & FoundColumns | undefined;
    if (!row) continue;
    found.set(runId, {
      result: resultOf(row),
      place: row.place,
      experimentId: row.experiment_id,
    });
  }
  return found;
}

interface FoundColumns {
  readonly place: number;
  readonly experiment_id: string;
}

/** What the newest trial with a result left on the ledger, by the id that it asked for. */
export function selectResults(
  database: DatabaseSync,
  runIds: Iterable<string>,
): ReadonlyMap<string, LedgerKey & { readonly result: TrialResult }> {
  const statement = database.prepare(
    "SELECT family, data_set, sharpe_per_day, days, skew, kurtosis, NULL AS figures " +
      "FROM trials JOIN ledger ON seq = entry WHERE run_id = ? AND sharpe_per_day IS NOT NULL " +
      "ORDER BY trial_id DESC LIMIT 1",
  );
  const found = new Map<string, LedgerKey & { readonly result: TrialResult }>();
  for (const runId of runIds) {
    const row = statement.get(runId) as unknown as (TrialRow & EndedColumns) | undefined;
    if (!row) continue;
    found.set(runId, { family: row.family, dataSet: row.data_set, result: resultOf(row) });
  }
  return found;
}
