import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { DAY_MS, gridMs, H4_MS, type Timeframe } from "../../core/bars.ts";
import { formatTime } from "../../core/clock.ts";
import { proveOwnLock } from "../../core/test_lock.ts";
import { CCXT } from "./ccxt.ts";
import type { BarDownload } from "./source.ts";
import { openTestChild } from "./test_child.ts";
import { rowsOf } from "./test_replies.ts";
import { allPages, allRows, refused, requireOneLine, testRequest } from "./test_requests.ts";
import { type Fault, startTestServer, type TestServer } from "./test_server.ts";

let server: TestServer;
let child: ReturnType<typeof openTestChild>;
let binance: BarDownload;
let kraken: BarDownload;

Deno.test.beforeAll(() => {
  server = startTestServer({ since: "2017-08-17" });
  child = openTestChild(server);
  binance = child.source("binance");
  kraken = child.source("kraken");
});
Deno.test.afterAll(async () => {
  await child[Symbol.asyncDispose]();
  await server.close();
});
Deno.test.beforeEach(() => server.heal());

function truth(symbol: string, timeframe: Timeframe, from: number, to: number) {
  const { market, now } = server;
  return rowsOf(market.bars(symbol, gridMs(timeframe), { from, to, now }));
}

Deno.test("FR-006 binance's four hours and days come page after page, from the first day on", async () => {
  for (const [timeframe, from] of [["h4", "2019-01-01"], ["daily", "2017-01-01"]] as const) {
    const request = testRequest("BTC", timeframe, [from, "2024-06-01"]);
    const start = server.seen.length;
    const pages = await allPages(binance, request);
    const rows = pages.flatMap(({ bars }) => rowsOf(bars));
    deepStrictEqual(rows, truth("BTC", timeframe, request.from, request.to));
    ok(pages.every(({ bars }) => bars.openTime.length <= 1_000));
    strictEqual(pages.at(-1)!.doneUntil, request.to);
    strictEqual(server.seen[start]!.query.get("symbol"), "BTCUSDT"); // one market, not all of them
    strictEqual(server.seen.length - start, 1 + pages.length);
  }
});

Deno.test("FR-006 binance's rows that repeat are taken once, and its gaps stay gaps", async () => {
  const request = testRequest("ETH", "h4", ["2022-01-01", "2024-06-01"]);
  const right = truth("ETH", "h4", request.from, request.to);
  server.fail({ kind: "repeat_row", on: /klines/, times: Infinity });
  deepStrictEqual(await allRows(binance, request), right);
  server.heal();
  server.fail({ kind: "lost_row", on: /klines/ });
  deepStrictEqual(await allRows(binance, request), right.toSpliced(500, 1));
});

Deno.test("FR-006 binance that ends long before it should is refused", async () => {
  const request = testRequest("ETH", "h4", ["2022-01-01", "2024-06-01"]);
  server.fail({ kind: "empty_page", on: /klines/, skip: 1 });
  await refused(
    allRows(binance, request),
    /^Cannot download "ETH" from binance \(127.*klines\): found no bar from 2022-06-16T16:00:00Z on, expected bars until 2024-06-01T00:00:00Z$/,
  );
});

Deno.test("FR-006 bars of exchanges that are still running stay out, by the later of both clocks", async () => {
  for (const source of [binance, kraken]) {
    for (
      const [timeframe, last] of [["h4", "2024-06-28T16"], ["daily", "2024-06-27T00"]] as const
    ) {
      const request = testRequest("BTC", timeframe, ["2024-06-20", "2024-07-10"]);
      const pages = await allPages(source, request);
      strictEqual(formatTime(pages.at(-1)!.bars.openTime.at(-1)!), `${last}:00:00Z`);
      const done = pages.at(-1)!.doneUntil;
      strictEqual(done, Math.floor(server.now / gridMs(timeframe)) * gridMs(timeframe));
      server.fail({ kind: "skew", ms: -DAY_MS, times: Infinity });
      const behind = await allPages(source, request);
      strictEqual(behind.at(-1)!.doneUntil, done - DAY_MS);
      server.heal();
    }
  }
});

