import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { TRIAL_FIGURES } from "../core/trial_figures.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { openDatabase, type ResultsDatabase } from "./database.ts";

const KEY = { family: "A+B", dataSet: "QQQ,SPY h4" };
const CHILD = fileURLToPath(new URL("./test_ledger_child.ts", import.meta.url));

async function inDatabase(work: (database: ResultsDatabase, file: string) => void | Promise<void>) {
  await inTestFolder(async (folder) => {
    const file = join(folder, "assay.db");
    const database = await openDatabase(file);
    try {
      await work(database, file);
    } finally {
      database.close();
    }
  });
}

function batchOf(runIds: readonly string[]) {
  return { ...KEY, startedAt: 0, trials: runIds.map((runId, place) => ({ runId, place })) };
}

function endOf(trial: number, sharpe: number) {
  const result = { sharpe, days: 250, skew: 0, kurtosis: 3 };
  return { trial, status: "finished" as const, finishedAt: 1, result };
}

const messages = (database: ResultsDatabase) =>
  database.checkLedger().faults.map(({ message }) => message);

function child(file: string, name: string, count: number): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "--no-prompt", "--cached-only", "--allow-read"],
      ...["--allow-write", CHILD, file, name, String(count)],
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

Deno.test("FR-049 a batch is one entry, its trials have numbers in a row, and their ends are another", () =>
  inDatabase((database) => {
    strictEqual(database.beginTrials({ ...batchOf(["a", "b", "c"]), experimentId: "e1" }), 1);
    strictEqual(database.beginTrials(batchOf(["d"])), 4);
    database.finishTrials([endOf(1, 0.1), endOf(3, 0.3)]);
    const { entries, trials, faults, head, runs, experiments } = database.checkLedger();
    deepStrictEqual({ entries, trials, faults, seq: head!.seq }, {
      ...{ entries: 3, trials: 4, faults: [], seq: 3 },
    });
    deepStrictEqual([[...runs], [...experiments]], [["a", "b", "c", "d"], ["e1"]]);
    deepStrictEqual(
      [...database.trialsOf("e1")].map((
        { trial, runId, place, status },
      ) => [trial, runId, place, status]),
      [[1, "a", 0, "finished"], [2, "b", 1, "running"], [3, "c", 2, "finished"]],
    );
  }));

Deno.test("FR-049 a family counts distinct runs, whatever became of them, and the spread of their Sharpe ratios", () =>
  inDatabase((database) => {
    const own = () => {
      const { trials, counted, statisticVariance } = database.ledgerOf(KEY);
      return { trials, counted, statisticVariance };
    };
    deepStrictEqual(own(), { trials: 0, counted: 0, statisticVariance: null });
    database.beginTrials(batchOf(["a", "b", "c", "a", "d"]));
    deepStrictEqual(own(), { trials: 4, counted: 0, statisticVariance: null });
    database.finishTrials([endOf(1, 1), endOf(2, 3), endOf(4, 1)]);
    database.finishTrial(3, { status: "failed", finishedAt: 1, message: "ruined" });
    database.beginTrials({ ...batchOf(["z"]), dataSet: "SPY h4" });
    // Ratios of 1 and 3 on 250 days are t-statistics √250 × 2 apart.
    deepStrictEqual(own(), { trials: 4, counted: 2, statisticVariance: 500 });
    strictEqual(database.ledgerOf({ ...KEY, dataSet: "SPY h4" }).trials, 1);
  }));

Deno.test("FR-049 figures of a sweep's trials come back bit by bit, from memory that threads share too", () =>
  inDatabase((database) => {
    const shared = new Float64Array(new SharedArrayBuffer(8 * TRIAL_FIGURES.length * 2));
    const figures = shared.subarray(TRIAL_FIGURES.length).fill(0.1);
    figures[3] = NaN;
    database.beginTrials({ ...batchOf(["a", "b"]), experimentId: "e1" });
    const end = endOf(1, 0.1);
    database.finishTrials([{ ...end, result: { ...end.result, figures } }]);
    const found = database.figuresOf(["b", "a", "z"], null);
    deepStrictEqual([...found.keys()], ["a"]);
    deepStrictEqual([...database.figuresOf(["a"], "halves").keys()], []);
    deepStrictEqual(found.get("a")!.result, { ...end.result, figures: Float64Array.from(figures) });
    deepStrictEqual([...database.trialsOf("e1")][0]!.result, found.get("a")!.result);
    deepStrictEqual(database.checkLedger().faults, []);
  }));

Deno.test("FR-049 figures of slices are found for the very same slices alone", () =>
  inDatabase((database) => {
    database.beginTrials({ ...batchOf(["a", "a"]), experimentId: "e1" });
    const [halves, thirds] = [endOf(1, 0.1), endOf(2, 0.2)].map((end) => ({
      ...end,
      result: { ...end.result, figures: Float64Array.of(end.result!.sharpe!) },
    }));
    database.finishTrials([
      { ...halves!, result: { ...halves!.result, slices: "halves" } },
      { ...thirds!, result: { ...thirds!.result, slices: "thirds" } },
    ]);
    const sharpeFor = (slices: string | null) =>
      database.figuresOf(["a"], slices).get("a")?.result.sharpe;
    deepStrictEqual(["halves", "thirds", "fourths", null].map(sharpeFor), [
      0.1,
      0.2,
      undefined,
      undefined,
    ]);
    deepStrictEqual(database.checkLedger().faults, []);
  }));

