import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Asset } from "../../core/asset.ts";
import { type Bars, HOUR_MS, type Timeframe } from "../../core/bars.ts";
import { parseDate } from "../../core/clock.ts";
import { seededRandom } from "../../core/random.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { btc, described, spy, steadyBars, withoutRows } from "../bar_fixtures.ts";
import { barFile, besideFile, seriesFile } from "../places.ts";
import { writeSeries } from "../series.ts";
import { writeBars } from "../write_bars.ts";
import { qualityOf } from "./quality.ts";
import { DEFAULT_THRESHOLDS, type Thresholds } from "./report.ts";
import { validateData } from "./validate_data.ts";

/** Bars that move a little from each to the next, so that nothing is stale. */
function lively(asset: Asset, timeframe: Timeframe, from = "2024-01-01", to = "2024-04-01"): Bars {
  const bars = steadyBars(asset, timeframe, from, to);
  const chance = seededRandom("lively bars");
  const close = bars.close.map(() => 100 + chance.next());
  return {
    ...bars,
    open: close.map((price) => price - 0.05),
    high: close.map((price) => price + 0.2),
    low: close.map((price) => price - 0.2),
    close,
  };
}

/** The bars with single values replaced. */
function changed(
  bars: Bars,
  changes: Partial<Record<keyof Bars, Readonly<Record<number, number>>>>,
): Bars {
  const columns = Object.entries(changes).map(([name, values]) => {
    const column = (bars[name as keyof Bars] as Float64Array).slice();
    for (const [row, value] of Object.entries(values!)) column[Number(row)] = value;
    return [name, column];
  });
  return { ...bars, ...Object.fromEntries(columns) };
}

/** What validation finds in one file of these bars: `check count beyond`. */
async function found(
  asset: Asset,
  bars: Bars,
  thresholds: Thresholds = DEFAULT_THRESHOLDS,
): Promise<{ checks: string[]; details: string[] }> {
  let findings: readonly { check: string; count: number; beyond: boolean; detail: string }[] = [];
  await inTestFolder(async (root) => {
    await writeBars(barFile(root, asset, bars.timeframe), bars, described(asset));
    findings = (await validateData(root, { thresholds })).files[0]!.findings;
  });
  return {
    checks: findings.map(({ check, count, beyond }) =>
      `${check} ${count}${beyond ? " beyond" : ""}`
    ),
    details: findings.map(({ detail }) => detail),
  };
}

Deno.test("FR-009 the bundled data go beyond no threshold, and all of them are looked at within a second", async () => {
  const root = fileURLToPath(new URL("../../../data/", import.meta.url));
  const begun = performance.now();
  const report = await validateData(root);
  const elapsed = performance.now() - begun;
  deepStrictEqual([report.verdict, report.files.length], ["clean", 13]);
  ok(elapsed < 10_000, `${elapsed} ms`); // a second where nobody else works
  const spyH4 = report.files.find(({ file }) => file === "equities/SPY_h4.parquet")!;
  strictEqual(spyH4.rows, 3528);
  ok(spyH4.findings.some(({ check }) => check === "h4_extremes"));
  const some = await validateData(root, { only: ["SPY", "vix"] });
  deepStrictEqual(some.files.map(({ file }) => file), [
    ...["equities/SPY_daily.parquet", "equities/SPY_h4.parquet", "equities/actions.parquet"],
    "macro/vix.parquet",
  ]);
  deepStrictEqual(some.files[1], spyH4);
});

Deno.test("FR-009 sound bars have no finding, an empty folder is clean", async () => {
  deepStrictEqual((await found(btc, lively(btc, "h4"))).checks, []);
  deepStrictEqual((await found(spy, lively(spy, "daily"))).checks, []);
  await inTestFolder(async (root) => {
    deepStrictEqual((await validateData(root)).verdict, "clean");
  });
});

