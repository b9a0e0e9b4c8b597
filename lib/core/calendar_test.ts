import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS, H4_MS, HOUR_MS, type Timeframe } from "./bars.ts";
import {
  ceilToGrid,
  expectedBars,
  floorToGrid,
  isOpen,
  nextSession,
  previousSession,
  sessionOn,
  sessionsBetween,
} from "./calendar.ts";
import { formatDate, formatTime, parseDate } from "./clock.ts";

const FIRST = parseDate("1993-01-04");
const LAST = parseDate("2035-12-31");
const END = parseDate("2036-01-01");

const times = fc.integer({ min: FIRST + DAY_MS, max: LAST - DAY_MS });
const timeframes = fc.constantFrom<Timeframe>("h4", "daily");
const seeded = { seed: 1 };

/** `open–close` of a date in UTC, or `closed`. */
function hours(date: string): string {
  const session = sessionOn(parseDate(date));
  if (session === undefined) return "closed";
  return `${clock(session.open)}–${clock(session.close)}`;
}

function clock(time: number): string {
  return formatTime(time).slice(11, 16);
}

/** `open time, available at, tradable at` of each equity bar of one date. */
function barsOf(date: string, timeframe: Timeframe): string[] {
  const day = parseDate(date);
  const { openTime, availableAt, tradableAt } = expectedBars(
    "equity",
    timeframe,
    day,
    day + DAY_MS,
  );
  return Array.from(
    openTime,
    (time, i) => `${clock(time)} ${clock(availableAt[i]!)} ${clock(tradableAt[i]!)}`,
  );
}

// testdata/xnys_sessions.csv: calendar XNYS of the Python package exchange_calendars 4.13.2 (Apache-2.0).
// It holds scheduled hours, but four sessions ended before their schedule. The package pandas_market_calendars
// 5.5.0 (MIT) and the reports named here agree on when; the two packages agree on every other close except
// 1999-12-31, where this one is right: the NYSE announced 13:00 in June 1999, and SPY's last hourly bar of the
// day is the one of 13:00, as on other half days.
const unscheduledCloses: Readonly<Record<string, string>> = {
  "1994-02-11": "19:30", // snowstorm, closed 14:30 (MSN Money on weather closings, 29 October 2012)
  "1996-01-08": "19:00", // snowstorm, closed 14:00 (AP on the day)
  "1997-10-27": "20:30", // circuit breaker, closed 15:30 (SEC report on the day)
  "2005-06-01": "19:56", // failure of the order system, closed 15:56 (Bloomberg, Reuters on the next day)
};

Deno.test("FR-012 every session 1993-2035 has the hours of an independent calendar", () => {
  const csv = Deno.readTextFileSync(new URL("./testdata/xnys_sessions.csv", import.meta.url));
  const reference = csv.trimEnd().split("\n").slice(1);
  const ours = sessionsBetween(parseDate("1993-01-01"), END);
  strictEqual(reference.length, 10817);
  strictEqual(ours.length, reference.length);
  const differing: Record<string, string> = {};
  for (const [i, { date, open, close }] of ours.entries()) {
    const [day, referenceOpen, referenceClose] = reference[i]!.split(",");
    deepStrictEqual([date, open, close].map(formatDate), [day, day, day]);
    strictEqual(clock(open), referenceOpen, day);
    if (clock(close) !== referenceClose) differing[day!] = clock(close);
  }
  deepStrictEqual(differing, unscheduledCloses);
});

Deno.test("FR-012 holidays, half days and one-off closures are as they happened", () => {
  const expected = {
    "1993-12-31": "14:30–21:00", // Friday before a Saturday New Year: ends the year, so it is open
    "1997-01-20": "14:30–21:00", // Martin Luther King Day is kept since 1998
    "1998-01-19": "closed",
    "1999-12-24": "closed", // Christmas on a Saturday
    "1999-12-31": "14:30–18:00",
    "2001-09-14": "closed",
    "2001-09-17": "13:30–20:00", // opened 09:33 after a silence: late openings count as punctual
    "2002-07-03": "13:30–20:00", // July 4th on a Thursday: the Friday was short until 2012 …
    "2002-07-05": "13:30–17:00",
    "2002-09-11": "13:30–20:00", // NYSE opened at noon, SPY traded from 11:00
    "2008-12-26": "14:30–21:00", // not short, unlike 1997 and 2003
    "2012-10-29": "closed",
    "2012-10-31": "13:30–20:00",
    "2018-12-05": "closed",
    "2021-06-18": "13:30–20:00", // Juneteenth is kept since 2022
    "2021-12-24": "closed",
    "2021-12-31": "14:30–21:00",
    "2022-06-20": "closed",
    "2023-01-02": "closed", // New Year on a Sunday
    "2024-03-29": "closed", // Good Friday
    "2024-07-03": "13:30–17:00", // … and the Wednesday since 2013
    "2024-07-05": "13:30–20:00",
    "2024-11-29": "14:30–18:00",
    "2024-12-28": "closed", // a Saturday
    "2025-01-09": "closed",
  };
  const found = Object.fromEntries(Object.keys(expected).map((date) => [date, hours(date)]));
  deepStrictEqual(found, expected);
});

