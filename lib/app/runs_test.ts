import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { DAY_MS } from "../core/bars.ts";
import { fixedClock, parseDate } from "../core/clock.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { backtest } from "./backtest.ts";
import { listRuns, openRun } from "./runs.ts";
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
  });
});

Deno.test("FR-058 asking where nothing was ever stored finds nothing and makes nothing", async () => {
  await inTestFolder(async (folder) => {
    deepStrictEqual(await listRuns({}, { resultsRoot: folder }), []);
    await rejects(openRun("ab", { resultsRoot: folder }), { name: "Refusal" });
    deepStrictEqual(await readdir(folder), []);
  });
});
