import type { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../core/transaction.ts";
import { wallTime, where } from "./database_sql.ts";
import { appendEntry } from "./ledger.ts";
import { type EndedColumns, ledgerDigest } from "./ledger_digest.ts";
import type { TrialBatch, TrialEnd, TrialResult, TrialRow } from "./trial_rows.ts";

/** Writes a batch of trials down as one entry; the number of the first, those of the others follow. */
export function insertTrials(database: DatabaseSync, batch: TrialBatch): number {
  const { family, dataSet, trials, experiment = null, experimentId = null } = batch;
  const started_at = wallTime(batch.startedAt);
  return inTransaction(database, () => {
    const last = database.prepare("SELECT max(trial_id) AS last FROM trials").get()!.last;
    const first = Number(last ?? 0) + 1;
    const statement = database.prepare(
      "INSERT INTO trials (trial_id, run_id, experiment, started_at, place, batch, status, entry) " +
        "VALUES (?, ?, ?, ?, ?, ?, 'running', ?)",
    );
    const facts = { family, data_set: dataSet, experiment, experiment_id: experimentId };
    appendEntry(database, (seq) => {
      const digest = ledgerDigest();
      let trial_id = first;
      for (const { runId, place = null, batch = null } of trials) {
        statement.run(trial_id, runId, experiment, started_at, place, batch, seq);
        digest.begun({ trial_id, run_id: runId, experiment, started_at, place, batch });
        trial_id++;
      }
      if (trial_id === first) throw new RangeError("A batch has one trial at least, found none");
      const count = trial_id - first;
      return { kind: "registered", written_at: started_at, ...facts, count, digest: digest.done() };
    });
    return first;
  });
}

/** Writes down how trials ended, all or none of them, as one entry; nothing where there are none. */
export function updateTrials(
  database: DatabaseSync,
  ends: Iterable<TrialEnd & { readonly trial: number }>,
): void {
  inTransaction(database, () => {
    const statement = database.prepare(
      "UPDATE trials SET status = ?, finished_at = ?, message = ?, outcome_id = ?, sharpe_per_day = ?, " +
        "days = ?, skew = ?, kurtosis = ?, figures = ?, slices = ?, result_entry = ? " +
        "WHERE trial_id = ? AND result_entry IS NULL",
    );
    appendEntry(database, (seq) => {
      const digest = ledgerDigest();
      let count = 0;
      let last: EndedColumns | undefined;
      for (const end of ends) {
        const row = endedColumns(end);
        refuseDisorder(row.trial_id, last?.trial_id);
        const { changes } = statement.run(
          ...[row.status, row.finished_at, row.message, row.outcome_id, row.sharpe_per_day],
          ...[row.days, row.skew, row.kurtosis, row.figures, row.slices],
          ...[seq, row.trial_id],
        );
        if (Number(changes) !== 1) throw notRunning(database, row.trial_id);
        digest.ended(row);
        last = row;
        count++;
      }
      return last && { ...END_ENTRY, written_at: last.finished_at!, count, digest: digest.done() };
    });
  });
}

/** The entry of ends: which families they belong to, their beginnings say. */
const END_ENTRY = {
  kind: "finished" as const,
  ...{ family: "", data_set: "", experiment: null, experiment_id: null },
};

function refuseDisorder(trial: number, before: number | undefined): void {
  if (before === undefined || trial > before) return;
  throw new RangeError(`Trials end in the order of their numbers, found ${trial} after ${before}`);
}

function endedColumns(end: TrialEnd & { readonly trial: number }): EndedColumns {
  const { trial, status, finishedAt, message = null, outcomeId = null, result } = end;
  return {
    trial_id: trial,
    status,
    finished_at: wallTime(finishedAt),
    message,
    outcome_id: outcomeId,
    sharpe_per_day: numberOrNull(result?.sharpe),
    days: numberOrNull(result?.days),
    skew: numberOrNull(result?.skew),
    kurtosis: numberOrNull(result?.kurtosis),
    // A copy: what is shared between threads cannot be bound.
    figures: result?.figures ? new Uint8Array(result.figures.slice().buffer) : null,
    slices: result?.slices ?? null,
  };
}

function numberOrNull(value: number | null | undefined): number | null {
  return value === undefined || value === null || !Number.isFinite(value) ? null : value;
}

function notRunning(database: DatabaseSync, trial: number): RangeError {
  const row = database.prepare("SELECT status FROM trials WHERE trial_id = ?").get(trial);
  return new RangeError(
    row ? `Trial ${trial} ended before: ${row.status}` : `There is no trial ${trial} to finish`,
  );
}

const ROW_COLUMNS =
  "trial_id, run_id, trials.experiment, started_at, finished_at, status, message, family, " +
  "data_set, experiment_id, place, batch, outcome_id, sharpe_per_day, days, skew, kurtosis";

/** Oldest first. */
export function selectTrials(
  database: DatabaseSync,
  { experiment, runId }: { experiment?: string; runId?: string },
): readonly TrialRow[] {
  const { sql, values } = where([
    ...(experiment === undefined ? [] : [{ sql: "trials.experiment = ?", values: [experiment] }]),
    ...(runId === undefined ? [] : [{ sql: "run_id = ?", values: [runId] }]),
  ]);
  return database.prepare(
    `SELECT ${ROW_COLUMNS} FROM trials JOIN ledger ON seq = entry${sql} ORDER BY trial_id`,
  ).all(...values) as unknown as TrialRow[];
}

/** Figures as they stand in a row. */
export function resultOf(
  row:
    & {
      readonly [Name in "sharpe_per_day" | "days" | "skew" | "kurtosis"]: number | null;
    }
    & { readonly figures: Uint8Array | null; readonly slices: string | null },
): TrialResult {
  const { sharpe_per_day: sharpe, days, skew, kurtosis, figures, slices } = row;
  return {
    ...{ sharpe, days, skew, kurtosis },
    ...(figures ? { figures: new Float64Array(figures.slice().buffer) } : {}),
    ...(slices === null ? {} : { slices }),
  };
}
