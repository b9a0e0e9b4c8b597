import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Bars, PRICE_COLUMNS } from "../core/bars.ts";
import { seededRandom } from "../core/random.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { btc, described, spy, withoutRows } from "../data/bar_fixtures.ts";
import { barFile, readBars, writeBars } from "../data/mod.ts";
import { backtest } from "./backtest.ts";
import { loadPlan } from "./load_plan.ts";
import { inProject } from "./project.ts";
import { waves, writeBtc } from "./test_market.ts";
import { verify } from "./verify.ts";
import { found, type Spoiled, withRun, writeDividends, writeMacro } from "./verify_test_market.ts";

const bars = waves(btc, "h4");
const rowAt = (time: string) => bars.openTime.indexOf(Date.parse(time));

/** The same bars with one bit of one value flipped. */
function flipped(column: typeof PRICE_COLUMNS[number], row: number, bit = 0): Bars {
  const values = bars[column].slice();
  new Uint8Array(values.buffer)[8 * row + (bit >> 3)]! ^= 1 << (bit & 7);
  return { ...bars, [column]: values };
}

const UNREADABLE = /BTC_h4\.parquet.*(expected|found)/;

/** By what was done to the data: the change, and what the first line says. */
const CHANGES: Readonly<
  Record<string, readonly [change: (root: string) => Promise<void>, message: RegExp]>
> = {
  "one bit of a close": [
    (root) => writeBtc(root, flipped("close", rowAt("2024-02-10T00:00:00Z"))),
    /BTC_h4\.parquet: column close was changed between rows 0 and 275$/,
  ],
  "one bit of a volume": [(root) => writeBtc(root, flipped("volume", 200)), /column volume/],
  "one bit of an open before the start": [(root) => writeBtc(root, flipped("open", 2)), /open/],
  "one bit of the last bar": [
    (root) => writeBtc(root, flipped("high", rowAt("2024-02-15T20:00:00Z"), 3)),
    /column high/,
  ],
  "a time": [
    (root) =>
      writeBtc(root, { ...bars, openTime: bars.openTime.map((t, i) => i === 9 ? t + 1 : t) }),
    UNREADABLE,
  ],
  "a row in the middle": [
    (root) => writeBtc(root, withoutRows(bars, (row) => row === 200)),
    /found 275 rows up to .*, expected 276 up to .*: 1 of the rows that the run read are missing/,
  ],
  "the first row": [
    (root) => writeBtc(root, withoutRows(bars, (row) => row === 0)),
    /1 of the rows .* between rows 0 and 275$/,
  ],
  "the last row": [
    (root) => writeBtc(root, withoutRows(bars, (row) => row >= 275)),
    /found 275 rows up to 2024-02-15T16:00:00Z, expected 276 up to 2024-02-15T20:00:00Z/,
  ],
  "a dividend": [
    (root) => writeDividends(root, 2),
    /actions\.parquet: SPY found 2024-02-09 dividend 2, expected 2024-02-09 dividend 1$/,
  ],
  "all dividends": [
    (root) => rm(join(root, "equities/actions.parquet")),
    /SPY_daily\.parquet is missing|actions\.parquet: SPY 2024-02-09 dividend 1 is missing/,
  ],
  "a VIX value": [
    (root) => writeMacro(root, { vix: 14.000000000000002 }),
    /vix\.parquet \(close\): column value was changed between rows 0 and 2$/,
  ],
  "a yield": [(root) => writeMacro(root, { tenYear: 3.1 }), /yield_curve\.parquet \(DGS10\)/],
  "a PMI value": [(root) => writeMacro(root, { pmi: 52 }), /pmi\.parquet \(value\): column value/],
  "when a PMI was known": [
    (root) => writeMacro(root, { pmiKnown: "2024-02-06" }),
    /pmi\.parquet \(value\): column available_at/,
  ],
  "the daily bars of the regimes": [
    (root) =>
      writeBars(barFile(root, btc, "daily"), {
        ...waves(btc, "daily"),
        close: waves(btc, "daily").close.map((value, row) => row === 3 ? value + 0.5 : value),
      }, described(btc)),
    /BTC_daily\.parquet: column close/,
  ],
  "a file": [
    (root) => cp(barFile(root, spy, "h4"), barFile(root, btc, "h4")),
    /BTC_h4\.parquet.*symbol/,
  ],
  "two files that changed places": [
    (root) => cp(barFile(root, btc, "daily"), barFile(root, btc, "h4")),
    /BTC_h4\.parquet.*timeframe/,
  ],
  "a file that is gone": [(root) => rm(barFile(root, btc, "h4")), /found no file .*BTC_h4/],
  "a series that is gone": [
    (root) => rm(join(root, "macro/pmi.parquet")),
    /pmi\.parquet \(value\) is missing$/,
  ],
  "an empty file": [(root) => writeFile(barFile(root, btc, "h4"), ""), UNREADABLE],
  "what the files say of splits": [
    async (root) => {
      for (const timeframe of ["h4", "daily"] as const) {
        const description = { ...described(spy), splits: "applied" as const };
        await writeBars(barFile(root, spy, timeframe), waves(spy, timeframe), description);
      }
    },
    /files of SPY say that splits are applied, expected raw/,
  ],
};

