import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inTestFolder } from "../core/test_folder.ts";
import { btc } from "../data/bar_fixtures.ts";
import { backtest } from "./backtest.ts";
import { storedQuality } from "./quality.ts";
import { openRun } from "./runs.ts";
import { tinyPlan, waves, writeBtc } from "./test_market.ts";

const here = { threads: 0 };

Deno.test("FR-009 a run knows what validation says of its files, and shares it with others on the same data", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const resultsRoot = `${folder}results`;
    const loaded = await tinyPlan(`${folder}data`);
    const { id, quality, card } = await backtest(loaded, { ...here, resultsRoot });
    strictEqual(quality!.verdict, "clean");
    deepStrictEqual(quality!.files.map(({ file }) => file), ["crypto/BTC_h4.parquet"]);
    deepStrictEqual((await openRun(id, { resultsRoot })).quality, quality);
    const again = await backtest(loaded, { ...here, resultsRoot });
    deepStrictEqual(again.quality, quality);
    const other = await tinyPlan(`${folder}data`, { sets: ["risk.max_leverage=0.5"] });
    await backtest(other, { ...here, resultsRoot });
    strictEqual((await readdir(join(resultsRoot, "quality"))).length, 1);
    // Whatever lies there in its place is not believed.
    const [file] = await readdir(join(resultsRoot, "quality"));
    await writeFile(join(resultsRoot, "quality", file!), "{}");
    strictEqual(await storedQuality(resultsRoot, card.data.fingerprint), undefined);
    deepStrictEqual((await backtest(loaded, { ...here, resultsRoot })).quality, quality);
  });
});

Deno.test("FR-009 what goes beyond the thresholds is on the run's record; a sweep's trial does not ask", async () => {
  await inTestFolder(async (folder) => {
    const bars = waves(btc, "h4");
    const close = bars.close.slice();
    const high = bars.high.slice();
    close[200]! *= 3;
    high[200] = close[200]!;
    await writeBtc(`${folder}data`, { ...bars, close, high });
    const resultsRoot = `${folder}results`;
    const sets = ["data.validation.outlier_window=50", "data.validation.outlier_deviations=8"];
    const loaded = await tinyPlan(`${folder}data`, { sets });
    const bare = await backtest(loaded, { ...here, resultsRoot, proofs: false });
    strictEqual(bare.quality, undefined);
    const { quality } = await backtest(loaded, { ...here, resultsRoot });
    strictEqual(quality!.verdict, "found");
    ok(quality!.files[0]!.findings.outliers!.beyond);
  });
});