const h4 = lively(btc, "h4");
const cases: readonly [
  title: string,
  asset: Asset,
  bars: Bars,
  checks: readonly string[],
  detail: RegExp,
][] = [
  [
    "a short gap is told",
    btc,
    withoutRows(h4, (row) => row > 10 && row < 14),
    ["gaps 3"],
    /missing bars, 0 of them in known outages, the longest of 3 up to 2024-01-03T04:00:00Z/,
  ],
  [
    "a long gap counts",
    btc,
    withoutRows(h4, (row) => row > 10 && row < 17),
    ["gaps 6 beyond"],
    /the longest of 6/,
  ],
  [
    "times that are there twice",
    btc,
    changed(h4, { openTime: { 5: h4.openTime[4]! } }),
    ["duplicates 1 beyond", "gaps 1"],
    /first row 5 \(2024-01-01T16:00:00Z\)/,
  ],
  [
    "rows out of order",
    btc,
    changed(h4, { openTime: { 5: h4.openTime[6]!, 6: h4.openTime[5]! } }),
    ["order 1 beyond"],
    /first row 6/,
  ],
  [
    "impossible prices, all of them counted",
    btc,
    changed(h4, { high: { 7: 1, 9: 1 }, volume: { 12: -1 } }),
    ["prices 3 beyond"],
    /first row 7 .*high 1,/,
  ],
  [
    "bars without volume",
    btc,
    changed(h4, { volume: Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((row) => [row, 0])) }),
    ["zero_volume 7 beyond"],
    /at most 7 on end, from 2024-01-01T04/,
  ],
  [
    "a crash stays down and is only told",
    btc,
    { ...h4, ...scaled(h4, (row) => row < 300 ? 1 : 0.7) },
    ["outliers 1"],
    /none taken back; the largest -(?:29|30)\.\d %/,
  ],
  [
    "a spike that is taken back at once counts",
    btc,
    { ...h4, ...scaled(h4, (row) => row === 300 ? 1.4 : 1) },
    ["outliers 2 beyond"],
    /1 of them taken back at once; the first 40\.\d % at 2024-02-20T00/,
  ],
  [
    "bars of New York's clock instead of UTC",
    spy,
    {
      ...lively(spy, "daily"),
      openTime: lively(spy, "daily").openTime.map((time) => time + 5 * HOUR_MS),
    },
    ["session 61 beyond", "gaps 61 beyond"],
    /all times earlier by 5 h would fit: is the time zone right\?/,
  ],
  [
    "a day without a session",
    spy,
    changed(lively(spy, "daily"), { openTime: { 0: parseDate("2024-01-01") } }),
    ["session 1 beyond", "gaps 1"],
    /first 2024-01-01/,
  ],
  [
    "a price that halves like a split",
    spy,
    { ...lively(spy, "daily"), ...scaled(lively(spy, "daily"), (row) => row < 40 ? 1 : 0.5) },
    ["outliers 1", "adjustment 1 beyond"],
    /./,
  ],
];

function scaled(bars: Bars, factor: (row: number) => number) {
  const times = (column: Float64Array) => column.map((price, row) => price * factor(row));
  return {
    open: times(bars.open),
    high: times(bars.high),
    low: times(bars.low),
    close: times(bars.close),
  };
}

for (const [title, asset, bars, checks, detail] of cases) {
  Deno.test(`FR-009 validation: ${title}`, async () => {
    const findings = await found(asset, bars);
    deepStrictEqual(findings.checks, checks);
    ok(findings.details.some((text) => detail.test(text)), findings.details.join("\n"));
  });
}

Deno.test("FR-009 bars that repeat the bar before are told", async () => {
  const { checks } = await found(btc, steadyBars(btc, "daily", "2024-01-01", "2024-01-05"));
  deepStrictEqual(checks, ["stale 3"]);
});

