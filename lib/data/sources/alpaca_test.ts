import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { DAY_MS } from "../../core/bars.ts";
import { sessionOn } from "../../core/calendar.ts";
import { formatTime, parseDate, parseTime, systemClock } from "../../core/clock.ts";
import { openSource } from "./sources.ts";
import { sessionAt } from "./test_market.ts";
import { rowsOf } from "./test_replies.ts";
import { allPages, allRows, refused, testRequest } from "./test_requests.ts";
import { startTestServer } from "./test_server.ts";

const HALF_HOUR_MS = 1_800_000;

Deno.test("FR-006 alpaca gives half hours for h4: the sessions' own, and late trading beside them", async () => {
  await using server = startTestServer();
  const request = testRequest("SPY", "h4", ["2021-11-22", "2021-11-30"]); // with a half day
  const rows = await allRows(openSource("alpaca", server.options()), request);
  const own = rows.filter(([time]) => {
    const session = sessionAt(time);
    return session && time >= session.open && time < session.close;
  });
  const { from, to } = request;
  deepStrictEqual(
    own,
    rowsOf(server.market.bars("SPY", HALF_HOUR_MS, { from, to, now: server.now })),
  );
  strictEqual(own.length, 4 * 13 + 7);
  strictEqual(rows.length, own.length + 4 * 5);
  const { path, query } = server.seen[0]!;
  strictEqual(path, "/v2/stocks/SPY/bars");
  deepStrictEqual(Object.fromEntries(query), {
    timeframe: "30Min",
    start: "2021-11-22T00:00:00Z",
    end: "2021-11-29T23:59:59Z",
    limit: "10000",
    adjustment: "raw",
    feed: "sip",
    sort: "asc",
  });
});

Deno.test("FR-006 alpaca's days are named by their date, with prices as they were before a split", async () => {
  await using server = startTestServer();
  const request = testRequest("AAPL", "daily", ["2020-08-26", "2020-09-03"]);
  const rows = await allRows(openSource("alpaca", server.options()), request);
  deepStrictEqual(rows.map(([time]) => formatTime(time).slice(0, 10)), [
    ...["2020-08-26", "2020-08-27", "2020-08-28"],
    ...["2020-08-31", "2020-09-01", "2020-09-02"],
  ]);
  const closes = rows.map((row) => row[4]);
  ok(closes[3]! < closes[2]! / 3, "a quarter after the split of 4 for 1");
});

Deno.test("FR-006 alpaca's pages follow each other, and what repeats or is empty on the way does no harm", async () => {
  await using server = startTestServer();
  const request = testRequest("SPY", "h4", ["2016-01-04", "2024-06-01"]);
  const source = openSource("alpaca", server.options());
  const pages = await allPages(source, request);
  ok(pages.length >= 3);
  for (const [i, { bars, doneUntil }] of pages.entries()) {
    strictEqual(
      doneUntil,
      i < pages.length - 1 ? bars.openTime.at(-1)! + HALF_HOUR_MS : request.to,
    );
  }
  const right = await allRows(source, request);
  server.fail({ kind: "repeat_row", times: Infinity });
  deepStrictEqual(await allRows(source, request), right);
});

Deno.test("FR-006 alpaca's rows so far are told after each page", async () => {
  await using server = startTestServer();
  const told: number[] = [];
  const request = testRequest("SPY", "h4", ["2020-01-01", "2024-06-01"]);
  const rows = await allRows(openSource("alpaca", server.options()), request, {
    onRows: (count) => told.push(count),
  });
  deepStrictEqual(told, [10_000, rows.length]);
});

Deno.test("FR-006 alpaca's page tokens that go round in a circle, and pages empty for ever, are refused", async () => {
  await using server = startTestServer();
  const request = testRequest("SPY", "h4", ["2016-01-04", "2024-06-01"]);
  const source = openSource("alpaca", server.options());
  server.fail({ kind: "token_loop", times: Infinity });
  await refused(
    allRows(source, request),
    /found a page token that came before, expected pages that/,
  );
  server.heal();
  for (let page = 0; page < 25; page++) {
    const body = JSON.stringify({ bars: [], next_page_token: btoa(`page ${page}`) });
    server.fail({ kind: "body", body, skip: page });
  }
  await refused(allRows(source, request), /found 21 empty pages on end, expected bars/);
});

Deno.test("FR-006 alpaca is not asked for the last 15 minutes, and running bars stay out", async () => {
  // 12:34 in New York.
  await using server = startTestServer({ now: parseTime("2024-06-28T16:34:00Z") });
  const source = openSource("alpaca", server.options());
  const halves = await allPages(source, testRequest("SPY", "h4", ["2024-06-28", "2024-07-10"]));
  deepStrictEqual(halves.map(({ doneUntil }) => formatTime(doneUntil)), ["2024-06-28T16:00:00Z"]);
  strictEqual(formatTime(halves[0]!.bars.openTime.at(-1)!), "2024-06-28T15:30:00Z");
  const days = await allPages(source, testRequest("SPY", "daily", ["2024-06-26", "2024-07-10"]));
  deepStrictEqual(days.map(({ doneUntil }) => formatTime(doneUntil)), ["2024-06-28T00:00:00Z"]);
  strictEqual(days[0]!.bars.openTime.length, 2);
});

Deno.test("FR-006 alpaca's day is over when late trading is", async () => {
  const request = testRequest("SPY", "daily", ["2024-06-27", "2024-07-10"]);
  const { close } = sessionOn(parseDate("2024-06-28"))!;
  for (const [hours, days] of [[4, 1], [4.25, 2]] as const) {
    await using server = startTestServer({ now: close + hours * 3_600_000 });
    const source = openSource("alpaca", server.options());
    strictEqual((await allRows(source, request)).length, days);
  }
});

