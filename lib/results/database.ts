import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { DAY_MS, type Millis } from "../core/bars.ts";
import { formatDate, formatTime, parseTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import { canonicalJson } from "../core/hash.ts";
import { MIGRATIONS, SCHEMA, SCHEMA_VERSION } from "./database_schema.ts";
import type { CardStatistics } from "./run_card.ts";
import type {
  RunFacts,
  RunFilter,
  RunModelRow,
  RunRow,
  TrialRow,
  TrialStatus,
} from "./run_rows.ts";

/** The record of runs and requests. Every call waits a while for other writers, then refuses. */
export interface ResultsDatabase {
  /** Adds a run with its models; one that is there already stays as it was first recorded. */
  recordRun(facts: RunFacts): void;
  /** Writes a request down before its result is known, and returns its number. */
  beginTrial(
    runId: string,
    trial: { readonly startedAt: Millis; readonly experiment?: string | null },
  ): number;
  /** RangeError for a number that `beginTrial` did not give. */
  finishTrial(
    trial: number,
    end: { readonly status: TrialStatus; readonly finishedAt: Millis; readonly message?: string },
  ): void;
  /** Newest first. */
  listRuns(filter?: RunFilter): readonly RunRow[];
  findRun(runId: string): RunRow | undefined;
  /** Oldest first. */
  listTrials(
    filter?: { readonly experiment?: string; readonly runId?: string },
  ): readonly TrialRow[];
  /** N of the overfitting statistics: distinct runs that were ever asked for. */
  ledgerSize(filter?: { readonly experiment?: string }): number;
  close(): void;
}

/** Opens the record, making it and its folder when absent. Refuses a folder, another kind of file and a newer version. */
export async function openDatabase(
  file: string,
  { waitMs = 5000 }: { readonly waitMs?: number } = {},
): Promise<ResultsDatabase> {
  const { DatabaseSync } = await import("node:sqlite"); // not everywhere that this module is bundled for
  const refusing = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (cause) {
      if (cause instanceof Refusal || cause instanceof RangeError) throw cause;
      throw databaseRefusal(file, cause, waitMs);
    }
  };
  const database = refusing(() => {
    mkdirSync(dirname(file), { recursive: true });
    return new DatabaseSync(file);
  });
  try {
    refusing(() => prepare(database, file, waitMs));
  } catch (refusal) {
    database.close();
    throw refusal;
  }
  return {
    recordRun: (facts) => refusing(() => inTransaction(database, () => insertRun(database, facts))),
    beginTrial: (runId, trial) => refusing(() => insertTrial(database, runId, trial)),
    finishTrial: (trial, end) => refusing(() => updateTrial(database, trial, end)),
    listRuns: (filter = {}) => refusing(() => selectRuns(database, runConditions(filter))),
    findRun: (runId) =>
      refusing(() => selectRuns(database, [{ sql: "run_id = ?", values: [runId] }])[0]),
    listTrials: (filter = {}) => refusing(() => selectTrials(database, filter)),
    ledgerSize: (filter = {}) => refusing(() => countRuns(database, filter)),
    close: () => database.close(),
  };
}

function databaseRefusal(file: string, cause: unknown, waitMs: number): Refusal {
  const message = cause instanceof Error ? cause.message.split("\n", 1)[0]! : String(cause);
  const reason = message.includes("is locked")
    ? `another process is writing to it and did not finish within ${waitMs / 1000} s`
    : message;
  return new Refusal(`Cannot use the results database ${file}: ${reason}`, { cause });
}

function prepare(database: DatabaseSync, file: string, waitMs: number): void {
  database.exec(`PRAGMA busy_timeout = ${waitMs}`);
  // With a write-ahead log this loses at most the newest rows to a power cut, and never breaks the file.
  database.exec("PRAGMA synchronous = NORMAL");
  const version = () => Number(database.prepare("PRAGMA user_version").get()!.user_version);
  if (version() === 0) {
    database.exec("PRAGMA journal_mode = WAL");
    inTransaction(database, () => {
      if (version() !== 0) return; // another process was first
      database.exec(SCHEMA);
      database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    });
  }
  if (version() < SCHEMA_VERSION) {
    inTransaction(database, () => {
      for (const migration of MIGRATIONS.slice(version() - 1)) database.exec(migration);
      database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    });
  }
  const found = version();
  if (found === SCHEMA_VERSION) return;
  throw new Refusal(
    `Cannot use the results database ${file}: its version is ${found}, expected ${SCHEMA_VERSION}`,
  );
}

function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    work();
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function insertRun(database: DatabaseSync, facts: RunFacts): void {
  const { card, folder, name, experiment, createdAt, durationMs, host, dataRoot } = facts;
  const { portfolio, periods_per_year } = card.statistics;
  const inserted = insert(database, "runs", {
    run_id: card.run_id,
    name,
    experiment,
    ...dates(portfolio),
    created_at: wallTime(createdAt),
    duration_ms: durationMs,
    host,
    sealed: card.sealed ? 1 : 0,
    plan_hash: card.plan_hash,
    data_fingerprint: card.data.fingerprint,
    code_fingerprint: card.code.fingerprint,
    folder,
    periods_per_year,
    initial_nav: portfolio.initial_nav,
    final_nav: portfolio.final_nav,
    annual_volatility: portfolio.annual_volatility,
    sortino: portfolio.sortino,
    trades: portfolio.fills,
    fees: portfolio.fees,
    slippage: portfolio.slippage,
    data_root: dataRoot ?? null,
    ...figures(portfolio),
  });
  if (!inserted) return;
  for (const { name, version, parameters } of facts.models) {
    insert(database, "run_models", {
      run_id: card.run_id,
      model: name,
      version,
      parameters: canonicalJson(parameters),
      ...figures(card.statistics.models[name]),
    });
  }
}

