import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseDate } from "../core/clock.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { runFiles } from "./artefacts.ts";
import { openDatabase, type ResultsDatabase } from "./database.ts";
import { deriveRun } from "./derive.ts";
import { cardParts, handMadeRecord } from "./record_fixture.ts";
import type { RunFacts } from "./run_rows.ts";

const record = handMadeRecord();
const { card } = await runFiles("a".repeat(16), {
  record,
  derived: deriveRun(record),
  parts: cardParts(),
});

function facts(id: string, changes: Partial<RunFacts> = {}): RunFacts {
  return {
    card: { ...card, run_id: id },
    folder: `results/runs/${id}`,
    name: "trend",
    experiment: null,
    createdAt: parseDate("2025-01-01"),
    durationMs: 12.5,
    host: "bench",
    models: [
      { name: "A", version: "1.0.0", parameters: { slow: 200, fast: [1, 2] } },
      { name: "B", version: "2.1.0", parameters: {} },
    ],
    ...changes,
  };
}

async function inDatabase(work: (database: ResultsDatabase, file: string) => void | Promise<void>) {
  await inTestFolder(async (folder) => {
    const file = join(folder, "deep", "assay.db");
    const database = await openDatabase(file);
    try {
      await work(database, file);
    } finally {
      database.close();
    }
  });
}

const key = { family: "A+B", dataSet: "QQQ,SPY h4" };
const ids = (rows: readonly { readonly run_id: string }[]) => rows.map(({ run_id }) => run_id);

Deno.test("FR-058 a run is recorded with its figures, its models and when it was made", () =>
  inDatabase((database) => {
    database.recordRun(facts("a1"));
    const run = database.findRun("a1")!;
    strictEqual(run.name, "trend");
    deepStrictEqual([run.start, run.end], ["2024-01-01", "2024-01-03"]);
    strictEqual(run.created_at, "2025-01-01T00:00:00.000Z");
    deepStrictEqual([run.sealed, run.host, run.duration_ms], [true, "bench", 12.5]);
    deepStrictEqual([run.initial_nav, run.final_nav, run.trades], [1000, 1051, 3]);
    strictEqual(run.sharpe, card.statistics.portfolio.sharpe);
    strictEqual(run.periods_per_year, 365);
    deepStrictEqual(run.models.map(({ model, version }) => `${model}@${version}`), [
      "A@1.0.0",
      "B@2.1.0",
    ]);
    deepStrictEqual(run.models[0]!.parameters, { fast: [1, 2], slow: 200 });
    strictEqual(run.models[1]!.total_return, card.statistics.models.B!.total_return);
    strictEqual(database.findRun("zz"), undefined);
  }));

Deno.test("FR-058 a run recorded twice stays as it was first", () =>
  inDatabase((database) => {
    database.recordRun(facts("a1"));
    database.recordRun(facts("a1", { name: "again", createdAt: parseDate("2026-01-01") }));
    strictEqual(database.findRun("a1")!.name, "trend");
    strictEqual(database.listRuns().length, 1);
  }));

Deno.test("FR-064 runs are listed newest first, by experiment, date and model version", () =>
  inDatabase((database) => {
    const day = (text: string) => ({ createdAt: parseDate(text) });
    database.recordRun(facts("a1", { ...day("2025-01-01"), experiment: "grid" }));
    database.recordRun(facts("a2", { ...day("2025-01-03") }));
    database.recordRun(
      facts("a3", {
        createdAt: parseDate("2025-01-02") + 500,
        models: [{ name: "A", version: "1.1.0", parameters: {} }],
      }),
    );
    deepStrictEqual(ids(database.listRuns()), ["a2", "a3", "a1"]);
    deepStrictEqual(ids(database.listRuns({ since: parseDate("2025-01-02") })), ["a2", "a3"]);
    deepStrictEqual(ids(database.listRuns({ until: parseDate("2025-01-03") })), ["a3", "a1"]);
    deepStrictEqual(ids(database.listRuns({ model: "A" })), ["a2", "a3", "a1"]);
    deepStrictEqual(ids(database.listRuns({ model: "A@1.0.0" })), ["a2", "a1"]);
    deepStrictEqual(ids(database.listRuns({ model: "A@9.0.0" })), []);
    deepStrictEqual(ids(database.listRuns({ experiment: "grid" })), ["a1"]);
    // A run that an experiment asked for and found there is one of its runs too.
    const trial = database.beginTrial("a2", { ...key, startedAt: 0, experiment: "grid" });
    database.finishTrial(trial, { status: "found", finishedAt: 1 });
    deepStrictEqual(ids(database.listRuns({ experiment: "grid", since: 0 })), ["a2", "a1"]);
  }));

