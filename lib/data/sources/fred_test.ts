import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS, type Series } from "../../core/bars.ts";
import { formatDate, formatTime, parseDate, parseTime } from "../../core/clock.ts";
import { openSource } from "./sources.ts";
import { refused, requireOneLine } from "./test_requests.ts";
import { startTestServer, TEST_KEYS } from "./test_server.ts";

const SPAN = { from: parseDate("2019-01-01"), to: parseDate("2024-07-01") };
const WITHOUT_KEY = { keys: {} };

function rows({ date, availableAt, value }: Series): readonly string[] {
  return Array.from(
    date,
    (day, i) => `${formatDate(day)} ${formatTime(availableAt[i]!)} ${value[i]}`,
  );
}

Deno.test("FR-004 fred's daily yields are known in the evening of the next business day, missing ones never", async () => {
  await using server = startTestServer();
  for (const options of [server.options(), server.options(WITHOUT_KEY)]) {
    const series = await openSource("fred", options).series("DGS10", SPAN, {});
    const known = new Map(server.series.DGS10!.map(({ date, value }) => [date, value]));
    series.date.forEach((date, i) => strictEqual(series.value[i], Number(known.get(date))));
    ok(series.date.every((date) => known.get(date) !== "."));
    // The Friday before a Monday off, in winter; the day before Veterans Day, which the exchange works.
    const text = rows(series);
    ok(text.some((row) => row.startsWith("2024-01-12 2024-01-16T23:00:00Z ")));
    const wednesday = text.find((row) => row.startsWith("2020-11-10 "))!;
    const keyed = options.keys.FRED_API_KEY !== undefined; // the vintage of a made-up calendar
    ok(wednesday.startsWith(`2020-11-10 2020-11-1${keyed ? 1 : 2}T23:00:00Z `), wednesday);
  }
});

Deno.test("FR-004 with a key every revision of fred is an observation of its own, on the day it came out", async () => {
  await using server = startTestServer();
  const source = openSource("fred", server.options());
  const series = await source.series("CFNAI", SPAN, {});
  const march = rows(series).filter((row) => row.startsWith("2023-03-01 "));
  const truth = server.series.CFNAI!.filter(({ date }) => date === parseDate("2023-03-01"));
  deepStrictEqual(march, [
    `2023-03-01 2023-04-27T14:00:00Z ${Number(truth[0]!.value)}`,
    `2023-03-01 2023-05-27T14:00:00Z ${Number(truth[1]!.value)}`,
    `2023-03-01 2023-06-27T14:00:00Z ${Number(truth[2]!.value)}`,
  ]);
  ok(series.availableAt.every((time, i) => i === 0 || time >= series.availableAt[i - 1]!));
});

Deno.test("FR-004 without a key fred's newest values are dated by the rule, one for each date", async () => {
  await using server = startTestServer();
  const series = await openSource("fred", server.options(WITHOUT_KEY)).series("CFNAI", SPAN, {});
  const march = rows(series).filter((row) => row.startsWith("2023-03-01 "));
  const truth = server.series.CFNAI!.filter(({ date }) => date === parseDate("2023-03-01"));
  deepStrictEqual(march, [`2023-03-01 2023-04-27T14:00:00Z ${Number(truth[2]!.value)}`]);
  strictEqual(server.seen[0]!.path, "/graph/fredgraph.csv");
});

Deno.test("FR-008 any cut of a span into spans gives fred's series once, in the same order", async () => {
  await using server = startTestServer();
  for (const options of [server.options(), server.options(WITHOUT_KEY)]) {
    const source = openSource("fred", options);
    const names = ["DGS2", "CFNAI", "VIXCLS", "USREC"];
    const whole = new Map(
      await Promise.all(
        names.map(async (name) => [name, rows(await source.series(name, SPAN, {}))] as const),
      ),
    );
    const cuts = fc.array(fc.integer({ min: 1, max: (SPAN.to - SPAN.from) / DAY_MS - 1 }), {
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), cuts, async (name, days) => {
        const inner = [...new Set(days)].sort((a, b) => a - b).map((day) =>
          SPAN.from + day * DAY_MS
        );
        const edges = [SPAN.from, ...inner, SPAN.to];
        const parts: string[] = [];
        for (const [i, from] of edges.slice(0, -1).entries()) {
          parts.push(...rows(await source.series(name, { from, to: edges[i + 1]! }, {})));
        }
        deepStrictEqual(parts, whole.get(name));
      }),
      { seed: 1, numRuns: 12 },
    );
  }
});

Deno.test("FR-004 what fred has today counts from the hour of its rule, never before now", async () => {
  // In New York 17:30, half an hour before the rule's evening.
  await using server = startTestServer({ now: parseTime("2024-06-28T21:30:00Z") });
  const source = openSource("fred", server.options());
  const before = await source.series("DGS10", { ...SPAN, to: parseDate("2030-01-01") }, {});
  strictEqual(formatTime(before.availableAt.at(-1)!), "2024-06-27T22:00:00Z");
  server.now = parseTime("2024-06-28T22:00:00Z");
  const after = await source.series("DGS10", { ...SPAN, to: parseDate("2030-01-01") }, {});
  strictEqual(formatTime(after.availableAt.at(-1)!), "2024-06-28T22:00:00Z");
});