Deno.test("FR-006 with a clock that is ahead, what runs by the server's clock stays out", async () => {
  await using server = startTestServer({ now: parseTime("2024-06-28T16:34:00Z") });
  const ahead = { now: () => server.now + 10 * 60_000, elapsed: () => 0 };
  const source = openSource("alpaca", server.options({ clock: ahead }));
  const request = testRequest("SPY", "h4", ["2024-06-28", "2024-07-10"]);
  const [page] = await allPages(source, request);
  strictEqual(formatTime(page!.doneUntil), "2024-06-28T16:00:00Z");
  // Far ahead, it asks for what only paid plans may see.
  const far = { now: () => server.now + DAY_MS, elapsed: () => 0 };
  await refused(
    allRows(openSource("alpaca", server.options({ clock: far })), request),
    /found "subscription does not permit .*" \(status 403\), expected a plan with these data, and a clock that is right/,
  );
});

Deno.test("FR-008 alpaca asked for what is not over yet is not asked at all", async () => {
  await using server = startTestServer();
  const source = openSource("alpaca", server.options());
  deepStrictEqual(
    await allPages(source, testRequest("SPY", "h4", ["2024-06-29", "2024-07-10"])),
    [],
  );
  strictEqual(server.seen.length, 0);
  // Nothing is wrong with a weekend without bars.
  server.now += 3 * DAY_MS;
  const weekend = await allPages(source, testRequest("SPY", "h4", ["2024-06-29", "2024-07-01"]));
  deepStrictEqual(weekend.map(({ bars }) => bars.openTime.length), [0]);
});

Deno.test("FR-006 alpaca's unknown symbols are refused, whether it says so or answers with nothing", async () => {
  await using server = startTestServer();
  const source = openSource("alpaca", server.options());
  const span = ["2024-01-01", "2024-06-01"] as const;
  await refused(
    allRows(source, testRequest("ZZZZ", "h4", span)),
    /^Cannot download "ZZZZ" from alpaca \(127.*ZZZZ\/bars\): found not one bar, expected a symbol that traded then/,
  );
  server.fail({ kind: "status", status: 400, body: '{"message":"invalid symbol: SPYX"}' });
  await refused(
    allRows(source, testRequest("SPYX", "h4", span)),
    /found an unknown symbol \(status 400\), expected one that Alpaca knows$/,
  );
});

Deno.test("FR-006 alpaca's bars out of order, and two of one time, are asked for again and refused", async () => {
  await using server = startTestServer();
  const bar = (t: string, c = 2) => ({ t, o: 2, h: 3, l: 1, c, v: 1 });
  const [first, second] = ["2024-01-03T15:00:00Z", "2024-01-03T15:30:00Z"] as const;
  for (
    const [bars, message] of [
      [[bar(second), bar(first)], /bars out of order at 2024-01-03T15:00:00Z \(5 tries\)/],
      [[bar(first), bar(first, 2.5)], /two different bars at 2024-01-03T15:00:00Z \(5 tries\)/],
      [[bar("2024-01-03 15:00:00")], /a bar at "2024-01-03 15:00:00" \(5 tries\)/],
    ] as const
  ) {
    server.fail({ kind: "body", body: JSON.stringify({ bars }), times: 5 });
    const source = openSource("alpaca", server.options());
    await refused(allRows(source, testRequest("SPY", "h4", ["2024-01-01", "2024-06-01"])), message);
  }
});

Deno.test("FR-006 alpaca's dividends and splits come by ex-date, though it files them by day of payment", async () => {
  await using server = startTestServer();
  const source = openSource("alpaca", server.options());
  const [first, last] = [parseDate("2020-08-07"), parseDate("2020-11-06")];
  const actions = server.market.find("AAPL")!.actions;
  const asked = { asset: testRequest("AAPL", "daily", ["2020-01-01", "2021-01-01"]).asset };
  deepStrictEqual(await source.actions({ ...asked, from: first, to: last + 1 }, {}), actions);
  deepStrictEqual(await source.actions({ ...asked, from: first + 1, to: last }, {}), [actions[1]]);
});

Deno.test("FR-006 two dividends of alpaca on one day are one of the sum, as the table of actions has it", async () => {
  await using server = startTestServer();
  const dividend = (rate: number) => ({
    symbol: "SPY",
    ex_date: "2024-03-15",
    rate,
    special: true,
  });
  const body = { corporate_actions: { cash_dividends: [dividend(1.5), dividend(0.25)] } };
  server.fail({ kind: "body", body: JSON.stringify(body) });
  const request = testRequest("SPY", "daily", ["2024-01-01", "2024-06-01"]);
  deepStrictEqual(await openSource("alpaca", server.options()).actions(request, {}), [
    { symbol: "SPY", exDate: parseDate("2024-03-15"), kind: "dividend", value: 1.75 },
  ]);
});

Deno.test("FR-006 ten symbols of five years of half hours come through alpaca's client in 5 s", async () => {
  const symbols = Array.from({ length: 10 }, (_, i) => `T${i}`);
  await using server = startTestServer({ since: "2019-01-02", equities: symbols });
  const start = systemClock.elapsed();
  const source = openSource("alpaca", server.options());
  let rows = 0;
  for (const symbol of symbols) {
    const request = testRequest(symbol, "h4", ["2019-01-02", "2024-01-02"]);
    for (const { bars } of await allPages(source, request)) rows += bars.openTime.length;
  }
  ok(rows > 160_000);
  ok(systemClock.elapsed() - start < 5_000);
});