Deno.test("FR-049 ends are written all or none, each once, in the order of their trials", () =>
  inDatabase((database) => {
    database.beginTrials(batchOf(["a", "b"]));
    throws(
      () => database.finishTrials([endOf(2, 0), endOf(1, 0)]),
      /in the order of their numbers/,
    );
    throws(() => database.finishTrials([endOf(1, 0), endOf(7, 0)]), /no trial 7/);
    throws(() => database.beginTrials(batchOf([])), RangeError);
    deepStrictEqual(database.listTrials().map(({ status }) => status), ["running", "running"]);
    strictEqual(database.checkLedger().entries, 1);
    database.finishTrials([]);
    strictEqual(database.checkLedger().entries, 1);
    database.finishTrials([endOf(1, 0)]);
    throws(() => database.finishTrials([endOf(1, 5)]), /Trial 1 ended before: finished/);
    deepStrictEqual(database.checkLedger().faults, []);
  }));

Deno.test("FR-049 ten thousand trials are registered in one transaction and counted", () =>
  inDatabase((database) => {
    function* trials() {
      for (let place = 0; place < 10_000; place++) yield { runId: `run-${place}`, place, batch: 0 };
    }
    strictEqual(
      database.beginTrials({ ...KEY, startedAt: 0, experimentId: "e1", trials: trials() }),
      1,
    );
    strictEqual(database.ledgerOf(KEY).trials, 10_000);
    const { entries, faults } = database.checkLedger();
    deepStrictEqual({ entries, faults }, { entries: 1, faults: [] });
  }));

Deno.test("FR-049 a trial whose process was killed before its result stays on record and counts", () =>
  inDatabase(async (database, file) => {
    const process = child(file, "killed", -1);
    const reader = process.stdout.getReader();
    await reader.read();
    process.kill("SIGKILL");
    await process.status;
    await reader.cancel();
    deepStrictEqual(database.listTrials().map(({ run_id, status }) => [run_id, status]), [
      ["killed-0", "running"],
    ]);
    strictEqual(database.ledgerOf({ family: "A", dataSet: "SPY h4" }).trials, 1);
    deepStrictEqual(messages(database), []);
  }));

Deno.test("FR-049 processes that write at once make one chain, and its head is the newest entry", () =>
  inDatabase(async (database, file) => {
    const children = ["a", "b", "c"].map((name) => child(file, name, 20));
    const outcomes = await Promise.all(children.map((process) => process.output()));
    ok(outcomes.every(({ success }) => success));
    const { entries, trials, head, faults } = database.checkLedger();
    deepStrictEqual({ entries, trials, faults }, { entries: 120, trials: 60, faults: [] });
    deepStrictEqual(JSON.parse(await readFile(join(file, "../ledger.head"), "utf8")), head);
  }));

Deno.test("FR-049 a head that is behind is content, one that the chain does not lead from is never replaced", () =>
  inDatabase(async (database, file) => {
    const headFile = join(file, "../ledger.head");
    database.beginTrial("a", { ...KEY, startedAt: 0 });
    const early = await readFile(headFile, "utf8");
    database.beginTrial("b", { ...KEY, startedAt: 0 });
    await writeFile(headFile, early);
    deepStrictEqual(messages(database), []);
    const other = JSON.stringify({ seq: 9, hash: "beef" });
    await writeFile(headFile, other);
    match(messages(database)[0]!, /ledger.head: entry 9 was written and is gone, the newest is 2/);
    database.beginTrial("c", { ...KEY, startedAt: 0 });
    strictEqual(await readFile(headFile, "utf8"), other);
    await writeFile(headFile, "{");
    deepStrictEqual(messages(database), ["ledger.head cannot be read"]);
    await rm(headFile);
    match(messages(database)[0]!, /ledger.head is missing/);
  }));

Deno.test("FR-049 trials on shorter ranges count with the t-statistic of their Sharpe ratio", () =>
  inDatabase((database) => {
    database.beginTrials(batchOf(["a", "b"]));
    const ends = [endOf(1, 0.1), endOf(2, 0.2)];
    database.finishTrials([ends[0]!, { ...ends[1]!, result: { ...ends[1]!.result, days: 90 } }]);
    const apart = 0.1 * Math.sqrt(250) - 0.2 * Math.sqrt(90);
    const { statisticVariance } = database.ledgerOf(KEY);
    ok(Math.abs(statisticVariance! - apart ** 2 / 2) < 1e-12);
  }));