/** Figures that a portfolio and a model have in common. */
function figures(statistics: CardStatistics | undefined) {
  return {
    total_return: statistics?.total_return ?? null,
    cagr: statistics?.cagr ?? null,
    sharpe: statistics?.sharpe ?? null,
    max_drawdown: statistics?.max_drawdown ?? null,
    win_rate: statistics?.win_rate ?? null,
    turnover: statistics?.turnover ?? null,
    bps: statistics?.bps ?? null,
  };
}

/** First and last date of a run: its final mark is the midnight after the last. */
function dates({ start, end }: CardStatistics): { start: string; end: string } {
  const lastDate = end === null ? "" : formatDate(Math.ceil(parseTime(end) / DAY_MS - 1) * DAY_MS);
  return { start: start === null ? "" : start.slice(0, 10), end: lastDate };
}

/** Adds a row unless its key is there; column names come from this file, values are bound. */
function insert(
  database: DatabaseSync,
  table: string,
  row: Readonly<Record<string, SQLInputValue>>,
): boolean {
  // order: as the caller writes the row, names and values alike
  const columns = Object.keys(row);
  const { changes } = database.prepare(
    `INSERT INTO ${table} (${columns.map((column) => `"${column}"`).join(", ")}) ` +
      `VALUES (${columns.map(() => "?").join(", ")}) ON CONFLICT DO NOTHING`,
    // order: as above
  ).run(...Object.values(row));
  return Number(changes) > 0;
}

function insertTrial(
  database: DatabaseSync,
  runId: string,
  { startedAt, experiment = null }: { startedAt: Millis; experiment?: string | null },
): number {
  const { lastInsertRowid } = database.prepare(
    "INSERT INTO trials (run_id, experiment, started_at, status) VALUES (?, ?, ?, 'running')",
  ).run(runId, experiment, wallTime(startedAt));
  return Number(lastInsertRowid);
}

function updateTrial(
  database: DatabaseSync,
  trial: number,
  { status, finishedAt, message }: { status: TrialStatus; finishedAt: Millis; message?: string },
): void {
  const { changes } = database.prepare(
    "UPDATE trials SET status = ?, finished_at = ?, message = ? WHERE trial_id = ?",
  ).run(status, wallTime(finishedAt), message ?? null, trial);
  if (Number(changes) !== 1) throw new RangeError(`There is no trial ${trial} to finish`);
}

interface Condition {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

function runConditions({ experiment, since, until, model }: RunFilter): readonly Condition[] {
  const conditions: Condition[] = [];
  if (experiment !== undefined) {
    conditions.push({
      sql: "(experiment = ? OR run_id IN (SELECT run_id FROM trials WHERE experiment = ?))",
      values: [experiment, experiment],
    });
  }
  if (since !== undefined) conditions.push({ sql: "created_at >= ?", values: [wallTime(since)] });
  if (until !== undefined) conditions.push({ sql: "created_at < ?", values: [wallTime(until)] });
  if (model !== undefined) {
    const [name = "", version] = model.split("@");
    const ofVersion = version === undefined ? "" : " AND version = ?";
    conditions.push({
      sql: `run_id IN (SELECT run_id FROM run_models WHERE model = ?${ofVersion})`,
      values: version === undefined ? [name] : [name, version],
    });
  }
  return conditions;
}

function selectRuns(database: DatabaseSync, conditions: readonly Condition[]): readonly RunRow[] {
  const { sql, values } = where(conditions);
  const runs = database.prepare(`SELECT * FROM runs${sql} ORDER BY created_at DESC, rowid DESC`)
    .all(...values) as unknown as (Omit<RunRow, "sealed" | "models"> & { sealed: number })[];
  const models = database.prepare(
    "SELECT model, version, parameters, total_return, cagr, sharpe, max_drawdown, win_rate, turnover, bps " +
      "FROM run_models WHERE run_id = ? ORDER BY rowid",
  );
  return runs.map((run) => ({
    ...run,
    sealed: run.sealed === 1,
    models: (models.all(run.run_id) as unknown as (RunModelRow & { parameters: string })[]).map(
      (model) => ({ ...model, parameters: JSON.parse(model.parameters) }),
    ),
  }));
}

function selectTrials(
  database: DatabaseSync,
  { experiment, runId }: { experiment?: string; runId?: string },
): readonly TrialRow[] {
  const { sql, values } = where([
    ...(experiment === undefined ? [] : [{ sql: "experiment = ?", values: [experiment] }]),
    ...(runId === undefined ? [] : [{ sql: "run_id = ?", values: [runId] }]),
  ]);
  return database.prepare(`SELECT * FROM trials${sql} ORDER BY trial_id`)
    .all(...values) as unknown as TrialRow[];
}

function countRuns(database: DatabaseSync, { experiment }: { experiment?: string }): number {
  const { sql, values } = where(
    experiment === undefined ? [] : [{ sql: "experiment = ?", values: [experiment] }],
  );
  const row = database.prepare(`SELECT count(DISTINCT run_id) AS runs FROM trials${sql}`)
    .get(...values);
  return Number(row!.runs);
}

function where(conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.length === 0 ? "" : ` WHERE ${conditions.map(({ sql }) => sql).join(" AND ")}`,
    values: conditions.flatMap(({ values }) => values),
  };
}

/** Of one length, so that texts sort as times do. */
function wallTime(time: Millis): string {
  return formatTime(time).replace(/(:\d\d)Z$/, "$1.000Z");
}
