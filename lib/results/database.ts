import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Millis } from "../core/bars.ts";
import { Refusal } from "../core/errors.ts";
import { insertRun, runConditions, selectRuns } from "./database_runs.ts";
import { MIGRATIONS, SCHEMA, SCHEMA_VERSION } from "./database_schema.ts";
import { insertTrials, selectTrials, updateTrials } from "./database_trials.ts";
import { beginHead, headFile, replaceHead, writeHead } from "./ledger.ts";
import { adoptTrials } from "./ledger_adopt.ts";
import { type Anchor, anchorLedger } from "./ledger_anchor.ts";
import { checkLedger, type LedgerCheck } from "./ledger_check.ts";
import {
  countFamily,
  type CountOptions,
  countRuns,
  selectExperiment,
  selectFigures,
  selectRegistered,
  selectResults,
} from "./ledger_counts.ts";
import { type LifecycleRecord, lifecycleRecord } from "./lifecycle.ts";
import {
  type FileDigests,
  type SealedExperiment,
  sealExperiment,
  selectSealed,
} from "./ledger_experiments.ts";
import type { ExperimentCard } from "../core/experiment.ts";
import { inTransaction } from "../core/transaction.ts";
import { experimentFault } from "./ledger_resume.ts";
import type { RunFacts, RunFilter, RunRow } from "./run_rows.ts";
import type {
  FoundTrial,
  LedgerCount,
  LedgerKey,
  StoredTrial,
  TrialBatch,
  TrialEnd,
  TrialResult,
  TrialRow,
} from "./trial_rows.ts";

/** The record of runs and requests. Every call waits a while for other writers, then refuses. */
export interface ResultsDatabase {
  /** Adds a run with its models; one that is there already stays as it was first recorded. */
  recordRun(facts: RunFacts): void;
  /** Writes a request down before its result is known, as a batch of one, and returns its number. */
  beginTrial(
    runId: string,
    trial: LedgerKey & { readonly startedAt: Millis; readonly experiment?: string | null },
  ): number;
  /** RangeError for a number that `beginTrial` did not give, and for a trial that ended before. */
  finishTrial(trial: number, end: TrialEnd): void;
  /**
   * Writes a batch down in one transaction, as one entry of the ledger. Returns the number of the first trial; those of
   * the others follow without a gap. RangeError for an empty batch.
   */
  beginTrials(batch: TrialBatch): number;
  /** How trials ended, in the order of their numbers: all are written, as one entry, or none. RangeErrors as above. */
  finishTrials(ends: Iterable<TrialEnd & { readonly trial: number }>): void;
  /** Newest first. */
  listRuns(filter?: RunFilter): readonly RunRow[];
  findRun(runId: string): RunRow | undefined;
  /** Oldest first. */
  listTrials(
    filter?: { readonly experiment?: string; readonly runId?: string },
  ): readonly TrialRow[];
  /** Distinct runs that were ever asked for. */
  ledgerSize(filter?: { readonly experiment?: string }): number;
  /** N of the deflated Sharpe ratio, and what else the ledger knows of a family, by now or as it was at an entry. */
  ledgerOf(key: LedgerKey, options?: CountOptions): LedgerCount;
  /** The entry that first registered a run, by the id it asked for or the one that came out; undefined for none. */
  registeredAt(runId: string): number | undefined;
  /** Puts the files of a finished experiment on the chain. */
  sealExperiment(
    card: ExperimentCard,
    seal: { readonly files: FileDigests; readonly at: Millis },
  ): void;
  /** What the chain says of an experiment's files; undefined for one that was never saved. */
  sealedExperiment(experimentId: string): SealedExperiment | undefined;
  /** The trials of an experiment by their place, one at a time, so that no number of them needs memory. */
  trialsOf(experimentId: string): Iterable<StoredTrial>;
  /** What of an experiment's trials, their ends and entries is not as it was written, in one line; undefined where all is. */
  experimentFault(experimentId: string): string | undefined;
  /**
   * Figures of earlier trials of sweeps for the same runs and slices (their digest; null for none), so that they need not be
   * computed again; by run id.
   */
  figuresOf(runIds: Iterable<string>, slices: string | null): ReadonlyMap<string, FoundTrial>;
  /** What the newest trial of each stored run left on the ledger, by run id; those without a result are left out. */
  resultsOf(runIds: Iterable<string>): ReadonlyMap<string, LedgerKey & { result: TrialResult }>;
  /** Recomputes the whole ledger from the trials on record. */
  checkLedger(): LedgerCheck;
  /** What became of models; `mirror` is the log that says the same, one event a line. */
  lifecycle(mirror: string): LifecycleRecord;
  /** Writes a lost head down again, as an entry of its own. Refuses one that is in order. */
  anchorLedger(anchor: Anchor & { readonly at: Millis }): void;
  close(): void;
}