Deno.test("SC-008 each change of data that the run read is found, and told by file, column and rows", async () => {
  await withRun(async (spoiled) => {
    for (const [what, [change, message]] of Object.entries(CHANGES)) {
      const verification = await spoiled.verifyData(change);
      found(verification, "data", what);
      match(verification.findings[0]!.message, message, what);
      strictEqual(verification.executed, false, what);
    }
  });
});

Deno.test("SC-008 data after the end of a run, and what files say of themselves, are no part of it", async () => {
  await withRun(async ({ verifyData }) => {
    const end = rowAt("2024-02-16T00:00:00Z");
    const harmless: Readonly<Record<string, (root: string) => Promise<void>>> = {
      "newer bars": (root) => writeBtc(root, waves(btc, "h4", "2024-03-20")),
      "fewer bars after the end": (root) => writeBtc(root, waves(btc, "h4", "2024-02-17")),
      "a bar after the end": (root) => writeBtc(root, flipped("close", end, 40)),
      "a dividend after the end": (root) => writeDividends(root, 1, 9),
      "other words": (root) =>
        writeBars(barFile(root, btc, "h4"), bars, {
          ...described(btc),
          source: "somebody else",
          licence: "another",
        }),
    };
    for (const [what, change] of Object.entries(harmless)) {
      const { verdict, findings } = await verifyData(change);
      deepStrictEqual([verdict, findings], ["equal", []], what);
    }
  });
});

/** Flips bits anywhere in a file of the data and counts what becomes of it. */
async function bitsAnywhere({ run, verifyData }: Spoiled, path: string, flips: number) {
  const random = seededRandom(path);
  const counts = { refused: 0, found: 0, harmless: 0 };
  for (let flip = 0; flip < flips; flip++) {
    let what = "";
    const verification = await verifyData(async (root) => {
      const bytes = await readFile(join(root, path));
      const [byte, bit] = [random.integer(bytes.length), random.integer(8)];
      what = `${path}, bit ${bit} of byte ${byte} of ${bytes.length}`;
      bytes[byte]! ^= 1 << bit;
      await writeFile(join(root, path), bytes);
    });
    strictEqual(verification.run_id, run.id);
    if (verification.verdict === "equal") counts.harmless++;
    else {
      found(verification, "data", what);
      const { file } = verification.findings[0]!;
      if (file === undefined) counts.refused++;
      else counts.found++;
    }
  }
  return counts;
}

Deno.test("SC-008 a flipped bit anywhere in a data file is refused, found, or without effect", async () => {
  await withRun(async (spoiled) => {
    for (const path of ["crypto/BTC_h4.parquet", "macro/vix.parquet", "equities/actions.parquet"]) {
      const { refused, found, harmless } = await bitsAnywhere(spoiled, path, 40);
      strictEqual(refused + found + harmless, 40);
      ok(refused > 10, `${path}: ${refused} refused, ${found} found, ${harmless} harmless`);
    }
  });
});

Deno.test("SC-008 of a long file, the chunk of rows that changed is told", async () => {
  await inTestFolder(async (folder) => {
    const dataRoot = `${folder}data`;
    await cp(inProject("data"), dataRoot, { recursive: true });
    const resultsRoot = `${folder}results`;
    const plan = await loadPlan([], { start: "2024-01-01", end: "2024-01-31" });
    const run = await backtest(plan, { threads: 0, resultsRoot });
    const { bars: whole } = await readBars(dataRoot, btc, "h4", { maxGapBars: 9 });
    const low = whole.low.map((value, row) => row === 5_000 ? value - 0.01 : value);
    await writeBars(barFile(dataRoot, btc, "h4"), { ...whole, low }, described(btc));
    const { findings } = await verify(run.id, { threads: 0, resultsRoot, dataRoot });
    deepStrictEqual(findings.map(({ kind, column, row }) => [kind, column, row]), [
      ["data", "low", 4_096],
    ]);
    match(findings[0]!.message, /column low was changed between rows 4096 and 8191$/);
  });
});
