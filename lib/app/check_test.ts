import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { inTestFolder } from "../core/test_folder.ts";
import { check } from "./check.ts";
import { CROSS_FILE, writeBtc } from "./test_market.ts";

const tiny = (root: string) => ({
  start: "2024-02-01",
  end: "2024-02-15",
  sets: [`data.root=${root}`, "models.MovingAverageCrossModel_v1.universe=[BTC]"],
});

Deno.test("FR-009 check finds everything ready and stores nothing", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const sets = [
      ...tiny(`${folder}data`).sets,
      "models.MovingAverageCrossModel_v1.parameters.slow_ma=60",
    ];
    const options = { ...tiny(`${folder}data`), sets, resultsRoot: `${folder}results` };
    const { ready, steps } = await check(CROSS_FILE, options);
    deepStrictEqual(steps.map(({ name, ok }) => [name, ok]), [
      ["configuration", true],
      ["data", true],
      ["results", true],
      ["smoke run", true],
    ]);
    strictEqual(ready, true);
    strictEqual(steps[3]!.detail, "90 decisions over the last 15 days");
    deepStrictEqual(await readdir(`${folder}results`), []);
  });
});

Deno.test("FR-009 check says what is missing, and looks at what does not depend on it", async () => {
  await inTestFolder(async (folder) => {
    const resultsRoot = `${folder}results`;
    const missing = async (options: Parameters<typeof check>[1]) => {
      const { ready, steps } = await check(CROSS_FILE, { resultsRoot, ...options });
      strictEqual(ready, false);
      return Object.fromEntries(
        steps.filter(({ ok }) => !ok).map(({ name, detail }) => [name, detail]),
      );
    };
    const data = await missing(tiny(folder));
    deepStrictEqual(Object.keys(data), ["data"]);
    match(data.data!, /BTC_h4\.parquet/);

    match((await missing({ sets: ["risk.per_aset_cap=1"] })).configuration!, /per_asset_cap/);

    await writeBtc(folder);
    // 200 bars take 34 days: on 1 February 32 have passed.
    const cold = { ...tiny(folder), end: "2024-02-01" };
    match((await missing(cold))["smoke run"]!, /No asset is warm/);

    await writeFile(`${folder}file`, "in the way");
    match((await missing({ resultsRoot: `${folder}file` })).results!, /^Cannot write to .*file/);
  });
});
