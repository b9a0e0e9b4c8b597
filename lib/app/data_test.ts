import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DAY_MS } from "../core/bars.ts";
import { formatTime, parseDate, parseTime } from "../core/clock.ts";
import { sha256 } from "../core/hash.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { readActions, readBars, readSeries, writeActions } from "../data/mod.ts";
import { spy } from "../data/bar_fixtures.ts";
import { startTestServer, TEST_KEYS, type TestServer } from "../data/sources/test_server.ts";
import { KEY_NAMES, qualityOf } from "../data/upkeep.ts";
import {
  DATA_KEY_NAMES,
  type DataOptions,
  importData,
  listData,
  updateData,
  validateStored,
} from "./data.ts";

const complete = { maxGapBars: 0 };
const from = parseDate("2022-01-03");

/** A folder, a server whose history goes on for a month after its clock, and how to ask it. */
async function inMarket(
  work: (place: {
    readonly root: string;
    readonly server: TestServer;
    readonly options: DataOptions;
  }) => Promise<void>,
): Promise<void> {
  const now = parseTime("2024-06-28T21:30:00Z");
  const server = startTestServer({ now, until: now + 31 * DAY_MS, since: "2019-01-02" });
  const sources = ["alpaca", "yahoo", "fred"];
  try {
    await inTestFolder((root) =>
      work({
        ...{ root, server },
        options: {
          dataRoot: root,
          keys: TEST_KEYS,
          clock: { now: () => server.now, elapsed: () => 0 },
          sleep: () => Promise.resolve(),
          sets: sources.map((name) => `data.sources.${name}.base_url=${server.url}`),
        },
      })
    );
  } finally {
    await server.close();
  }
}

/** What a folder holds, manifest apart: the hash of each file. */
async function contents(root: string): Promise<Record<string, string>> {
  const names = (await readdir(root, { recursive: true })).filter((name) =>
    name.endsWith(".parquet")
  );
  const texts = await Promise.all(
    names.sort().map(async (name) => sha256(await readFile(join(root, name)))),
  );
  return Object.fromEntries(names.map((name, i) => [name, texts[i]!]));
}

Deno.test("FR-006 download, update and validate work on what the sources say, from the first day to today", () =>
  inMarket(async ({ root, server, options }) => {
    const symbols = ["SPY", "QQQ", "vix", "yield_curve", "pmi"];
    const items = await updateData({ symbols, from }, options);
    deepStrictEqual(items.filter(({ failure }) => failure !== undefined), []);
    deepStrictEqual(items.map(({ what }) => what), [
      ...["SPY actions", "SPY h4", "SPY daily", "QQQ actions", "QQQ h4", "QQQ daily"],
      ...["vix", "yield_curve", "pmi"],
    ]);
    const { bars } = await readBars(root, spy, "h4", complete);
    strictEqual(formatTime(bars.openTime.at(-1)!), "2024-06-28T16:00:00Z");
    const truth = server.market.bars("SPY", 30 * 60_000, {
      from: bars.openTime.at(-1)!,
      to: server.now,
      now: server.now,
    });
    deepStrictEqual([bars.open.at(-1), bars.close.at(-1)], [truth.open[0], truth.close[7]]);
    ok((await readActions(root)).length >= 8);
    ok((await readSeries(root, "pmi")).value!.value.length > 12);
    const report = await validateStored(options);
    strictEqual(
      report.verdict,
      "clean",
      JSON.stringify(report.files.flatMap(({ findings }) => findings)),
    );
    const quality = qualityOf(report, ["equities/SPY_h4.parquet", "equities/SPY_daily.parquet"]);
    deepStrictEqual([quality.verdict, quality.files.length], ["clean", 2]);

    const before = await contents(root);
    const manifest = await readFile(join(root, "manifest.json"), "utf8");
    await updateData({}, options);
    deepStrictEqual(await contents(root), before);
    strictEqual(await readFile(join(root, "manifest.json"), "utf8"), manifest);

    server.now += 28 * DAY_MS;
    const later = await updateData({}, options);
    deepStrictEqual(later.filter(({ failure, differs }) => failure !== undefined || differs), []);
    strictEqual(later.find(({ what }) => what === "SPY h4")!.added, 2 * 19); // four weeks and a holiday
    strictEqual((await validateStored(options)).verdict, "clean");
    ok(
      (await listData(options)).every(({ updated_at, file }) =>
        file.endsWith("actions.parquet") || updated_at!.startsWith("2024-0")
      ),
    );
  }));

Deno.test("FR-006 one failing symbol stops no other and leaves nothing behind", () =>
  inMarket(async ({ root, options }) => {
    const request = { symbols: ["SPY", "NOSUCH", "QQQ"], assetClass: "equity", from } as const;
    const items = await updateData({ ...request, timeframes: ["daily"] }, options);
    const failed = items.filter(({ failure }) => failure !== undefined).map(({ what }) => what);
    deepStrictEqual(failed.filter((what) => !what.startsWith("NOSUCH")), []);
    ok(failed.includes("NOSUCH daily"));
    match(items.find(({ what }) => what === "NOSUCH daily")!.failure!, /unknown symbol/);
    deepStrictEqual(
      Object.keys(await contents(root)).filter((name) => name.includes("NOSUCH")),
      [],
    );
    ok(items.some(({ what, outcome }) => what === "QQQ daily" && outcome === "created"));
  }));

