import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { readFile, truncate, writeFile } from "node:fs/promises";
import { inTestFolder } from "../core/test_folder.ts";
import { btc, described, spy, withoutRows } from "../data/bar_fixtures.ts";
import { barFile, writeActions, writeBars } from "../data/mod.ts";
import { loadData } from "./load_data.ts";
import type { PlanOptions } from "./load_plan.ts";
import { tinyPlan, waves, writeBtc, writeSpy } from "./test_market.ts";

const onSpy = { sets: ["models.MovingAverageCrossModel_v1.universe=[SPY]"] };

async function refusesData(root: string, message: RegExp, options?: PlanOptions): Promise<void> {
  await rejects(loadData(await tinyPlan(root, options)), (error: Error) => {
    strictEqual(error.name, "Refusal", String(error.stack));
    match(error.message, message);
    strictEqual(error.message.includes("\n"), false);
    return true;
  });
}

Deno.test("FR-001 a plan reads the files its models and actions need, and says what of them it saw", async () => {
  await inTestFolder(async (folder) => {
    await writeSpy(folder, ["h4", "daily"]);
    const plain = await loadData(await tinyPlan(folder, onSpy));
    deepStrictEqual(plain.files.map(({ symbol, timeframe }) => [symbol, timeframe]), [
      ["SPY", "h4"],
    ]);
    const { rows, first, last } = plain.files[0]!;
    deepStrictEqual([first, last], ["2024-01-02T12:00:00Z", "2024-02-15T20:00:00Z"]);
    strictEqual(rows, 96); // 32 sessions of three bars in winter
    await writeActions(
      folder,
      [{ symbol: "SPY", exDate: Date.parse("2024-02-09"), kind: "dividend", value: 1 }],
      { source: "made by hand", licence: "none" },
    );
    const adjusted = await loadData(await tinyPlan(folder, onSpy));
    deepStrictEqual(adjusted.files.map(({ timeframe }) => timeframe), ["h4", "daily"]);
    strictEqual(adjusted.assets[0]!.actions.length, 1);
    strictEqual(adjusted.fingerprint === plain.fingerprint, false);
  });
});

Deno.test("FR-009 broken data are refused in one line that names the file", async () => {
  await inTestFolder(async (folder) => {
    const bars = waves(btc, "h4");
    await refusesData(folder, /found no file .*BTC_h4\.parquet/);
    await writeBtc(folder, { ...bars, close: bars.close.map((value, i) => i === 9 ? NaN : value) });
    await refusesData(folder, /BTC_h4\.parquet.*row 9/);
    await writeBtc(folder, withoutRows(bars, (row) => row >= 40 && row < 50));
    await refusesData(folder, /BTC_h4\.parquet.*10/);
    await writeBtc(folder);
    const file = barFile(folder, btc, "h4");
    await truncate(file, (await readFile(file)).length / 2);
    await refusesData(folder, /BTC_h4\.parquet/);
    await writeFile(file, "PAR1");
    await refusesData(folder, /BTC_h4\.parquet/);
  });
});

Deno.test("FR-009 a gap within the threshold passes, and how long it may be is the plan's to say", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(folder, withoutRows(waves(btc, "h4"), (row) => row >= 40 && row < 46));
    await refusesData(folder, /6/);
    const wide = await tinyPlan(folder, { sets: ["data.max_gap_bars=6"] });
    strictEqual((await loadData(wide)).files.length, 1);
  });
});

Deno.test("FR-060 a range that misses all data is refused with what there is", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(folder);
    const range = (start: string, end: string) => ({ start, end });
    const spans = /misses all data: BTC 2024-01-01 to 2024-02-29$/;
    await refusesData(folder, spans, range("2024-03-01", "2024-03-31"));
    await refusesData(folder, spans, range("2023-01-01", "2023-12-31"));
    strictEqual(
      (await loadData(await tinyPlan(folder, range("2024-02-29", "2024-03-31")))).files.length,
      1,
    );
  });
});

Deno.test("FR-009 files of one asset that disagree on splits are refused", async () => {
  await inTestFolder(async (folder) => {
    await writeSpy(folder, ["h4", "daily"]);
    const daily = barFile(folder, spy, "daily");
    await writeBars(daily, waves(spy, "daily"), { ...described(spy), splits: "applied" });
    await writeActions(
      folder,
      [{ symbol: "SPY", exDate: Date.parse("2024-02-09"), kind: "split", value: 2 }],
      { source: "made by hand", licence: "none" },
    );
    await refusesData(folder, /SPY_daily\.parquet.*splits: found "applied", expected "raw"/, onSpy);
  });
});

Deno.test("FR-060 what a card says of data does not change with actions after the end, nor with newer bars", async () => {
  await inTestFolder(async (folder) => {
    await writeSpy(folder, ["h4", "daily"]);
    const seen = async () => {
      const { files, adjustments, regimes, warnings } = await loadData(
        await tinyPlan(folder, onSpy),
      );
      return { files, adjustments, regimes: regimes.files, warnings };
    };
    const before = await seen();
    match(before.warnings[0]!, /no dividends or splits are on file for SPY/);
    await writeActions(
      folder,
      [{ symbol: "SPY", exDate: Date.parse("2024-02-16"), kind: "dividend", value: 1 }],
      { source: "made by hand", licence: "none" },
    );
    await writeBars(barFile(folder, spy, "h4"), waves(spy, "h4", "2024-03-20"), described(spy));
    await writeBars(
      barFile(folder, spy, "daily"),
      waves(spy, "daily", "2024-03-20"),
      described(spy),
    );
    deepStrictEqual(await seen(), before, "an asset whose actions all come later");
    const leaves = Object.entries(before.files[0]!.leaves);
    deepStrictEqual(leaves.map(([name]) => name), [
      "open_time",
      "open",
      "high",
      "low",
      "close",
      "volume",
    ]);
    for (const [, leaf] of leaves) match(leaf, /^[0-9a-f]{16}$/);
  });
});
