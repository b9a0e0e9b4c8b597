import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { cp, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { inTestFolder } from "../core/test_folder.ts";
import { openDatabase } from "../results/mod.ts";
import { backtest } from "./backtest.ts";
import { tinyPlan, writeBtc } from "./test_market.ts";
import { databaseFile } from "./trial.ts";
import { anchorLedger, verifyLedger } from "./verify_ledger.ts";
import { whatIf } from "./what_if.ts";

const OTHER = "0123456789abcdef";

async function inResults(work: (resultsRoot: string) => Promise<void>): Promise<void> {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const loaded = await tinyPlan(`${folder}data`);
    const resultsRoot = `${folder}results`;
    const run = await backtest(loaded, { threads: 0, resultsRoot, audit: false });
    const ask = await whatIf(loaded, { resultsRoot });
    await ask({ "models.MovingAverageCrossModel_v1.parameters.slow_ma": 9 });
    await work(resultsRoot);
    strictEqual(run.origin, "computed");
  });
}

async function findings(resultsRoot: string): Promise<readonly string[]> {
  const { verdict, findings } = await verifyLedger({ resultsRoot });
  strictEqual(verdict, findings.length === 0 ? "intact" : "broken");
  return findings.map(({ kind, message }) => `${kind}: ${message}`);
}

Deno.test("FR-049 a backtest and what was asked beside it are on the ledger, and it is intact", () =>
  inResults(async (resultsRoot) => {
    const { verdict, entries, trials, runs, head } = await verifyLedger({ resultsRoot });
    deepStrictEqual({ verdict, entries, trials, runs, seq: head!.seq }, {
      ...{ verdict: "intact", entries: 6, trials: 3, runs: 1, seq: 6 },
    });
  }));

Deno.test("FR-049 a run and an experiment that no trial was written for are named", () =>
  inResults(async (resultsRoot) => {
    await mkdir(`${resultsRoot}/runs/${OTHER}`);
    await mkdir(`${resultsRoot}/runs/${OTHER}.different`);
    await mkdir(`${resultsRoot}/experiments/grid`, { recursive: true });
    await mkdir(`${resultsRoot}/experiments/half`);
    await writeFile(`${resultsRoot}/experiments/grid/experiment.json`, '{"experiment_id":"e1"}');
    deepStrictEqual(await findings(resultsRoot), [
      `run: run ${OTHER} is stored, and no trial is on record`,
      "experiment: experiment grid is stored, and no trial of it is on record",
      "experiment: experiment half is stored, and no trial of it is on record",
    ]);
    const database = await openDatabase(databaseFile(resultsRoot));
    const key = { family: "A", dataSet: "BTC h4" };
    const batch = { ...key, startedAt: 0, experiment: "grid", experimentId: "e1" };
    database.beginTrials({ ...batch, trials: [{ runId: OTHER }] });
    database.close();
    deepStrictEqual(await findings(resultsRoot), [
      "experiment: experiment grid is stored, and experiment.json: no entry of the ledger of " +
      "trials says that it was saved",
      "experiment: experiment half is stored, and no trial of it is on record",
    ]);
    await rm(`${resultsRoot}/experiments/grid`, { recursive: true });
    deepStrictEqual(await findings(resultsRoot), [
      "experiment: experiment half is stored, and no trial of it is on record",
    ]);
  }));

Deno.test("FR-049 a record that was deleted, or put back as it was before, is not intact", () =>
  inResults(async (resultsRoot) => {
    const file = databaseFile(resultsRoot);
    await cp(file, `${file}.before`);
    const database = await openDatabase(file);
    database.beginTrial(OTHER, { family: "A", dataSet: "BTC h4", startedAt: 0 });
    database.close();
    deepStrictEqual(await findings(resultsRoot), []);
    await cp(`${file}.before`, file);
    deepStrictEqual(await findings(resultsRoot), [
      "ledger: ledger.head: entry 7 was written and is gone, the newest is 6",
    ]);
    await rm(file);
    const gone = await findings(resultsRoot);
    strictEqual(
      gone[0],
      "ledger: ledger.head: entry 7 was written and is gone, the newest is none",
    );
    strictEqual(gone.length, 2);
  }));

Deno.test("FR-049 a head taken away with the newest entries stays lost until somebody answers for it", () =>
  inResults(async (resultsRoot) => {
    const file = databaseFile(resultsRoot);
    const raw = new DatabaseSync(file);
    raw.exec("DELETE FROM trials WHERE entry > 2; DELETE FROM ledger WHERE seq > 2");
    raw.close();
    await rm(`${resultsRoot}/ledger.head`);
    const database = await openDatabase(file);
    database.beginTrial(OTHER, { family: "A", dataSet: "BTC h4", startedAt: 0 });
    database.close();
    match((await findings(resultsRoot))[0]!, /ledger\.head is missing, expected entry 3/);
    const anchored = await anchorLedger({ operator: "mm", reason: "restored" }, { resultsRoot });
    deepStrictEqual([anchored.verdict, anchored.head!.seq], ["intact", 4]);
    deepStrictEqual(anchored.anchors.map(({ seq, operator, found }) => [seq, operator, found]), [
      [4, "mm", "missing"],
    ]);
    await rejects(anchorLedger({ operator: "mm", reason: "again" }, { resultsRoot }), {
      name: "Refusal",
    });
    deepStrictEqual((await verifyLedger({ resultsRoot })).anchors, anchored.anchors);
  }));

Deno.test("FR-049 where nothing was ever stored the ledger is intact, and asking makes none", () =>
  inTestFolder(async (resultsRoot) => {
    const { verdict, entries, head } = await verifyLedger({ resultsRoot });
    deepStrictEqual({ verdict, entries, head }, { verdict: "intact", entries: 0, head: null });
    strictEqual(await stat(databaseFile(resultsRoot)).catch(() => undefined), undefined);
  }));