Deno.test("FR-049 trials with a model and a symbol in common are related, whatever their timeframe", () =>
  inDatabase((database) => {
    const begin = (runId: string, family: string, dataSet: string) =>
      database.beginTrial(runId, { family, dataSet, startedAt: 0 });
    begin("a", "A+B", "QQQ,SPY h4");
    begin("b", "A", "SPY daily");
    begin("c", "B+C", "QQQ h4");
    begin("d", "A", "BTC h4");
    begin("e", "C", "SPY h4");
    begin("f", "AB", "SPY h4");
    begin("g", "A", "");
    const counts = (family: string, dataSet: string) => {
      const { trials, related } = database.ledgerOf({ family, dataSet });
      return [trials, related.trials];
    };
    deepStrictEqual(counts("A+B", "QQQ,SPY h4"), [1, 4]);
    // Never tried, and what was tried counts all the same.
    deepStrictEqual(counts("A", "SPY h4"), [0, 3]);
    deepStrictEqual(counts("D", "SPY h4"), [0, 0]);
  }));

Deno.test("FR-049 a count up to an entry stays what it was, whatever is tried and ends later", () =>
  inDatabase((database) => {
    database.beginTrials(batchOf(["a", "b"]));
    database.finishTrials([endOf(1, 0.1), endOf(2, 0.3)]);
    const then = database.ledgerOf(KEY);
    strictEqual(then.entry!.seq, 2);
    database.beginTrials(batchOf(["a", "c"]));
    database.finishTrials([endOf(3, 0.9), endOf(4, -0.3)]);
    deepStrictEqual(database.ledgerOf(KEY, { upTo: 2 }), then);
    deepStrictEqual([then.trials, database.ledgerOf(KEY).trials], [2, 3]);
    const empty = database.ledgerOf(KEY, { upTo: 0 });
    deepStrictEqual([empty.trials, empty.entry], [0, null]);
  }));

Deno.test("FR-049 what a run left is found by the run that came out, not only by the one asked for", () =>
  inDatabase((database) => {
    database.beginTrials(batchOf(["asked", "b"]));
    database.finishTrials([{ ...endOf(1, 0.1), outcomeId: "made" }, endOf(2, 0.2)]);
    const found = database.resultsOf(["asked", "made", "b"]);
    deepStrictEqual([...found].map(([id, { result }]) => [id, result.sharpe]), [
      ["made", 0.1],
      ["b", 0.2],
    ]);
    deepStrictEqual(["asked", "made", "b", "z"].map(database.registeredAt), [1, 1, 1, undefined]);
  }));

Deno.test("FR-049 a head that was taken away with the newest entries is not made again by the next trial", () =>
  inDatabase(async (database, file) => {
    for (const run of ["a", "b", "c"]) database.beginTrial(run, { ...KEY, startedAt: 0 });
    const raw = new DatabaseSync(file);
    raw.exec("DELETE FROM trials WHERE trial_id > 1; DELETE FROM ledger WHERE seq > 1");
    raw.close();
    await rm(join(file, "../ledger.head"));
    database.beginTrial("d", { ...KEY, startedAt: 0 });
    match(messages(database)[0]!, /ledger.head is missing/);
  }));

Deno.test("FR-049 a lost head is written down again by a chained word of who did it, and only then", () =>
  inDatabase(async (database, file) => {
    const headFile = join(file, "../ledger.head");
    const anchor = { operator: "mm", reason: "disk was lost", at: 7 };
    throws(() => database.anchorLedger(anchor), /expected one that needs an anchor/);
    await rm(headFile);
    throws(() => database.anchorLedger(anchor), /found no entry on the ledger to anchor/);
    database.beginTrial("a", { ...KEY, startedAt: 0 });
    database.beginTrial("b", { ...KEY, startedAt: 0 });
    throws(() => database.anchorLedger(anchor), /expected one that needs an anchor/);
    await rm(headFile);
    database.anchorLedger(anchor);
    const { faults, anchors, entries } = database.checkLedger();
    deepStrictEqual([faults, entries], [[], 3]);
    deepStrictEqual(anchors, [{
      ...{ seq: 3, written_at: "1970-01-01T00:00:00.007Z", operator: "mm" },
      ...{ reason: "disk was lost", found: "missing" },
    }]);
    database.beginTrial("c", { ...KEY, startedAt: 0 });
    deepStrictEqual(messages(database), []);
    const raw = new DatabaseSync(file);
    raw.exec("UPDATE ledger SET digest = replace(digest, 'disk', 'head') WHERE seq = 3");
    raw.close();
    match(messages(database)[0]!, /^entry 3 was changed/);
  }));

Deno.test("FR-049 rows that cannot be read are refused in one line", () =>
  inDatabase((database, file) => {
    const raw = new DatabaseSync(file);
    raw.exec("DROP TABLE trials");
    raw.close();
    throws(() => database.listTrials(), { name: "Refusal" });
    throws(() => [...database.trialsOf("e1")], {
      name: "Refusal",
      message: /Cannot use the results/,
    });
  }));
