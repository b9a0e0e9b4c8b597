import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { adjustmentFactors } from "../../core/adjustment.ts";
import { DAY_MS } from "../../core/bars.ts";
import { formatTime, parseDate, parseTime } from "../../core/clock.ts";
import { openSource } from "./sources.ts";
import { sessionAt } from "./test_market.ts";
import { rowsOf } from "./test_replies.ts";
import { allPages, allRows, refused, requireOneLine, testRequest } from "./test_requests.ts";
import { startTestServer } from "./test_server.ts";

const FIVE_YEARS = ["2019-05-01", "2024-05-01"] as const;

Deno.test("FR-006 yahoo's days have prices and volumes with splits applied, and no empty rows", async () => {
  await using server = startTestServer();
  const request = testRequest("AAPL", "daily", FIVE_YEARS);
  const rows = await allRows(openSource("yahoo", server.options()), request);
  const { from, to } = request;
  const raw = rowsOf(server.market.bars("AAPL", DAY_MS, { from, to, now: server.now }));
  const split = parseDate("2020-08-31");
  const applied = raw.map(([time, open, high, low, close, volume]) => {
    const ratio = time < split ? 4 : 1;
    return [time, open / ratio, high / ratio, low / ratio, close / ratio, volume * ratio];
  });
  const days = new Set(rows.map(([time]) => time));
  deepStrictEqual(rows, applied.filter(([time]) => days.has(time!)));
  ok(raw.length - rows.length > 20, "every fiftieth row of the server is empty");
  deepStrictEqual(Object.fromEntries(server.seen[0]!.query), {
    period1: String(from / 1_000),
    period2: String(to / 1_000),
    interval: "1d",
    events: "div,splits",
    includePrePost: "false",
  });
});

Deno.test("FR-006 yahoo's dividends before a split are divided as its prices are", async () => {
  await using server = startTestServer();
  const source = openSource("yahoo", server.options());
  const actions = await source.actions(testRequest("AAPL", "daily", FIVE_YEARS), {});
  deepStrictEqual(actions.map(({ kind, value }) => [kind, value]), [
    ["dividend", 0.205],
    ["split", 4],
    ["dividend", 0.205],
  ]);
  deepStrictEqual(actions.map(({ exDate }) => formatTime(exDate).slice(0, 10)), [
    ...["2020-08-07", "2020-08-31", "2020-11-06"],
  ]);
});

Deno.test("FR-006 yahoo's adjusted closes are what its prices and actions make", async () => {
  await using server = startTestServer();
  const source = openSource("yahoo", server.options());
  for (const symbol of ["SPY", "AAPL"]) {
    const request = testRequest(symbol, "daily", FIVE_YEARS);
    const [page] = await allPages(source, request);
    const { openTime, close } = page!.bars;
    const factors = adjustmentFactors(openTime, close, await source.actions(request, {}), true);
    const theirs = await source.adjustedCloses!(request, {});
    deepStrictEqual(theirs.openTime, openTime);
    // Theirs is 1 at the end, ours at the start.
    const scale = factors.at(-1)!;
    theirs.close.forEach((value, row) => {
      const ours = close[row]! * factors[row]! / scale;
      ok(Math.abs(value / ours - 1) < 1e-9, `${symbol} ${formatTime(openTime[row]!)}`);
    });
  }
});

Deno.test("FR-006 yahoo's day that is still running stays out until an hour after its close", async () => {
  for (const [now, last] of [["15:00", "27"], ["20:59", "27"], ["21:00", "28"]] as const) {
    await using server = startTestServer({ now: parseTime(`2024-06-28T${now}:00Z`) });
    const source = openSource("yahoo", server.options());
    const request = testRequest("SPY", "daily", ["2024-06-24", "2024-07-10"]);
    const rows = await allRows(source, request);
    strictEqual(formatTime(rows.at(-1)![0]), `2024-06-${last}T00:00:00Z`);
    const { openTime } = await source.adjustedCloses!(request, {});
    strictEqual(formatTime(openTime.at(-1)!), `2024-06-${last}T00:00:00Z`);
  }
});

Deno.test("FR-006 yahoo's newest day that comes twice, as a day and as its last trade, is one", async () => {
  await using server = startTestServer();
  const { open } = sessionAt(parseTime("2024-06-28T14:00:00Z"))!;
  const timestamp = [open - DAY_MS, open, server.now].map((time) => time / 1_000);
  const column = [10, 11, 11.5];
  const quote = { open: column, high: column, low: column, close: column, volume: column };
  const result = [{ meta: {}, timestamp, indicators: { quote: [quote] } }];
  server.fail({ kind: "body", body: JSON.stringify({ chart: { result, error: null } }) });
  const request = testRequest("SPY", "daily", ["2024-06-24", "2024-07-10"]);
  const rows = await allRows(openSource("yahoo", server.options()), request);
  deepStrictEqual(rows.map((row) => row[4]), [10, 11.5]);
});

