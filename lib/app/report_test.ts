import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { inTestFolder } from "../core/test_folder.ts";
import { readSheet } from "../report/sheet/read_sheet.ts";
import { backtest } from "./backtest.ts";
import { report } from "./report.ts";
import { tinyPlan, writeBtc } from "./test_market.ts";

async function withRuns(
  count: number,
  action: (made: { folder: string; resultsRoot: string; ids: readonly string[] }) => Promise<void>,
) {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const resultsRoot = `${folder}results`;
    const ids: string[] = [];
    for (let seed = 0; seed < count; seed++) {
      const plan = await tinyPlan(`${folder}data`, { sets: [`system.seed=${seed}`] });
      ids.push((await backtest(plan, { threads: 0, resultsRoot })).id);
    }
    await action({ folder, resultsRoot, ids });
  });
}

Deno.test("FR-061 a tear sheet is written whole where it is wanted, with the run's own card, twice the same", async () => {
  await withRuns(1, async ({ folder, resultsRoot, ids: [id] }) => {
    const { file, bytes } = await report([id!.slice(0, 6)], { resultsRoot });
    strictEqual(file, `${resultsRoot}/reports/${id}.html`);
    const text = await readFile(file, "utf8");
    strictEqual(new TextEncoder().encode(text).length, bytes);
    const read = readSheet(text);
    ok(read.kind === "run" && read.odd.length === 0);
    strictEqual(read.parts.cardText, await readFile(`${resultsRoot}/runs/${id}/run.json`, "utf8"));
    deepStrictEqual(Object.keys(JSON.parse(read.parts.proofsText)), [
      ...["certificate", "envelope", "luck"],
    ]);
    const out = `${folder}deep/er/page.html`;
    await report([id!], { resultsRoot, out });
    strictEqual(await readFile(out, "utf8"), text);
    deepStrictEqual(await readdir(`${folder}deep/er`), ["page.html"]);
  });
});

Deno.test("FR-065 several runs make one comparison, named after them and their order", async () => {
  await withRuns(2, async ({ resultsRoot, ids }) => {
    const { file } = await report(ids, { resultsRoot });
    match(file, /\/reports\/comparison-[0-9a-f]{12}\.html$/);
    const turned = await report(ids.toReversed(), { resultsRoot });
    ok(turned.file !== file);
    deepStrictEqual(readSheet(await readFile(file, "utf8")), { kind: "comparison", runIds: ids });
    await rejects(report([ids[0]!, ids[0]!.slice(0, 8)], { resultsRoot }), {
      message: `Report: run ${ids[0]} is named twice`,
      exitCode: 2,
    });
    await writeFile(`${resultsRoot}/runs/${ids[1]}/nav.parquet`, "damaged");
    await rejects(report(ids, { resultsRoot }), /nav\.parquet was changed or damaged/);
    await rm(`${resultsRoot}/runs/${ids[1]}/nav.parquet`);
    await rejects(report(ids, { resultsRoot }), /Cannot read .*nav\.parquet/);
  });
});

Deno.test("FR-061 a run without proofs has a page that says so", async () => {
  await withRuns(1, async ({ resultsRoot, ids: [id] }) => {
    await rm(`${resultsRoot}/proofs`, { recursive: true });
    const { file } = await report([id!], { resultsRoot });
    match(await readFile(file, "utf8"), /Not audited/);
  });
});

Deno.test("FR-061 unknown, ambiguous and damaged runs, folders and empty names are refused before anything is written", async () => {
  await withRuns(1, async ({ folder, resultsRoot, ids: [id] }) => {
    await mkdir(`${folder}place`);
    const usage = { exitCode: 2 };
    await rejects(report(["zz"], { resultsRoot }), /No run "zz" among the 1/);
    await rejects(report([], { resultsRoot }), {
      ...usage,
      message: /found 0 runs, expected 1 to 200/,
    });
    await rejects(report([""], { resultsRoot }), { ...usage, message: /found an empty run id ""/ });
    await rejects(report(new Array(201).fill(id), { resultsRoot }), /found 201 runs/);
    await rejects(report([id!], { resultsRoot, out: "" }), {
      ...usage,
      message: /^--out: found ""/,
    });
    await rejects(report([id!], { resultsRoot, out: `${folder}place` }), {
      ...usage,
      message: /^--out: found the folder ".*place", expected a file$/,
    });
    await writeFile(`${resultsRoot}/runs/${id}/orders.parquet`, "damaged");
    await rejects(report([id!], { resultsRoot }), /orders\.parquet was changed or damaged/);
    deepStrictEqual((await readdir(resultsRoot)).includes("reports"), false);
  });
});