/** Whether records can be read here at all: Node has SQLite from 22.5 on. */
export async function hasSqlite(): Promise<boolean> {
  return await import("node:sqlite").then(() => true, () => false);
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
  const lifecycle = (mirror: string) =>
    refusingAll(lifecycleRecord(database, { databaseFile: file, mirror }), refusing);
  return { ...records(database, refusing), ...trials(database, file, refusing), lifecycle };
}

type Refusing = <Result>(work: () => Result) => Result;

function refusingAll(record: LifecycleRecord, refusing: Refusing): LifecycleRecord {
  return {
    append: (drafts, known) => refusing(() => record.append(drafts, known)),
    events: () => refusing(record.events),
    stages: () => refusing(record.stages),
    check: () => refusing(record.check),
    mend: () => refusing(record.mend),
  };
}

function records(database: DatabaseSync, refusing: Refusing) {
  return {
    recordRun: (facts) => refusing(() => inTransaction(database, () => insertRun(database, facts))),
    listRuns: (filter = {}) => refusing(() => selectRuns(database, runConditions(filter))),
    findRun: (runId) =>
      refusing(() => selectRuns(database, [{ sql: "run_id = ?", values: [runId] }])[0]),
    close: () => database.close(),
  } satisfies Partial<ResultsDatabase>;
}

function trials(database: DatabaseSync, file: string, refusing: Refusing) {
  const head = headFile(file);
  const writing = <Result>(work: () => Result): Result =>
    refusing(() => {
      const result = work();
      writeHead(database, head);
      return result;
    });
  const beginTrials = (batch: TrialBatch) => writing(() => insertTrials(database, batch));
  const finishTrials: ResultsDatabase["finishTrials"] = (ends) =>
    writing(() => updateTrials(database, ends));
  return {
    beginTrials,
    finishTrials,
    beginTrial: (runId, trial) => beginTrials({ ...trial, trials: [{ runId }] }),
    finishTrial: (trial, end) => finishTrials([{ ...end, trial }]),
    listTrials: (filter = {}) => refusing(() => selectTrials(database, filter)),
    ledgerSize: (filter = {}) => refusing(() => countRuns(database, filter)),
    ledgerOf: (key, options) => refusing(() => countFamily(database, key, options)),
    registeredAt: (runId) => refusing(() => selectRegistered(database, runId)),
    sealExperiment: (card, seal) => writing(() => sealExperiment(database, card, seal)),
    sealedExperiment: (id) => refusing(() => selectSealed(database, id)),
    trialsOf: (id) => refusingEach(refusing, () => selectExperiment(database, id)),
    experimentFault: (experimentId) => refusing(() => experimentFault(database, experimentId)),
    figuresOf: (runIds, slices) => refusing(() => selectFigures(database, runIds, slices)),
    resultsOf: (runIds) => refusing(() => selectResults(database, runIds)),
    checkLedger: () => refusing(() => checkLedger(database, head)),
    anchorLedger: (anchor) => refusing(() => anchorLedger(database, head, anchor)),
  } satisfies Partial<ResultsDatabase>;
}

/** As `refusing`, for rows that are read one at a time. */
function* refusingEach<Row>(refusing: Refusing, read: () => Generator<Row>): Generator<Row> {
  const rows = read();
  try {
    for (let next = refusing(() => rows.next()); !next.done; next = refusing(() => rows.next())) {
      yield next.value;
    }
  } finally {
    rows.return(undefined);
  }
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
  // The head of the ledger is on the disk when it is written; the entry it names must be there before.
  database.exec("PRAGMA synchronous = FULL");
  const version = () => Number(database.prepare("PRAGMA user_version").get()!.user_version);
  if (version() === 0) {
    database.exec("PRAGMA journal_mode = WAL");
    inTransaction(database, () => {
      if (version() !== 0) return; // another process was first
      beginHead(headFile(file));
      database.exec(SCHEMA);
      database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    });
  }
  if (version() < SCHEMA_VERSION) {
    inTransaction(database, () => {
      const before = version();
      for (const migration of MIGRATIONS.slice(before - 1)) database.exec(migration);
      if (before < 3) adoptTrials(database, file);
      database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
      if (before < 3) replaceHead(database, headFile(file));
    });
  }
  const found = version();
  if (found === SCHEMA_VERSION) return;
  throw new Refusal(
    `Cannot use the results database ${file}: its version is ${found}, expected ${SCHEMA_VERSION}`,
  );
}