Deno.test("FR-006 yahoo gives half hours of sessions only, without the row of the close", async () => {
  await using server = startTestServer();
  const request = testRequest("SPY", "h4", ["2024-06-24", "2024-06-29"]);
  const rows = await allRows(openSource("yahoo", server.options()), request);
  strictEqual(rows.length, 5 * 13);
  ok(rows.every(([time]) => {
    const { open, close } = sessionAt(time)!;
    return time >= open && time < close;
  }));
});

Deno.test("FR-006 yahoo's h4 from before its 60 days is refused unasked, with who has more", async () => {
  await using server = startTestServer();
  const source = openSource("yahoo", server.options());
  const refusal = (symbol: string) => {
    throws(() => source.check(testRequest(symbol, "h4", FIVE_YEARS)), (error: Error) => {
      requireOneLine(error.message);
      return error.message.includes(
        "found a start on 2019-05-01, expected 2024-04-30 or later, as they reach 60 days back; " +
          `for more use --source ${symbol === "BTC" ? "binance" : "alpaca"} or import a CSV`,
      );
    });
  };
  refusal("SPY");
  refusal("BTC");
  strictEqual(server.seen.length, 0);
  source.check(testRequest("SPY", "h4", ["2024-04-30", "2024-05-01"]));
});

Deno.test("FR-008 yahoo is not asked for days without a session, which it takes for a mistake", async () => {
  await using server = startTestServer({ now: parseTime("2024-06-30T12:00:00Z") });
  const source = openSource("yahoo", server.options());
  for (const timeframe of ["daily", "h4"] as const) {
    const pages = await allPages(
      source,
      testRequest("SPY", timeframe, ["2024-06-29", "2024-06-30"]),
    );
    deepStrictEqual(pages.map(({ doneUntil }) => doneUntil), [parseDate("2024-06-30")]);
    strictEqual(pages[0]!.bars.openTime.length, 0);
  }
  strictEqual(server.seen.length, 0);
});

Deno.test("FR-006 yahoo has coins, too, on UTC days", async () => {
  await using server = startTestServer();
  const request = testRequest("BTC", "daily", ["2024-06-24", "2024-07-10"]);
  const rows = await allRows(openSource("yahoo", server.options()), request);
  deepStrictEqual(
    rows.map(([time]) => time),
    [24, 25, 26, 27].map((day) => parseDate(`2024-06-${day}`)),
  );
  strictEqual(server.seen[0]!.path, "/v8/finance/chart/BTC-USD");
});

Deno.test("FR-006 yahoo's unknown symbols and its other refusals are passed on in one line", async () => {
  await using server = startTestServer();
  const source = openSource("yahoo", server.options());
  await refused(
    allRows(source, testRequest("ZZZZ", "daily", FIVE_YEARS)),
    /^Cannot download "ZZZZ" from yahoo \(127.*\/v8\/finance\/chart\/ZZZZ\): found an unknown symbol \("No data found, symbol may be delisted", status 404\), expected one that Yahoo knows$/,
  );
  await allRows(source, testRequest("BRK.B", "daily", FIVE_YEARS));
  strictEqual(server.seen.at(-1)!.path, "/v8/finance/chart/BRK-B");
  server.now += 40 * DAY_MS; // theirs is ahead of ours
  const behind = { now: () => server.now - 40 * DAY_MS, elapsed: () => 0 };
  await refused(
    allRows(
      openSource("yahoo", server.options({ clock: behind })),
      testRequest("SPY", "h4", ["2024-05-06", "2024-06-01"]),
    ),
    /found "30m data not available .* within the last 60 days\." \(status 422\), expected a chart/,
  );
});

Deno.test("FR-006 yahoo's halves and answers about something else are refused", async () => {
  await using server = startTestServer();
  const source = openSource("yahoo", server.options());
  const request = testRequest("SPY", "daily", FIVE_YEARS);
  server.fail({ kind: "lost_row", times: 5 });
  await refused(
    allRows(source, request),
    /found \d+ values for \d+ times \(5 tries\), expected columns of one length$/,
  );
  for (
    const [meta, message] of [
      [{ dataGranularity: "1wk" }, /found bars of 1wk \(5 tries\), expected bars of 1d$/],
      [{ currency: "GBp" }, /found prices in GBp \(5 tries\), expected prices in USD$/],
      [
        { exchangeTimezoneName: "Europe/London" },
        /an exchange in Europe\/London.*one in New York$/,
      ],
    ] as const
  ) {
    const result = [{ meta, indicators: { quote: [{}] } }];
    const body = JSON.stringify({ chart: { result, error: null } });
    server.fail({ kind: "body", body, times: 5 });
    await refused(allRows(source, request), message);
  }
});
