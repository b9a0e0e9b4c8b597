import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { adjustmentFactors } from "../core/adjustment.ts";
import type { Asset } from "../core/asset.ts";
import { parseDate } from "../core/clock.ts";
import { readActions } from "./actions.ts";
import { btc, spy } from "./bar_fixtures.ts";
import { readBars } from "./read_bars.ts";
import { readSeries } from "./series.ts";

const root = fileURLToPath(new URL("../../data/", import.meta.url));
const complete = { maxGapBars: 0 };
const on = (times: Float64Array, text: string) => times.indexOf(Date.parse(text));

const files: readonly [asset: Asset, timeframe: "h4" | "daily", rows: number, first: string][] = [
  [spy, "h4", 3528, "2019-01-02T12:00Z"],
  [spy, "daily", 2264, "2016-01-04"],
  [{ ...spy, symbol: "QQQ" }, "h4", 1673, "2022-02-14T12:00Z"],
  [{ ...spy, symbol: "QQQ" }, "daily", 2264, "2016-01-04"],
  [btc, "h4", 13147, "2019-01-01"],
  [btc, "daily", 2694, "2017-08-17"],
  [{ ...btc, symbol: "ETH" }, "h4", 13147, "2019-01-01"],
  [{ ...btc, symbol: "ETH" }, "daily", 2694, "2017-08-17"],
];

for (const [asset, timeframe, rows, first] of files) {
  Deno.test(`FR-009 the bundled ${asset.symbol}_${timeframe} is sound to the end of 2024, without an unknown gap`, async () => {
    const { bars, splits } = await readBars(root, asset, timeframe, complete);
    deepStrictEqual([bars.close.length, bars.openTime[0]], [rows, Date.parse(first)]);
    strictEqual(
      Math.floor(bars.openTime.at(-1)! / 86_400_000) * 86_400_000,
      parseDate("2024-12-31"),
    );
    strictEqual(splits, asset.assetClass === "equity" ? "applied" : "raw");
  });
}

Deno.test("FR-001 bundled prices are those the world saw: SPY's close of 2020-03-23, BTC's top of 2021-11-10", async () => {
  const equity = (await readBars(root, spy, "daily", complete)).bars;
  const crypto = (await readBars(root, btc, "h4", complete)).bars;
  ok(Math.abs(equity.close[on(equity.openTime, "2020-03-23")]! - 222.95) < 0.005);
  strictEqual(crypto.high[on(crypto.openTime, "2021-11-10T12:00Z")], 69000);
});

Deno.test("FR-003 SPY's dividends of 2016 to 2024 add up in its factor; QQQ's old split leaves it alone", async () => {
  const actions = await readActions(root);
  const factor = async (asset: Asset) => {
    const { bars, splits } = await readBars(root, asset, "daily", complete);
    const own = actions.filter(({ symbol }) => symbol === asset.symbol);
    return adjustmentFactors(bars.openTime, bars.close, own, splits === "applied").at(-1)!;
  };
  strictEqual(actions.length, 213);
  const [spyFactor, qqqFactor] = [await factor(spy), await factor({ ...spy, symbol: "QQQ" })];
  ok(spyFactor > 1.15 && spyFactor < 1.18, String(spyFactor)); // 36 payouts of about 0.4 %
  ok(qqqFactor > 1.06 && qqqFactor < 1.08, String(qqqFactor));
});

Deno.test("FR-004 every bundled macro observation is published after its date", async () => {
  const expected = {
    vix: ["open", "high", "low", "close"],
    yield_curve: ["DGS2", "DGS10"],
    pmi: ["value", "cfnai"],
    usrec: ["value"],
  };
  for (const [name, columns] of Object.entries(expected)) {
    const series = await readSeries(root, name);
    deepStrictEqual(Object.keys(series), columns);
    for (const { date, availableAt, value } of Object.values(series)) {
      ok(value.length > 100 && availableAt.every((time, row) => time > date[row]!));
    }
  }
});

Deno.test("FR-036 the stand-in for a PMI starts with its first three-month mean", async () => {
  const { value } = await readSeries(root, "pmi");
  deepStrictEqual([value!.date[0], value!.value[0]], [parseDate("2016-08-01"), 49.867]);
});
