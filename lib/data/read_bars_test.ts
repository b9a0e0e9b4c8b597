import {
  deepStrictEqual,
  match,
  notStrictEqual,
  ok,
  rejects,
  strictEqual,
} from "node:assert/strict";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { type Bars, H4_MS, type Timeframe } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { btc, described, spy, steadyBars, withoutRows } from "./bar_fixtures.ts";
import type { BarDescription } from "./bar_metadata.ts";
import { barFile } from "./places.ts";
import { hasBars, readBars } from "./read_bars.ts";
import { writeBars } from "./write_bars.ts";

const options = { maxGapBars: 5 };
const week = () => steadyBars(btc, "h4", "2020-01-01", "2020-01-08");

/** Writes bars of BTC and reads them back. */
async function throughFile(root: string, bars: Bars, description: Partial<BarDescription> = {}) {
  await writeBars(barFile(root, btc, "h4"), bars, { ...described(btc), ...description });
  return await readBars(root, btc, "h4", options);
}

/** Expects one line that names the file and says the rest. */
async function refused(reading: Promise<unknown>, message: RegExp) {
  await rejects(reading, (error) => {
    ok(error instanceof Refusal, String(error));
    match(error.message, /^Cannot \S+ .*(BTC|SPY)_(h4|daily)\.parquet/);
    match(error.message, /^[^\n]*$/);
    match(error.message, message);
    return true;
  });
}

Deno.test("FR-001 bars come back as they were written, known at their grid end", () =>
  inTestFolder(async (root) => {
    const { bars, splits, source, gaps, file } = await throughFile(root, week(), {
      splits: "applied",
    });
    deepStrictEqual(bars, week());
    deepStrictEqual([splits, source, gaps], ["applied", "made by hand", []]);
    strictEqual(file, `${root}crypto/BTC_h4.parquet`);
  }));

Deno.test("FR-012 an equity bar is known when its session closes, if that is before its grid end", () =>
  inTestFolder(async (root) => {
    // 2020-07-02 is a summer day; 2020-11-27 ends at 13:00 New York, 18:00 UTC.
    for (
      const [timeframe, date, lastKnown] of [
        ["h4", "2020-07-02", "2020-07-02T20:00:00Z"],
        ["daily", "2020-07-02", "2020-07-02T20:00:00Z"],
        ["h4", "2020-11-27", "2020-11-27T18:00:00Z"],
        ["daily", "2020-11-27", "2020-11-27T18:00:00Z"],
      ] as const
    ) {
      const next = new Date(parseDate(date) + 24 * 3600e3).toISOString().slice(0, 10);
      const bars = steadyBars(spy, timeframe, date, next);
      await writeBars(barFile(root, spy, timeframe), bars, described(spy));
      const loaded = await readBars(root, spy, timeframe, options);
      strictEqual(loaded.bars.availableAt.at(-1), Date.parse(lastKnown));
    }
  }));

Deno.test("FR-001 all columns lie in one shared buffer and are the same arrays at the next reading", () =>
  inTestFolder(async (root) => {
    const first = await throughFile(root, week());
    const again = await readBars(root, btc, "h4", options);
    strictEqual(again.bars.close, first.bars.close);
    ok(first.bars.close.buffer instanceof SharedArrayBuffer);
    strictEqual(first.bars.availableAt.buffer, first.bars.openTime.buffer);
    const changed = week();
    changed.close[0] = 10.5;
    const fresh = await throughFile(root, changed);
    notStrictEqual(fresh.bars.close, first.bars.close);
    strictEqual(fresh.bars.close[0], 10.5);
    notStrictEqual(fresh.contentHash, first.contentHash);
  }));

Deno.test("FR-001 a file that is absent is refused with its path and the way to get it", () =>
  inTestFolder(async (root) => {
    strictEqual(await hasBars(root, btc, "h4"), false);
    await refused(
      readBars(root, btc, "h4", options),
      /h4 bars of "BTC": found no file .*results.*crypto\/BTC_h4\.parquet, expected one; get it with `deno task data download --symbols BTC --asset-class crypto --timeframes h4 --start 2016-01-01`$/,
    );
    await throughFile(root, week());
    strictEqual(await hasBars(root, btc, "h4"), true);
  }));

type Change = (bars: { -readonly [K in keyof Bars]: Bars[K] }) => void;