Deno.test("FR-012 the session opens at 13:30 UTC from the first Monday of summer time", () => {
  strictEqual(hours("2020-03-06"), "14:30–21:00");
  strictEqual(hours("2020-03-09"), "13:30–20:00");
  strictEqual(hours("2020-10-30"), "13:30–20:00");
  strictEqual(hours("2020-11-02"), "14:30–21:00");
  strictEqual(hours("2006-03-13"), "14:30–21:00"); // until 2006 summer began in April
});

Deno.test("FR-012 a session is early exactly when it ends before 16:00 in New York", () => {
  strictEqual(sessionOn(parseDate("2024-07-03"))?.early, true);
  strictEqual(sessionOn(parseDate("2024-07-02"))?.early, false);
  const all = sessionsBetween(FIRST, END);
  const shorter = all.filter(({ open, close }) => close - open < 6.5 * HOUR_MS);
  deepStrictEqual(all.filter(({ early }) => early), shorter);
});

Deno.test("FR-012 the open counts as open, the close does not", () => {
  const { open, close } = sessionOn(parseDate("2024-07-03"))!;
  deepStrictEqual(
    [open - 1, open, close - 1, close].map(isOpen),
    [false, true, true, false],
  );
  strictEqual(isOpen(parseDate("2024-07-04") + 15 * HOUR_MS), false);
});

Deno.test("FR-012 next and previous session count the moment itself", () => {
  const friday = sessionOn(parseDate("2024-07-05"))!;
  const monday = sessionOn(parseDate("2024-07-08"))!;
  deepStrictEqual(nextSession(friday.open), friday);
  deepStrictEqual(nextSession(friday.open + 1), monday);
  deepStrictEqual(previousSession(friday.close), friday);
  deepStrictEqual(previousSession(monday.close - 1), friday);
});

Deno.test("FR-012 next and previous session invert each other", () => {
  fc.assert(
    fc.property(times, (time) => {
      const next = nextSession(time);
      const previous = previousSession(time);
      ok(next.open >= time && previous.close <= time);
      deepStrictEqual(previousSession(next.close), next);
      deepStrictEqual(nextSession(previous.open), previous);
      // Between the two lies at most the one session that is under way.
      const between = sessionsBetween(previous.date + DAY_MS, next.date);
      strictEqual(between.length, isOpen(time) && time !== next.open ? 1 : 0);
      deepStrictEqual(previousSession(next.open), between[0] ?? previous);
    }),
    seeded,
  );
});

Deno.test("FR-012 sessionsBetween() partitions: cutting a range loses and doubles nothing", () => {
  fc.assert(
    fc.property(times, times, times, (a, b, c) => {
      const [from, cut, to] = [a, b, c].sort((x, y) => x - y) as [number, number, number];
      deepStrictEqual(
        [...sessionsBetween(from, cut), ...sessionsBetween(cut, to)],
        sessionsBetween(from, to),
      );
    }),
    { ...seeded, numRuns: 20 },
  );
});

Deno.test("FR-012 outside 1993-2035 the calendar refuses to guess", () => {
  const calls = [
    () => sessionOn(parseDate("1992-12-31")),
    () => sessionOn(END),
    () => sessionOn(NaN),
    () => sessionOn(FIRST + 1), // not a date
    () => nextSession(LAST + DAY_MS - 1),
    () => previousSession(FIRST),
    () => sessionsBetween(parseDate("1992-12-31"), FIRST),
    () => isOpen(END + 1),
    () => expectedBars("equity", "daily", parseDate("1992-01-01"), FIRST),
  ];
  for (const call of calls) throws(call, RangeError);
  throws(() => nextSession(END), {
    message: "Cannot look up the New York session at 2036-01-01T00:00:00Z: " +
      "the calendar holds sessions of 1993-01-01 to 2035-12-31",
  });
});

