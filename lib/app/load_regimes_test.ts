import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { inTestFolder } from "../core/test_folder.ts";
import { parseDate } from "../core/clock.ts";
import { btc, described, spy } from "../data/bar_fixtures.ts";
import { barFile, type Publications, writeActions, writeBars, writeSeries } from "../data/mod.ts";
import { loadRegimes } from "./load_regimes.ts";
import { waves } from "./test_market.ts";

const byHand = { source: "made by hand", licence: "none" };
const options = { end: parseDate("2024-02-01"), maxGapBars: 5 };

const dates = (...days: readonly string[]) => Float64Array.from(days, parseDate);

async function writeDaily(root: string, until?: string): Promise<void> {
  await writeBars(barFile(root, spy, "daily"), waves(spy, "daily", until), described(spy));
  await writeBars(barFile(root, btc, "daily"), waves(btc, "daily", until), described(btc));
}

async function writeMacro(root: string, later: Partial<Publications> = {}): Promise<void> {
  const two: Publications = {
    date: dates("2024-01-02", "2024-01-30", "2024-01-31"),
    availableAt: dates("2024-01-03", "2024-01-31", "2024-02-01"),
    values: {
      DGS2: Float64Array.of(4, 4, 4),
      DGS10: Float64Array.of(NaN, 3, 5),
    },
    ...later,
  };
  await writeSeries(root, "yield_curve", two, byHand);
}

Deno.test("FR-036 an empty data root leaves every part absent", async () => {
  await inTestFolder(async (folder) => {
    const { data, files } = await loadRegimes(folder, options);
    deepStrictEqual([data, files], [{}, []]);
  });
});

Deno.test("FR-003 of every file only the rows known before the end are kept and counted", async () => {
  await inTestFolder(async (folder) => {
    await writeDaily(folder);
    await writeMacro(folder);
    await writeSeries(folder, "vix", {
      date: dates("2024-01-31", "2024-02-01"),
      values: { close: Float64Array.of(14, 30) },
    }, byHand);
    const { data, files } = await loadRegimes(folder, options);
    deepStrictEqual(files.map(({ name, rows, first, last }) => [name, rows, first, last]), [
      ["SPY_daily", 21, "2024-01-02T21:00:00Z", "2024-01-31T21:00:00Z"],
      ["BTC_daily", 30, "2024-01-02T00:00:00Z", "2024-01-31T00:00:00Z"], // the 31st is known at the end itself
      ["vix.close", 1, "2024-01-31T21:15:00Z", "2024-01-31T21:15:00Z"],
      ["yield_curve.DGS10", 1, "2024-01-31T00:00:00Z", "2024-01-31T00:00:00Z"],
      ["yield_curve.DGS2", 2, "2024-01-03T00:00:00Z", "2024-01-31T00:00:00Z"],
    ]);
    deepStrictEqual(data.equity?.bars.close.length, 21);
    deepStrictEqual(data.vix?.value, Float64Array.of(14));
    strictEqual("pmi" in data, false);
  });
});

Deno.test("FR-060 the fingerprint changes with a row before the end, and with none after it", async () => {
  await inTestFolder(async (folder) => {
    const fingerprint = async () => (await loadRegimes(folder, options)).fingerprint;
    await writeDaily(folder);
    await writeMacro(folder);
    const before = await fingerprint();
    await writeDaily(folder, "2024-03-05");
    await writeMacro(folder, {
      values: { DGS2: Float64Array.of(4, 4, 9), DGS10: Float64Array.of(NaN, 3, 9) },
    });
    await writeActions(
      folder,
      [
        { symbol: "SPY", exDate: parseDate("2024-01-16"), kind: "dividend", value: 1 },
        { symbol: "SPY", exDate: parseDate("2024-02-01"), kind: "split", value: 2 },
        { symbol: "QQQ", exDate: parseDate("2024-01-16"), kind: "split", value: 2 },
      ],
      byHand,
    );
    strictEqual(await fingerprint(), before);
    await writeMacro(folder, {
      values: { DGS2: Float64Array.of(4, 4, 4), DGS10: Float64Array.of(NaN, 2, 5) },
    });
    strictEqual(await fingerprint() === before, false);
  });
});

Deno.test("FR-033 splits up to the end come along where the file does not carry them", async () => {
  await inTestFolder(async (folder) => {
    const split = {
      symbol: "SPY",
      exDate: parseDate("2024-01-16"),
      kind: "split",
      value: 2,
    } as const;
    await writeActions(folder, [split], byHand);
    await writeDaily(folder);
    const raw = await loadRegimes(folder, options);
    deepStrictEqual(raw.data.equity?.splits, [split]);
    await writeBars(barFile(folder, spy, "daily"), waves(spy, "daily"), {
      ...described(spy),
      splits: "applied",
    });
    const applied = await loadRegimes(folder, options);
    deepStrictEqual([applied.data.equity?.splits, applied.data.equity?.splitsApplied], [[], true]);
    strictEqual(applied.fingerprint === raw.fingerprint, false);
  });
});

Deno.test("FR-009 a macro file without the column that is needed is refused by name", async () => {
  await inTestFolder(async (folder) => {
    await writeSeries(folder, "vix", {
      date: dates("2024-01-31"),
      values: { last: Float64Array.of(14), open: Float64Array.of(14) },
    }, byHand);
    await rejects(loadRegimes(folder, options), (error: Error) => {
      strictEqual(error.name, "Refusal");
      strictEqual(
        error.message.endsWith('vix.parquet: columns: found last, open, expected "close"'),
        true,
      );
      return true;
    });
  });
});