const brokenRows: readonly [title: string, change: Change, message: RegExp][] = [
  [
    "NaN price",
    ({ close }) => close[7] = NaN,
    /row 7 \(2020-01-02T04:00:00Z\), column close: found nothing \(NaN\), expected a price above 0/,
  ],
  ["negative price", ({ low }) => low[0] = -8, /row 0 .*column low: found -8, expected a price/],
  ["price of zero", ({ open }) => open[1] = 0, /row 1 .*column open: found 0, expected a price/],
  ["infinite price", ({ high }) => high[1] = Infinity, /row 1 .*column high: found Infinity/],
  [
    "high below the close",
    ({ high }) => high[3] = 10.9,
    /row 3 .*column high: found 10\.9, expected at least 11, the higher of open and close/,
  ],
  [
    "low above the open",
    ({ low }) => low[3] = 10.1,
    /row 3 .*column low: found 10\.1, expected at most 10, the lower of open and close/,
  ],
  [
    "negative volume",
    ({ volume }) => volume[2] = -1,
    /row 2 .*column volume: found -1, expected 0/,
  ],
  [
    "duplicate time",
    ({ openTime }) => openTime[2] = openTime[1]!,
    /row 2 \(2020-01-01T04:00:00Z\), column open_time: found the same time again, expected a time after row 1/,
  ],
  [
    "unsorted time",
    ({ openTime }) => openTime[2] = openTime[0]!,
    /row 2 .*column open_time: found an earlier time, expected a time after row 1 \(2020-01-01T04:00:00Z\)/,
  ],
  [
    "time off the grid",
    ({ openTime }) => openTime[2]! += 60_000,
    /row 2 \(2020-01-01T08:01:00Z\), column open_time: found a time off the grid, expected 00, 04/,
  ],
];

for (const [title, change, message] of brokenRows) {
  Deno.test(`FR-009 a broken bar is refused with its row: ${title}`, () =>
    inTestFolder(async (root) => {
      const bars = week();
      change(bars);
      await refused(throughFile(root, bars), message);
    }));
}

Deno.test("FR-009 a missing volume is allowed", () =>
  inTestFolder(async (root) => {
    const bars = week();
    bars.volume[4] = NaN;
    deepStrictEqual((await throughFile(root, bars)).bars.volume, bars.volume);
  }));

Deno.test("FR-009 only gaps of more than max_gap_bars are refused", () =>
  inTestFolder(async (root) => {
    const holed = withoutRows(week(), (row) => row >= 10 && row < 16);
    await refused(
      throughFile(root, holed),
      /before row 10: found 6 missing bars from 2020-01-02T16:00:00Z to 2020-01-03T12:00:00Z, expected at most 5 \(data\.max_gap_bars\) outside known_outages/,
    );
    const { gaps } = await readBars(root, btc, "h4", { maxGapBars: 6 });
    deepStrictEqual(gaps.map(({ row, missing }) => [row, missing.length]), [[10, 6]]);
  }));

Deno.test("FR-009 bars that a known outage explains are no gap", () =>
  inTestFolder(async (root) => {
    const bars = week();
    const holed = withoutRows(bars, (row) => row >= 10 && row < 20);
    const outage = (to: number) => ({
      knownOutages: [{ from: bars.openTime[10]!, to: bars.openTime[to]!, reason: "exchange down" }],
    });
    strictEqual((await throughFile(root, holed, outage(14))).bars.close.length, 32); // 5 are left
    await refused(throughFile(root, holed, outage(13)), /found 6 missing bars/);
  }));

Deno.test("FR-012 an equity bar on a day without a session is refused", () =>
  inTestFolder(async (root) => {
    const bars = steadyBars(spy, "daily", "2020-07-01", "2020-07-08");
    bars.openTime[2] = parseDate("2020-07-03"); // Independence Day observed
    await writeBars(barFile(root, spy, "daily"), bars, described(spy));
    await refused(
      readBars(root, spy, "daily", options),
      /row 2 \(2020-07-03T00:00:00Z\), column open_time: found a bar while the market is closed/,
    );
  }));

Deno.test("FR-009 weekends and holidays are no gaps of an equity", () =>
  inTestFolder(async (root) => {
    const bars = steadyBars(spy, "h4", "2019-12-20", "2020-01-10");
    await writeBars(barFile(root, spy, "h4"), bars, described(spy));
    deepStrictEqual((await readBars(root, spy, "h4", { maxGapBars: 0 })).gaps, []);
  }));

Deno.test("FR-009 bars of years without a calendar are refused", () =>
  inTestFolder(async (root) => {
    const bars = steadyBars(spy, "daily", "2020-07-01", "2020-07-03");
    bars.openTime.forEach((_, row) =>
      bars.openTime[row] = parseDate("1980-01-02") + row * 6 * H4_MS
    );
    await writeBars(barFile(root, spy, "daily"), bars, described(spy));
    await refused(readBars(root, spy, "daily", options), /found bars outside the calendar/);
  }));

Deno.test("FR-001 a file without rows is refused", () =>
  inTestFolder(async (root) => {
    await refused(
      throughFile(root, withoutRows(week(), () => true)),
      /whole file: found no row, expected at least one/,
    );
  }));