Deno.test("FR-004 the VIX is known 15 minutes after its session's close, with a key or without", async () => {
  await using server = startTestServer();
  const found = await Promise.all(
    [server.options(), server.options(WITHOUT_KEY)].map(async (options) =>
      rows(await openSource("fred", options).series("VIXCLS", SPAN, {}))
    ),
  );
  deepStrictEqual(found[0], found[1]);
  ok(found[0]!.some((row) => row.startsWith("2019-11-29 2019-11-29T18:15:00Z ")), "a half day");
});

Deno.test("FR-004 a series without a rule needs a key, and then is known when its day of publication ends", async () => {
  await using server = startTestServer();
  const without = openSource("fred", server.options(WITHOUT_KEY));
  throws(() => without.check("GDPX"), (error: Error) => {
    requireOneLine(error.message);
    return /found no release rule for it.*, expected one, or valid FRED_API_KEY/.test(
      error.message,
    );
  });
  const series = await openSource("fred", server.options()).series("GDPX", SPAN, {});
  ok(rows(series).some((row) => row.startsWith("2023-03-01 2023-04-28T04:00:00Z ")));
});

Deno.test("FR-004 what fred's first vintage already held is dated by the rule", async () => {
  await using server = startTestServer();
  const vintage = "2020-06-01";
  const observations = ["2020-05-01", "2020-05-29"].map((date, i) => (
    { realtime_start: vintage, realtime_end: "9999-12-31", date, value: `${i}.5` }
  ));
  const page = { count: 1, offset: 0 };
  const days = JSON.stringify({ ...page, vintage_dates: [vintage] });
  server.fail({ kind: "body", on: /vintagedates/, body: days });
  server.fail({
    kind: "body",
    on: /observations/,
    body: JSON.stringify({ ...page, count: 2, observations }),
  });
  const series = await openSource("fred", server.options()).series("DGS10", SPAN, {});
  deepStrictEqual(rows(series), [
    "2020-05-01 2020-05-04T22:00:00Z 0.5",
    "2020-05-29 2020-06-01T22:00:00Z 1.5",
  ]);
});

Deno.test("FR-006 fred is asked for at most 2,000 days of publication at a time", async () => {
  await using server = startTestServer({ now: parseTime("2029-06-29T12:00:00Z") });
  const source = openSource("fred", server.options());
  const to = parseDate("2029-06-29");
  const series = await source.series("DGS10", { from: parseDate("2018-01-01"), to }, {});
  const truth = server.series.DGS10!.filter(({ value }) => value !== ".");
  strictEqual(server.seen.filter(({ path }) => path.endsWith("/observations")).length, 3);
  deepStrictEqual(
    [...series.date],
    truth.filter(({ vintage }) => vintage < to).map(({ date }) => date),
  );
});

Deno.test("FR-006 fred's rows that are fewer than it counts are asked for again and refused", async () => {
  await using server = startTestServer();
  const source = openSource("fred", server.options());
  for (const [on, count] of [[/observations/, 5], [/vintagedates/, 5]] as const) {
    server.fail({ kind: "lost_row", on, times: count - 1 });
    ok((await source.series("DGS2", SPAN, {})).date.length > 1_000);
    server.fail({ kind: "lost_row", on, times: count });
    await refused(
      source.series("DGS2", SPAN, {}),
      /found \d+ rows from 0 on \(5 tries\), expected \d+/,
    );
  }
});

Deno.test("FR-006 fred's CSV that ends long ago, with other columns or values, is refused", async () => {
  await using server = startTestServer();
  const source = openSource("fred", server.options(WITHOUT_KEY));
  for (
    const [body, message] of [
      ["observation_date,DGS10\n2024-05-01,4.5\n", /none after 2024-05-01 .*observations until/],
      ["observation_date,DGS10\n", /found no observation .*observations until 2024-06-28$/],
      ["date;DGS10\n2024-05-01;4,5\n", /found 1 fields in line 1 \(5 tries\), expected CSV of 2/],
      ["observation_date,DGS2\n2024-06-27,4.5\n", /a header "observation_date,DGS2"/],
      ["observation_date,DGS10\n2024-06-27,4.5x\n", /a value "4.5x" \(5 tries\), expected numbers/],
      ["observation_date,DGS10\n27.6.2024,4.5\n", /a date "27.6.2024"/],
      [
        "observation_date,DGS10\n2024-06-27,4.5\n2024-06-26,4.5\n",
        /dates out of order at 2024-06-26/,
      ],
    ] as const
  ) {
    server.fail({ kind: "body", body, times: 5 });
    await refused(source.series("DGS10", SPAN, {}), message);
  }
});

Deno.test("FR-006 fred's unknown series and wrong names are refused", async () => {
  await using server = startTestServer();
  for (const options of [server.options(), server.options(WITHOUT_KEY)]) {
    await refused(
      openSource("fred", options).series("DGS99", SPAN, {}),
      /^Cannot download "DGS99" from fred \(127.*\): found an unknown series \(status 40[04]\), expected one that FRED has$/,
    );
  }
  throws(
    () => openSource("fred", server.options()).check("dgs10"),
    /found no name of a series \(did you mean "DGS10"\?\)/,
  );
  ok(server.seen.every(({ query }) => !query.toString().includes(TEST_KEYS.FRED_API_KEY)));
});
