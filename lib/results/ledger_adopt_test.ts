import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseDate } from "../core/clock.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { CARD_FILE, runFiles } from "./artefacts.ts";
import { openDatabase, type ResultsDatabase } from "./database.ts";
import { deriveRun } from "./derive.ts";
import { cardParts, FIXTURE_ID, handMadeRecord } from "./record_fixture.ts";
import { cardText } from "./run_card.ts";
import { trialResult } from "./trial_result.ts";

const record = handMadeRecord();
const derived = deriveRun(record);
const parts = cardParts({ plan: { timeframe: "daily" } });
const { card } = await runFiles(FIXTURE_ID, { record, derived, parts });
const LOST = "b".repeat(16);
const UNSEALED = "c".repeat(16);

/** What version 2 of the record had for trials. */
const OLD_TRIALS = `
DROP TABLE ledger;
DROP TABLE trials;
CREATE TABLE trials (
  trial_id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL,
  experiment TEXT,
  started_at TEXT NOT NULL,
  finished_at TEXT,
  status TEXT NOT NULL,
  message TEXT
) STRICT;
CREATE INDEX trials_by_run ON trials (run_id);
CREATE INDEX trials_by_experiment ON trials (experiment);
INSERT INTO trials (run_id, experiment, started_at, finished_at, status, message) VALUES
  ('${FIXTURE_ID}', 'grid', '2025-01-01T00:00:00.000Z', '2025-01-01T00:00:01.000Z', 'finished', NULL),
  ('${LOST}', NULL, '2025-01-02T00:00:00.000Z', '2025-01-02T00:00:01.000Z', 'failed', 'ruined'),
  ('asked', NULL, '2025-01-02T00:00:00.000Z', '2025-01-04T00:00:00.000Z', 'finished', NULL),
  ('${FIXTURE_ID}', NULL, '2025-01-03T00:00:00.000Z', NULL, 'running', NULL);
`;

/** A record of an earlier version: two runs on record, the folder of one of them. */
async function inOldRecord(
  version: 1 | 2,
  work: (open: () => Promise<ResultsDatabase>) => Promise<void>,
): Promise<void> {
  await inTestFolder(async (folder) => {
    const file = join(folder, "assay.db");
    const database = await openDatabase(file);
    const facts = { name: "x", experiment: null, durationMs: 1, host: "", folder: "", models: [] };
    database.recordRun({ ...facts, card, createdAt: parseDate("2025-01-01"), dataRoot: "data" });
    const unsealed = { ...card, run_id: UNSEALED, sealed: false };
    database.recordRun({ ...facts, card: unsealed, createdAt: parseDate("2025-01-04") });
    database.close();
    const old = new DatabaseSync(file);
    old.exec(OLD_TRIALS);
    if (version === 1) old.exec("ALTER TABLE runs DROP COLUMN data_root");
    old.exec(`PRAGMA user_version = ${version}`);
    old.close();
    await mkdir(join(folder, "runs", FIXTURE_ID), { recursive: true });
    await writeFile(join(folder, "runs", FIXTURE_ID, CARD_FILE), cardText(card));
    await work(() => openDatabase(file));
  });
}

for (const version of [1, 2] as const) {
  Deno.test(`FR-049 the trials of a record of version ${version} are adopted by the ledger once, and none is lost`, () =>
    inOldRecord(version, async (open) => {
      for (let opening = 0; opening < 2; opening++) {
        const database = await open();
        const { entries, trials, faults } = database.checkLedger();
        deepStrictEqual({ entries, trials, faults }, { entries: 2, trials: 4, faults: [] });
        strictEqual(database.findRun(FIXTURE_ID)!.data_root, version === 1 ? null : "data");
        database.close();
      }
    }));
}

Deno.test("FR-049 an adopted trial counts for the family of its run, as far as its card tells", () =>
  inOldRecord(2, async (open) => {
    const database = await open();
    const { sharpe, days, skew, kurtosis } = trialResult(record, derived);
    const rows = database.listTrials().map((row) => [row.family, row.data_set, row.sharpe_per_day]);
    deepStrictEqual(rows, [
      ["A+B", "BTC,ETH daily", sharpe],
      ["", "", null],
      ["", "", null],
      ["A+B", "BTC,ETH daily", null],
    ]);
    const [first, , unsealed] = database.listTrials();
    deepStrictEqual([first!.days, first!.skew, first!.kurtosis], [days, skew, kurtosis]);
    strictEqual(unsealed!.outcome_id, UNSEALED);
    const { trials, counted, statisticVariance } = database.ledgerOf({
      ...{ family: "A+B", dataSet: "BTC,ETH daily" },
    });
    deepStrictEqual([trials, counted, statisticVariance], [1, 1, null]);
    database.close();
  }));

Deno.test("FR-049 an adopted trial that still runs may end, and the chain goes on", () =>
  inOldRecord(2, async (open) => {
    const database = await open();
    database.finishTrial(4, { status: "interrupted", finishedAt: 1 });
    database.beginTrial("new", { family: "A", dataSet: "SPY h4", startedAt: 2 });
    const { entries, faults } = database.checkLedger();
    deepStrictEqual({ entries, faults }, { entries: 4, faults: [] });
    database.close();
  }));