Deno.test("FR-001 a file about another asset or timeframe is refused", () =>
  inTestFolder(async (root) => {
    await mkdir(`${root}crypto`);
    const file = barFile(root, btc, "h4");
    await writeBars(file, { ...week(), symbol: "ETH" }, described(btc));
    await refused(
      readBars(root, btc, "h4", options),
      /metadata symbol: found "ETH", expected "BTC"/,
    );
    await writeBars(file, { ...week(), timeframe: "daily" as Timeframe }, described(btc));
    await refused(
      readBars(root, btc, "h4", options),
      /metadata timeframe: found "daily", expected "h4"/,
    );
    await writeBars(file, week(), described(spy));
    await refused(
      readBars(root, btc, "h4", options),
      /metadata asset_class: found "equity", expected "crypto"/,
    );
  }));

async function writeForeign(root: string, columns: Record<string, unknown[] | Float64Array>) {
  const file = barFile(root, btc, "h4");
  await mkdir(`${root}crypto`, { recursive: true });
  const columnData = Object.entries(columns).map(([name, data]) => ({ name, data }));
  await writeFile(file, new Uint8Array(parquetWriteBuffer({ columnData })));
}

Deno.test("FR-001 a plain file of another program is read, prices raw, under any of three names of time", () =>
  inTestFolder(async (root) => {
    const { openTime, open, high, low, close, volume } = week();
    const dates = Array.from(openTime, (time) => new Date(time));
    for (const name of ["open_time", "timestamp", "time"]) {
      await writeForeign(root, { [name]: dates, open, high, low, close, volume });
      const loaded = await readBars(root, btc, "h4", options);
      deepStrictEqual(loaded.bars, week());
      strictEqual(loaded.splits, "raw");
    }
  }));

Deno.test("FR-001 wrong and missing columns are refused by name", () =>
  inTestFolder(async (root) => {
    const { openTime, open, high, low, close, volume } = week();
    const time = Array.from(openTime, (value) => new Date(value));
    await writeForeign(root, { time: openTime, open, high, low, close, volume });
    await refused(
      readBars(root, btc, "h4", options),
      /column time: found values of kind number, expected time/,
    );
    await writeForeign(root, { time, open, high, low, close: time.map(String), volume });
    await refused(
      readBars(root, btc, "h4", options),
      /column close: found values of kind text, expected number/,
    );
    await writeForeign(root, { time, open, high, low, volume });
    await refused(
      readBars(root, btc, "h4", options),
      /columns: found time, open, high, low, volume, expected also close \(number\)/,
    );
    await writeForeign(root, { open, high, low, close, volume });
    await refused(readBars(root, btc, "h4", options), /expected also open_time \(time\)/);
  }));

Deno.test("FR-001 the synthetic bars of another program's file are readable as they are", () =>
  inTestFolder(async (root) => {
    const oracle = new URL("../engine/testdata/oracle/crypto/CR1_h4.parquet", import.meta.url);
    await mkdir(`${root}crypto`);
    await copyFile(fileURLToPath(oracle), `${root}crypto/CR1_h4.parquet`);
    const { bars } = await readBars(root, { ...btc, symbol: "CR1" }, "h4", { maxGapBars: 0 });
    deepStrictEqual(
      [bars.close.length, bars.openTime[0], bars.open[0], bars.close[1]],
      [10950, parseDate("2020-01-01"), 20000, 19704.828125],
    );
  }));

Deno.test("FR-009 garbage, an empty file and a truncated file are refused in one line", () =>
  inTestFolder(async (root) => {
    await throughFile(root, week());
    const file = barFile(root, btc, "h4");
    const whole = await readFile(file);
    const wrecks = [
      new Uint8Array(0),
      new Uint8Array(1000).fill(80),
      whole.subarray(0, 400),
      whole.subarray(0, whole.length - 1),
      Buffer.concat([whole.subarray(0, 300), whole.subarray(700)]),
    ];
    for (const wreck of wrecks) {
      await writeFile(file, wreck);
      await refused(readBars(root, btc, "h4", options), /expected an undamaged Parquet file/);
    }
  }));

Deno.test("FR-060 property: a flipped bit anywhere is refused or changes nothing", () =>
  inTestFolder(async (root) => {
    const { bars } = await throughFile(root, steadyBars(btc, "h4", "2020-01-01", "2020-01-03"));
    const whole = await readFile(barFile(root, btc, "h4"));
    let refusals = 0;
    const bits = fc.integer({ min: 0, max: whole.length * 8 - 1 });
    const property = fc.asyncProperty(bits, async (bit) => {
      const flipped = Uint8Array.from(whole);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      await mkdir(`${root}${bit}/crypto`, { recursive: true });
      await writeFile(barFile(`${root}${bit}`, btc, "h4"), flipped);
      try {
        deepStrictEqual((await readBars(`${root}${bit}`, btc, "h4", options)).bars, bars);
      } catch (error) {
        ok(error instanceof Refusal, String(error));
        refusals++;
      }
    });
    await fc.assert(property, { seed: 1, numRuns: 300 });
    ok(refusals > 150); // the rest fell on names and texts that no reader needs
  }));