Deno.test("FR-006 kraken gives what it keeps, its XBT as BTC", async () => {
  const first = Math.floor(server.now / H4_MS) * H4_MS - 719 * H4_MS;
  const request = { ...testRequest("BTC", "h4", ["2024-03-01", "2024-07-10"]), from: first };
  const [page] = await allPages(kraken, request);
  const [row] = truth("BTC", "h4", first, first + 1);
  strictEqual(page!.bars.openTime.length, 719);
  deepStrictEqual(rowsOf(page!.bars)[0]!.slice(0, 5), [
    first,
    ...row!.slice(1, 5).map((price) => Number(price.toFixed(1))),
  ]);
  strictEqual(server.seen.at(-1)!.query.get("pair"), "XXBTZUSD");
  deepStrictEqual(
    (await allRows(kraken, { ...request, from: first + 100 * H4_MS })).length,
    619,
  );
});

Deno.test("FR-006 kraken asked for more than its 720 bars says so unasked and names who has them", () => {
  const start = server.seen.length;
  for (const [timeframe, first] of [["h4", "2024-03-01T00"], ["daily", "2022-07-10T00"]] as const) {
    const request = testRequest("BTC", timeframe, ["2022-01-01", "2024-06-01"]);
    throws(() => kraken.check(request), (error: Error) => {
      requireOneLine(error.message);
      return error.message.endsWith(
        `found a start on 2022-01-01, expected ${first}:00:00Z or later, as it keeps 720 bars; ` +
          "for more use --source binance or import a CSV",
      );
    });
  }
  strictEqual(server.seen.length, start);
});

Deno.test("FR-006 what passes at an exchange is asked again, what does not is refused in one line", async () => {
  const faults: readonly (readonly [Fault, RegExp])[] = [
    [{ kind: "status", status: 500 }, /status 500 \(5 tries\)/],
    [{ kind: "status", status: 418, headers: { "retry-after": "9" } }, /status 418 \(5 tries\)/],
    [{ kind: "cut" }, /JSON cut off or damaged, \d+ bytes \(5 tries\)/],
    [{ kind: "break" }, /an answer that broke off \(5 tries\)/],
    [{ kind: "html" }, /a page of HTML \(5 tries\)/],
    [
      { kind: "body", body: '{"code":-1003,"msg":"Too many"}' },
      /"Too many" \(5 tries\)|shape|bars/,
    ],
  ];
  for (const source of [binance, kraken]) {
    const request = testRequest("BTC", "daily", ["2024-01-01", "2024-06-01"]);
    const right = await allRows(source, request);
    for (const [fault, message] of faults) {
      if (source === kraken && fault.kind === "body") continue;
      server.fail({ ...fault, times: 2 });
      deepStrictEqual(await allRows(source, request), right, fault.kind);
      server.fail({ ...fault, times: 5 });
      await refused(allRows(source, request), message);
    }
  }
  server.fail({ kind: "revoked", times: 5 });
  await refused(
    allRows(kraken, testRequest("BTC", "daily", ["2024-01-01", "2024-06-01"])),
    /found "EGeneral:Too many requests" \(5 tries\)/,
  );
});

Deno.test("FR-006 exchanges refuse unknown coins, other classes and places that they do not serve", async () => {
  const span = ["2024-04-01", "2024-06-01"] as const;
  await refused(
    allRows(binance, testRequest("SPY", "daily", span)),
    /^Cannot download "SPY" from binance: found a symbol of class equity, expected one that it trades: use alpaca or yahoo$/,
  );
  const sol = testRequest("SOL", "daily", span);
  const coin = { ...sol, asset: { ...sol.asset, assetClass: "crypto" as const } };
  await refused(
    allRows(binance, coin),
    /from binance \(127.*\): found an unknown symbol \(status 400\)/,
  );
  await refused(allRows(kraken, coin), /from kraken \(127.*\): found an unknown symbol, expected/);
  server.fail({ kind: "revoked" });
  await refused(
    allRows(binance, testRequest("BTC", "daily", span)),
    /found a place that Binance does not serve \(status 451\), expected another one: use --source kraken/,
  );
});

Deno.test("FR-006 in a process without their library exchanges are refused in one line", async () => {
  await using other = openTestChild(server, { lock: "../../../deno.lock" });
  const request = testRequest("BTC", "daily", ["2024-04-01", "2024-06-01"]);
  const error = await allRows(other.source("binance"), request).catch((reason: Error) => reason);
  match(
    String(error),
    /^Refusal: Cannot ask an exchange: found no library for it in this process, expected [^\n]+$/,
  );
});

Deno.test("the library of exchanges is in no lock file but its own, which holds the project's packages as well", async () => {
  await proveOwnLock("lib/data/sources", [CCXT]);
});