Deno.test("FR-011 grid times are 00, 04, 08, 12, 16 and 20 UTC", () => {
  const time = Date.parse("2024-03-05T15:59:59Z");
  strictEqual(formatTime(floorToGrid(time, "h4")), "2024-03-05T12:00:00Z");
  strictEqual(formatTime(ceilToGrid(time, "h4")), "2024-03-05T16:00:00Z");
  strictEqual(formatTime(floorToGrid(time, "daily")), "2024-03-05T00:00:00Z");
  strictEqual(formatTime(ceilToGrid(time, "daily")), "2024-03-06T00:00:00Z");
  strictEqual(floorToGrid(-1, "h4"), -H4_MS);
  const boundary = Date.parse("2024-03-05T16:00:00Z");
  deepStrictEqual([floorToGrid(boundary, "h4"), ceilToGrid(boundary, "h4")], [boundary, boundary]);
});

Deno.test("FR-011 equity h4 bars are the grid cells that overlap the session, cut to it", () => {
  deepStrictEqual(barsOf("2020-03-06", "h4"), [
    "12:00 16:00 14:30",
    "16:00 20:00 16:00",
    "20:00 21:00 20:00",
  ]);
  // From the first Monday of summer time a session fills two cells.
  deepStrictEqual(barsOf("2020-03-09", "h4"), ["12:00 16:00 13:30", "16:00 20:00 16:00"]);
  deepStrictEqual(barsOf("2024-07-03", "h4"), ["12:00 16:00 13:30", "16:00 17:00 16:00"]);
  deepStrictEqual(barsOf("2024-11-29", "h4"), ["12:00 16:00 14:30", "16:00 18:00 16:00"]);
  for (const closed of ["2018-12-05", "2022-06-20", "2012-10-29"]) {
    deepStrictEqual(barsOf(closed, "h4"), []);
  }
  strictEqual(barsOf("2021-12-31", "h4").length, 3);
});

Deno.test("FR-010 a daily equity bar is named by 00:00 UTC of its date and known at the close", () => {
  deepStrictEqual(barsOf("2020-03-09", "daily"), ["00:00 20:00 13:30"]);
  deepStrictEqual(barsOf("2024-11-29", "daily"), ["00:00 18:00 14:30"]);
  deepStrictEqual(barsOf("2018-12-05", "daily"), []);
});

Deno.test("FR-011 crypto has a bar in every grid cell, known at its end", () => {
  const from = Date.parse("2024-12-24T22:00:00Z");
  const { openTime, availableAt, tradableAt } = expectedBars("crypto", "h4", from, from + DAY_MS);
  deepStrictEqual(Array.from(openTime, clock), [
    "00:00",
    "04:00",
    "08:00",
    "12:00",
    "16:00",
    "20:00",
  ]);
  deepStrictEqual(availableAt, openTime.map((time) => time + H4_MS));
  deepStrictEqual(tradableAt, openTime);
  const daily = expectedBars("crypto", "daily", from, from + DAY_MS);
  deepStrictEqual(Array.from(daily.openTime, formatDate), ["2024-12-25"]);
  deepStrictEqual(daily.availableAt, daily.openTime.map((time) => time + DAY_MS));
  strictEqual(expectedBars("crypto", "h4", from, from).openTime.length, 0);
});

Deno.test("FR-012 every expected equity bar trades inside its session", () => {
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 40 }), timeframes, (from, days, timeframe) => {
      const to = Math.min(from + days * DAY_MS, END);
      const { openTime, availableAt, tradableAt } = expectedBars("equity", timeframe, from, to);
      for (const [i, time] of openTime.entries()) {
        const { open, close } = sessionOn(floorToGrid(time, "daily"))!;
        ok(time >= from && time < to && floorToGrid(time, timeframe) === time);
        ok(tradableAt[i]! >= open && availableAt[i]! <= close && tradableAt[i]! < availableAt[i]!);
        ok(i === 0 || openTime[i - 1]! < time);
      }
    }),
    seeded,
  );
});

Deno.test("FR-012 expected equity bars cover every session exactly once", () => {
  for (const timeframe of ["h4", "daily"] as const) {
    const { availableAt, tradableAt } = expectedBars("equity", timeframe, FIRST, END);
    const traded = availableAt.reduce((total, time, i) => total + time - tradableAt[i]!, 0);
    const held = sessionsBetween(FIRST, END).reduce(
      (sum, { open, close }) => sum + close - open,
      0,
    );
    strictEqual(traded, held);
  }
});