Deno.test("FR-009 H4 bars are held against daily bars, and one source against another", () =>
  inTestFolder(async (root) => {
    const whole = lively(btc, "h4");
    const days = lively(btc, "daily");
    const agreeing = {
      ...days,
      open: days.open.map((_, row) => whole.open[6 * row]!),
      high: days.high.map((_, row) => Math.max(...whole.high.slice(6 * row, 6 * row + 6))),
      low: days.low.map((_, row) => Math.min(...whole.low.slice(6 * row, 6 * row + 6))),
      close: days.close.map((_, row) => whole.close[6 * row + 5]!),
    };
    const checks = async () =>
      (await validateData(root)).files.flatMap(({ file, findings }) =>
        findings.map(({ check, count, beyond }) => `${file} ${check} ${count} ${beyond}`)
      );
    await writeBars(barFile(root, btc, "h4"), whole, described(btc));
    await writeBars(barFile(root, btc, "daily"), agreeing, described(btc));
    deepStrictEqual(await checks(), []);
    const off = changed(agreeing, { close: { 3: 98.9, 8: 100 }, low: { 3: 98, 8: 94 } });
    await writeBars(barFile(root, btc, "daily"), off, described(btc));
    deepStrictEqual(await checks(), [
      "crypto/BTC_h4.parquet h4_against_daily 1 true",
      "crypto/BTC_h4.parquet h4_extremes 2 true",
    ]);
    await writeBars(barFile(root, btc, "daily"), agreeing, described(btc));
    await writeBars(
      besideFile(root, btc, "h4", "kraken"),
      changed(whole, { close: { 5: 102 }, high: { 5: 103 } }),
      described(btc),
    );
    deepStrictEqual(await checks(), ["crypto/BTC_h4.kraken.parquet second_source 1 true"]);
  }));

Deno.test("FR-009 files that reading refuses are told one by one, and the certificate counts what was found", () =>
  inTestFolder(async (root) => {
    await writeBars(barFile(root, btc, "h4"), h4, described(btc));
    await writeBars(barFile(root, spy, "daily"), lively(spy, "daily"), described(btc)); // of another class
    await writeFile(barFile(root, spy, "h4"), "no Parquet");
    const damaged = await readFile(barFile(root, btc, "h4"));
    damaged[2_000]! ^= 1;
    await writeFile(barFile(root, { ...btc, symbol: "ETH" }, "daily"), damaged);
    await mkdir(dirname(seriesFile(root, "pmi")), { recursive: true });
    const pause = ["2023-01-01", "2023-02-01", "2023-03-01", "2023-09-01"].map(parseDate);
    await writeSeries(root, "pmi", {
      date: Float64Array.from(pause),
      availableAt: Float64Array.from(pause, (day) => day + HOUR_MS),
      values: { value: Float64Array.of(1, 2, 3, 4) },
    }, { source: "", licence: "" });
    const report = await validateData(root);
    const checks = report.files.map(({ file, findings }) =>
      `${file}: ${findings.filter(({ beyond }) => beyond).map(({ check }) => check).join(" ")}`
    );
    strictEqual(report.verdict, "found");
    deepStrictEqual(checks, [
      "crypto/BTC_h4.parquet: ",
      "crypto/ETH_daily.parquet: metadata order session",
      "equities/SPY_daily.parquet: metadata",
      "equities/SPY_h4.parquet: unreadable",
      "macro/pmi.parquet: gaps",
    ]);
    const good = qualityOf(report, ["crypto/BTC_h4.parquet"]);
    deepStrictEqual([good.verdict, good.files[0]!.rows], ["clean", h4.openTime.length]);
    const bad = qualityOf(report, ["macro/pmi.parquet", "crypto/BTC_h4.parquet"]);
    deepStrictEqual([bad.verdict, bad.files[1]!.findings], ["found", {
      gaps: { count: 1, beyond: true },
    }]);
    match(bad.content_hash, /^[0-9a-f]{64}$/);
    ok(bad.content_hash !== good.content_hash);
    throws(() => qualityOf(report, ["crypto/XRP_h4.parquet"]), RangeError);
  }));

Deno.test("FR-009 data that were edited are found by their hash", () =>
  inTestFolder(async (root) => {
    const file = barFile(root, btc, "h4");
    await writeBars(file, h4, described(btc));
    const bytes = await readFile(file);
    const close = new Uint8Array(Float64Array.of(h4.close[3]!).buffer);
    const place = bytes.lastIndexOf(close);
    bytes[place + 1]! ^= 1;
    await writeFile(file, bytes);
    const [report] = (await validateData(root)).files;
    ok(report!.findings.some(({ check }) => check === "content_hash"));
  }));