Deno.test("FR-006 a revoked key, HTML for JSON, half answers: each one line, and the folder as it was", () =>
  inMarket(async ({ root, server, options }) => {
    const request = { symbols: ["SPY"], timeframes: ["h4"] as const, from };
    const keys = { ...TEST_KEYS, ALPACA_SECRET_KEY: "revoked-secret" };
    const revoked = await updateData(request, { ...options, keys });
    match(revoked.at(-1)!.failure!, /ALPACA/);
    ok(!JSON.stringify(revoked).includes("revoked-secret"));
    deepStrictEqual(await contents(root), {});
    await updateData(request, options);
    const before = await contents(root);
    server.now += 7 * DAY_MS;
    const wrong = await updateData({}, {
      ...options,
      sets: ["data.sources.alpaca.base_url=http://127.0.0.1:9"],
    })
      .catch((error: Error) => error.message);
    match(JSON.stringify(wrong), /127\.0\.0\.1:9/);
    deepStrictEqual(await contents(root), before);
    const elsewhere = {
      ...options,
      sets: ["data.sources.alpaca.base_url=https://example.com"],
    };
    match((await updateData(request, elsewhere))[0]!.failure!, /example\.com/);
  }));

Deno.test("FR-003 a source that misses a split is found out, and prices that carry splits are told from raw ones", () =>
  inMarket(async ({ root, options }) => {
    const request = {
      symbols: ["AAPL"],
      assetClass: "equity",
      timeframes: ["daily"],
      from: parseDate("2020-06-01"),
      to: parseDate("2020-12-01"),
    } as const;
    const raw = await updateData({ ...request, source: "alpaca" }, options);
    deepStrictEqual(raw.filter(({ failure }) => failure !== undefined), []);
    deepStrictEqual((await readActions(root)).map(({ kind, value }) => [kind, value]), [
      ["dividend", 0.82],
      ["split", 4],
      ["dividend", 0.205],
    ]);
    strictEqual((await validateStored(options)).verdict, "clean");
    const other = await updateData(
      { ...request, source: "yahoo", to: parseDate("2020-12-05") },
      options,
    );
    match(
      other.find(({ what }) => what === "AAPL daily")!.failure!,
      /found prices with splits raw in the file and applied at the source, and a split on 2020-08-31/,
    );
  }));

Deno.test("FR-003 adjustment by prices and actions is the source's own; a dividend that it does not have is found", () =>
  inMarket(async ({ root, options }) => {
    const request = { symbols: ["SPY"], timeframes: ["daily"], from, source: "yahoo" } as const;
    const items = await updateData(request, options);
    deepStrictEqual(items.map(({ what, differs }) => [what, differs]), [
      ["SPY actions", false],
      ["SPY daily", false],
    ]);
    const actions = await readActions(root);
    const odd = {
      symbol: "SPY",
      exDate: parseDate("2023-08-15"),
      kind: "dividend",
      value: 5,
    } as const;
    await writeActions(root, [...actions, odd], { source: "", licence: "" });
    const found = (await updateData(request, options)).at(-1)!;
    deepStrictEqual([found.what, found.differs, found.notes], ["SPY adjustment", true, [
      "2023-08-15: the source misses the dividend of 5",
    ]]);
  }));

Deno.test("FR-006 what nobody can know is refused before anything is asked", () =>
  inMarket(async ({ server, options }) => {
    const wrong = (request: Parameters<typeof updateData>[0], message: RegExp) =>
      rejects(updateData(request, options), { name: "Refusal", message });
    await wrong(
      { symbols: ["SPY", "ZZZ"], from },
      /--symbols: found "ZZZ".*, expected --asset-class/,
    );
    await wrong(
      { symbols: ["../SPY"], assetClass: "equity", from },
      /--symbols: found "\.\.\/SPY"/,
    );
    await wrong(
      { symbols: ["SPY"], assetClass: "crypto", from },
      /--asset-class: found crypto for "SPY"/,
    );
    await wrong({ symbols: ["SPY"], source: "yahooo", from }, /did you mean "yahoo"/);
    strictEqual(server.seen.length, 0);
  }));

Deno.test("FR-006 a CSV of one's own becomes a file like any other", () =>
  inTestFolder(async (root) => {
    const file = join(root, "own.csv");
    await writeFile(
      file,
      "Date,Open,High,Low,Close\n2024-01-02,10,12,8,11\n2024-01-03,11,12,8,9\n",
    );
    const request = { file, symbol: "XYZ", assetClass: "equity", timeframe: "daily" } as const;
    const item = await importData(request, { dataRoot: root });
    deepStrictEqual([item.outcome, item.rows], ["created", 2]);
    await rejects(
      importData({ ...request, decimal: ";" }, { dataRoot: root }),
      /--decimal: found ";", expected/,
    );
    await rejects(
      importData({ ...request, thousands: "." }, { dataRoot: root }),
      /--thousands: found "\." beside the decimal "\."/,
    );
  }));

Deno.test("FR-006 the names of keys that the task may read are those that sources ask for", () => {
  deepStrictEqual([...DATA_KEY_NAMES].sort(), [...KEY_NAMES].sort());
});