Deno.test("FR-049 a trial is written before its result, and ends once", () =>
  inDatabase((database) => {
    const trial = database.beginTrial("a1", {
      ...key,
      startedAt: parseDate("2025-01-01"),
      experiment: "grid",
    });
    deepStrictEqual(database.listTrials({ experiment: "grid" }).map((row) => ({ ...row })), [{
      trial_id: trial,
      run_id: "a1",
      experiment: "grid",
      started_at: "2025-01-01T00:00:00.000Z",
      finished_at: null,
      status: "running",
      message: null,
      family: "A+B",
      data_set: "QQQ,SPY h4",
      experiment_id: null,
      ...{ place: null, batch: null, outcome_id: null },
      ...{ sharpe_per_day: null, days: null, skew: null, kurtosis: null },
    }]);
    database.finishTrial(trial, { status: "failed", finishedAt: 0, message: "ruined" });
    const [row] = database.listTrials({ runId: "a1" });
    deepStrictEqual([row!.status, row!.message], ["failed", "ruined"]);
    throws(() => database.finishTrial(99, { status: "found", finishedAt: 0 }), RangeError);
    throws(() => database.finishTrial(trial, { status: "found", finishedAt: 0 }), RangeError);
  }));

Deno.test("FR-049 the ledger counts distinct runs, however often they were asked for", () =>
  inDatabase((database) => {
    for (
      const [runId, experiment] of [["a1", "grid"], ["a1", "grid"], ["a2", "grid"], [
        "a3",
        null,
      ]] as const
    ) {
      database.beginTrial(runId, { ...key, startedAt: 0, experiment });
    }
    strictEqual(database.ledgerSize(), 3);
    strictEqual(database.ledgerSize({ experiment: "grid" }), 2);
  }));

Deno.test("FR-058 names with quotes are values, never SQL", () =>
  inDatabase((database) => {
    const name = `x'); DROP TABLE runs; --`;
    database.recordRun(facts("a1", { name, experiment: name }));
    deepStrictEqual(ids(database.listRuns({ experiment: name })), ["a1"]);
    deepStrictEqual(ids(database.listRuns({ model: name })), []);
  }));

Deno.test("FR-058 two processes write the same record", () =>
  inDatabase(async (database, file) => {
    const other = await openDatabase(file);
    database.recordRun(facts("a1"));
    other.recordRun(facts("a2"));
    strictEqual(database.listRuns().length, 2);
    other.close();
  }));

Deno.test("FR-058 a database that another process keeps busy is refused in one line after a wait", () =>
  inDatabase(async (_, file) => {
    const holder = new DatabaseSync(file);
    holder.exec("BEGIN IMMEDIATE");
    const database = await openDatabase(file, { waitMs: 20 });
    const refusal = {
      name: "Refusal",
      message:
        `Cannot use the results database ${file}: another process is writing to it and did not ` +
        "finish within 0.02 s",
    };
    throws(() => database.recordRun(facts("a1")), refusal);
    throws(() => database.beginTrial("a1", { ...key, startedAt: 0 }), refusal);
    holder.exec("COMMIT");
    holder.close();
    database.recordRun(facts("a1"));
    strictEqual(database.listRuns().length, 1);
    database.close();
  }));

Deno.test("FR-058 what is no database of this version is refused in one line", () =>
  inTestFolder(async (folder) => {
    const refused = (file: string, reason: RegExp) =>
      rejects(openDatabase(file), (error: Error) => {
        strictEqual(error.name, "Refusal");
        strictEqual(error.message.includes("\n"), false);
        return error.message.startsWith(`Cannot use the results database ${file}: `) &&
          reason.test(error.message);
      });
    await mkdir(join(folder, "folder.db"));
    await refused(join(folder, "folder.db"), /unable to open/);
    await writeFile(
      join(folder, "text.db"),
      "This is a letter, and not a database at all.".repeat(30),
    );
    await refused(join(folder, "text.db"), /not a database/);
    await refused(join(folder, "text.db", "assay.db"), /not a directory|exist/i);
    const newer = new DatabaseSync(join(folder, "newer.db"));
    newer.exec("PRAGMA user_version = 7");
    newer.close();
    await refused(join(folder, "newer.db"), /its version is 7, expected 4/);
  }));
