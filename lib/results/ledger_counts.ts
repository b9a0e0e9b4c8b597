import type { DatabaseSync } from "node:sqlite";
import { trialSpread } from "../stats/deflate.ts";
import { where } from "./database_sql.ts";
import { resultOf } from "./database_trials.ts";
import { entryAt, newestEntry } from "./ledger.ts";
import type { EndedColumns } from "./ledger_digest.ts";
import type {
  FoundTrial,
  LedgerCount,
  LedgerKey,
  StoredTrial,
  TrialCount,
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

/** What is counted, and up to which entry of the chain; all of it where none is named. */
export interface CountOptions {
  readonly upTo?: number;
}

/**
 * Trials of a family on a data set, and of all that have a model and a symbol in common with it. Entries are never changed,
 * so the same entry gives the same count for ever.
 */
export function countFamily(
  database: DatabaseSync,
  key: LedgerKey,
  { upTo }: CountOptions = {},
): LedgerCount {
  const entry = upTo === undefined ? newestEntry(database) : entryAt(database, upTo);
  const last = entry?.seq ?? 0;
  const keys = (database.prepare(
    "SELECT DISTINCT family, data_set AS dataSet FROM ledger " +
      "WHERE kind IN ('registered', 'adopted') AND seq <= ? ORDER BY family, data_set",
  ).all(last) as unknown as readonly LedgerKey[]).filter((other) => isRelated(key, other));
  const own = countTrials(database, [key], last);
  const isAlone = keys.every((other) => isSame(key, other));
  const related = isAlone ? own : countTrials(database, keys, last);
  return { ...own, related, entry: entry ?? null };
}

function isSame(key: LedgerKey, other: LedgerKey): boolean {
  return key.family === other.family && key.dataSet === other.dataSet;
}

/** Whether they have a model and a symbol in common, in whatever timeframe; symbols that nobody knows may be any. */
function isRelated(key: LedgerKey, other: LedgerKey): boolean {
  if (isSame(key, other)) return true;
  const [models, symbols] = [other.family.split("+"), symbolsOf(other)];
  return key.family !== "" && key.family.split("+").some((model) => models.includes(model)) &&
    (symbols.length === 0 || symbolsOf(key).some((symbol) => symbols.includes(symbol)));
}

function symbolsOf({ dataSet }: LedgerKey): readonly string[] {
  const [symbols = ""] = dataSet.split(" ");
  return symbols === "" ? [] : symbols.split(",");
}

/** Distinct runs, and how far the t-statistics of their Sharpe ratios lie apart, by run id. */
function countTrials(
  database: DatabaseSync,
  keys: readonly LedgerKey[],
  upTo: number,
): TrialCount {
  const isOfKeys = keys.map(() => "(family = ? AND data_set = ?)").join(" OR ");
  // A square that keeps its sign: not every SQLite has a square root.
  const rows = database.prepare(
    "SELECT max(sharpe_per_day * abs(sharpe_per_day) * days) FILTER (WHERE result_entry <= ?) AS square " +
      `FROM ledger CROSS JOIN trials ON entry = seq WHERE seq <= ? AND (${isOfKeys || "0"}) ` +
      "GROUP BY run_id ORDER BY run_id",
  ).iterate(
    ...[upTo, upTo],
    ...keys.flatMap(({ family, dataSet }) => [family, dataSet]),
  ) as unknown as Iterable<{ readonly square: number | null }>;
  let trials = 0;
  const spread = trialSpread((function* () {
    for (const { square } of rows) {
      trials++;
      if (square !== null) yield Math.sign(square) * Math.sqrt(Math.abs(square));
    }
  })());
  return { trials, ...spread };
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
 * Of those runs that have them: all figures of the newest trial of an experiment that was measured on these very slices
 * (their digest; null for none), and where in it that stands. A backtest's are made another way, which the last bits may show.
 */
export function selectFigures(
  database: DatabaseSync,
  runIds: Iterable<string>,
  slices: string | null,
): ReadonlyMap<string, FoundTrial> {
  const statement = database.prepare(
    "SELECT sharpe_per_day, days, skew, kurtosis, figures, slices, place, experiment_id " +
      "FROM trials JOIN ledger ON seq = entry " +
      "WHERE run_id = ? AND slices IS ? AND place IS NOT NULL AND figures IS NOT NULL " +
      "AND status IN ('finished', 'found') ORDER BY trial_id DESC LIMIT 1",
  );
  const found = new Map<string, FoundTrial>();
  for (const runId of runIds) {
    const row = statement.get(runId, slices) as unknown as EndedColumns & FoundColumns | undefined;
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

/** What the newest trial with a result left on the ledger, by the id of the run that came out of it. */
export function selectResults(
  database: DatabaseSync,
  runIds: Iterable<string>,
): ReadonlyMap<string, LedgerKey & { readonly result: TrialResult }> {
  const newest = database.prepare(
    "SELECT max(trial_id) AS trial FROM trials WHERE run_id = ?1 AND coalesce(outcome_id, run_id) = ?1 " +
      "AND sharpe_per_day IS NOT NULL",
  );
  const read = database.prepare(
    "SELECT family, data_set, sharpe_per_day, days, skew, kurtosis, NULL AS figures " +
      "FROM trials JOIN ledger ON seq = entry WHERE trial_id = ?",
  );
  const renamed = renamedOutcomes(database);
  const found = new Map<string, LedgerKey & { readonly result: TrialResult }>();
  for (const runId of runIds) {
    const trial = Math.max(Number(newest.get(runId)!.trial ?? 0), renamed.get(runId) ?? 0);
    if (trial === 0) continue;
    const row = read.get(trial) as unknown as TrialRow & EndedColumns;
    found.set(runId, { family: row.family, dataSet: row.data_set, result: resultOf(row) });
  }
  return found;
}

/** Newest trials with a result whose run is called otherwise than asked for, by the run: few, and under no index. */
function renamedOutcomes(database: DatabaseSync): ReadonlyMap<string, number> {
  const rows = database.prepare(
    "SELECT outcome_id, max(trial_id) AS trial FROM trials " +
      "WHERE outcome_id IS NOT NULL AND sharpe_per_day IS NOT NULL GROUP BY outcome_id",
  ).all();
  return new Map(rows.map(({ outcome_id, trial }) => [String(outcome_id), Number(trial)]));
}

/** The first entry that registered a run, by the id asked for or the one that came out. */
export function selectRegistered(database: DatabaseSync, runId: string): number | undefined {
  const row = database.prepare(
    "SELECT min(entry) AS seq FROM trials WHERE run_id = ?1 OR outcome_id = ?1",
  ).get(runId);
  return row?.seq === null || row === undefined ? undefined : Number(row.seq);
}
