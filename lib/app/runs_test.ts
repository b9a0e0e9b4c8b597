import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { appendFile, readdir, rm } from "node:fs/promises";
import { DAY_MS } from "../core/bars.ts";
import { fixedClock, formatTime, parseDate } from "../core/clock.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { backtest } from "./backtest.ts";
import { attributionOf, compareRuns, listRuns, openRun, regimesOf } from "./runs.ts";
import { tinyPlan, writeBtc } from "./test_market.ts";

Deno.test("FR-064 runs are listed newest first by experiment, date and model version", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const resultsRoot = `${folder}results`;
    const made: string[] = [];
    for (const [i, experiment] of ["first", "second"].entries()) {
      const sets = [`experiment={name: ${experiment}}`, `system.seed=${i}`];
      const clock = fixedClock(parseDate("2025-06-01") + i * DAY_MS);
      const options = { threads: 0, resultsRoot, clock };
      const { id } = await backtest(await tinyPlan(`${folder}data`, { sets }), options);
      made.unshift(id);
    }
    const ids = async (filter: Parameters<typeof listRuns>[0]) =>
      (await listRuns(filter, { resultsRoot })).map(({ run_id }) => run_id);
    const [newer, older] = made;
    deepStrictEqual(await ids({}), [newer, older]);
    deepStrictEqual(await ids({ experiment: "first" }), [older]);
    deepStrictEqual(await ids({ since: parseDate("2025-06-02") }), [newer]);
    deepStrictEqual(await ids({ until: parseDate("2025-06-02") }), [older]);
    deepStrictEqual(await ids({ model: "MovingAverageCrossModel_v1@1.0.0" }), [newer, older]);
    deepStrictEqual(await ids({ model: "MovingAverageCrossModel_v1@1.0.1" }), []);
    strictEqual((await listRuns({}, { resultsRoot }))[0]!.name, "second");
  });
});

Deno.test("FR-058 a run opens by any unique beginning of its id, with its tables", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const resultsRoot = `${folder}results`;
    const run = await backtest(await tinyPlan(`${folder}data`), { threads: 0, resultsRoot });
    const opened = await openRun(run.id.slice(0, 5), { resultsRoot });
    deepStrictEqual([opened.id, opened.folder], [run.id, run.folder]);
    strictEqual(opened.card.run_id, run.id);
    await rejects(openRun("x", { resultsRoot }), { name: "Refusal" });
    await rejects(openRun("", { resultsRoot }), { message: /^Run "": found nothing, expected / });
  });
});

Deno.test("SC-002 a proof on file that was changed is told beside the others, of one run and of several", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const resultsRoot = `${folder}results`;
    const { id } = await backtest(await tinyPlan(`${folder}data`), { threads: 0, resultsRoot });
    deepStrictEqual((await openRun(id, { resultsRoot })).damagedProofs, []);
    await appendFile(`${resultsRoot}/proofs/${id}/certificate.json`, "\n");
    const { proofs, damagedProofs } = await openRun(id, { resultsRoot });
    deepStrictEqual([Object.keys(proofs), damagedProofs], [["envelope", "luck"], ["certificate"]]);
    const compared = await compareRuns([id, id], { resultsRoot });
    deepStrictEqual(compared.damagedProofs, [["certificate"], ["certificate"]]);
    await rm(`${resultsRoot}/proofs/${id}/certificate.json`);
    deepStrictEqual((await openRun(id, { resultsRoot })).damagedProofs, []);
  });
});

Deno.test("FR-062 the position of a stored run is told for any date or moment of it, else refused in one line", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const resultsRoot = `${folder}results`;
    const { id } = await backtest(await tinyPlan(`${folder}data`), { threads: 0, resultsRoot });
    const run = await openRun(id, { resultsRoot });
    const { time, quantity } = await run.tables.weights();
    const held = quantity.findIndex((units, row) => units > 0 && time[row]! % DAY_MS === 0);
    const at = formatTime(time[held]!);
    for (const asked of [at, at.slice(0, 10)]) {
      const found = await attributionOf(run, { symbol: "BTC", at: asked });
      deepStrictEqual([found.at, found.units], [at, quantity[held]!]);
      ok(found.fills.length > 0 && found.sums.every(({ agrees }) => agrees));
    }
    const refused = (asked: { symbol: string; at: string }, message: RegExp, exitCode = 1) =>
      rejects(attributionOf(run, asked), { name: "Refusal", message, exitCode });
    await refused(
      { symbol: "BTX", at },
      /^--symbol: found "BTX" \(did you mean "BTC"\?\), [^\n]*$/,
    );
    await refused({ symbol: "BTC", at: "2024-02-30" }, /^--at: found "2024-02-30", expected /, 2);
    await refused({ symbol: "BTC", at: "2025-01-01" }, /outside run \w{16}, expected a time from /);
  });
});

Deno.test("FR-063 regimes of a run are among its figures; a run that was not told of any is refused", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const resultsRoot = `${folder}results`;
    const { id } = await backtest(await tinyPlan(`${folder}data`), { threads: 0, resultsRoot });
    const run = await openRun(id, { resultsRoot });
    const states = Object.values(regimesOf(run).crypto);
    strictEqual(states.reduce((sum, { days }) => sum + days, 0), 15);
    const { regimes: _, ...statistics } = run.card.statistics;
    throws(() => regimesOf({ ...run, card: { ...run.card, statistics } }), {
      name: "Refusal",
      message: `Run ${id} was not told of any regime, nothing to show`,
    });
  });
});

Deno.test("FR-065 runs are compared in the order asked for, by any unique beginning of their ids", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const resultsRoot = `${folder}results`;
    const ids: string[] = [];
    for (const cap of [0.2, 0.1]) {
      const sets = [`risk.per_asset_cap=${cap}`];
      const plan = await tinyPlan(`${folder}data`, { sets });
      ids.push((await backtest(plan, { threads: 0, resultsRoot })).id);
    }
    const { comparison } = await compareRuns(ids.map((id) => id.slice(0, 12)), { resultsRoot });
    deepStrictEqual(comparison.runs, ids);
    deepStrictEqual(comparison.plan, [{ path: "risk.per_asset_cap", values: [0.2, 0.1] }]);
    deepStrictEqual([comparison.data.equal, comparison.code.equal], [true, true]);
  });
});

Deno.test("FR-058 asking where nothing was ever stored finds nothing and makes nothing", async () => {
  await inTestFolder(async (folder) => {
    deepStrictEqual(await listRuns({}, { resultsRoot: folder }), []);
    await rejects(openRun("ab", { resultsRoot: folder }), { name: "Refusal" });
    deepStrictEqual(await readdir(folder), []);
  });
});
