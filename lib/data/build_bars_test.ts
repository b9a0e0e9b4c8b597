import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { DAY_MS, HOUR_MS } from "../core/bars.ts";
import { expectedBars } from "../core/calendar.ts";
import { formatTime, parseDate, parseTime } from "../core/clock.ts";
import { btc, spy } from "./bar_fixtures.ts";
import { barBuilder, buildBars } from "./build_bars.ts";
import { candleAt, candles } from "./source_fixtures.ts";

const MINUTE_MS = 60_000;
const later = { now: parseDate("2040-01-01") };
const opens = (times: Float64Array) => Array.from(times, formatTime);

Deno.test("FR-011 a coin's hours of 00, 04 … make one H4 bar: first open, extremes, last close, summed volume", () => {
  const start = parseDate("2024-01-01");
  const { bars } = buildBars(btc, "h4", candles(start, start + DAY_MS, HOUR_MS), later);
  deepStrictEqual(opens(bars.openTime).map((text) => text.slice(11, 13)), [
    ...["00", "04", "08", "12", "16", "20"],
  ]);
  deepStrictEqual([bars.open[1], bars.close[1], bars.high[1], bars.low[1], bars.volume[1]], [
    candleAt(start + 4 * HOUR_MS).open,
    candleAt(start + 7 * HOUR_MS).close,
    candleAt(start + 7 * HOUR_MS).high,
    candleAt(start + 4 * HOUR_MS).low,
    40,
  ]);
  strictEqual(bars.availableAt[1], start + 8 * HOUR_MS);
});

Deno.test("FR-012 every holiday, half day and change of clocks from 2000 to 2035 gives exactly the H4 bars of an independent table", async () => {
  const text = await readFile(new URL("./testdata/new_york_days.csv", import.meta.url), "utf8");
  const days = text.trim().split("\n").filter((line) => !line.startsWith("#"));
  ok(days.length > 500);
  for (const line of days) {
    const [date, , list] = line.split(",") as [string, string, string];
    const day = parseDate(date);
    // Half hours around the clock: what is not of the regular session must not come in.
    const { bars } = buildBars(spy, "h4", candles(day, day + DAY_MS, 30 * MINUTE_MS), later);
    const found = Array.from(bars.openTime, (time, row) => ({
      open: time,
      first: bars.open[row],
      close: bars.close[row],
      availableAt: bars.availableAt[row],
    }));
    const at = (clock: string) =>
      day + Number(clock.slice(0, 2)) * HOUR_MS + Number(clock.slice(2)) * MINUTE_MS;
    const expected = list.split(" ").filter((bar) => bar !== "").map((bar) => {
      const [, hour, from, to] = /^(\d\d):(\d{4})-(\d{4})$/.exec(bar)!;
      return {
        open: at(`${hour}00`),
        first: candleAt(at(from!)).open,
        close: candleAt(at(to!) - 30 * MINUTE_MS).close,
        availableAt: at(to!),
      };
    });
    deepStrictEqual(found, expected, date);
  }
});

Deno.test("FR-003 a bar is stored only when its end has come, and when the source has answered up to it", () => {
  const start = parseDate("2024-01-01");
  const hours = candles(start, start + 8 * HOUR_MS, HOUR_MS);
  const built = (now: number) => buildBars(btc, "h4", hours, { now }).bars.openTime.length;
  deepStrictEqual([7, 8].map((hour) => built(start + hour * HOUR_MS)), [1, 2]);
  const builder = barBuilder(btc, "h4", { ...later, from: start });
  builder.add({ bars: hours, doneUntil: start + 8 * HOUR_MS - 1 });
  strictEqual(builder.bars().openTime.length, 1);
  strictEqual(builder.resumeFrom(), start + 4 * HOUR_MS);
});

Deno.test("FR-004 a half day's last bar is known at its close, and the day's bar with it", () => {
  const day = parseDate("2024-11-29");
  const minutes = candles(day, day + DAY_MS, 5 * MINUTE_MS);
  const h4 = buildBars(spy, "h4", minutes, { now: parseTime("2024-11-29T18:00:00Z") }).bars;
  deepStrictEqual(opens(h4.availableAt), ["2024-11-29T16:00:00Z", "2024-11-29T18:00:00Z"]);
  const early = { now: parseTime("2024-11-29T17:59:59Z") };
  strictEqual(buildBars(spy, "daily", minutes, early).bars.openTime.length, 0);
  const daily = buildBars(spy, "daily", minutes, later).bars;
  deepStrictEqual(opens(daily.openTime), ["2024-11-29T00:00:00Z"]);
  strictEqual(daily.volume[0], 42 * 10);
});

Deno.test("FR-012 60-minute bars that start on the half hour are refused: one lies in two H4 bars", () => {
  const from = parseTime("2024-07-01T13:30:00Z");
  throws(() => buildBars(spy, "h4", candles(from, from + 6 * HOUR_MS, HOUR_MS), later), {
    name: "Refusal",
    message:
      'Cannot build h4 bars of "SPY": found a 60-minute bar from 2024-07-01T15:30:00Z across ' +
      "2024-07-01T16:00:00Z, where a new h4 bar begins, expected bars that end there, as 30-minute bars do",
  });
  const day = buildBars(spy, "daily", candles(from, from + 6 * HOUR_MS, HOUR_MS), later).bars;
  strictEqual(day.openTime.length, 1);
});

Deno.test("FR-012 bars that begin before the session opens, or end after it closes, are refused", () => {
  const from = parseTime("2024-07-01T13:00:00Z");
  throws(
    () => buildBars(spy, "h4", candles(from, from + HOUR_MS, HOUR_MS), later),
    /across 2024-07-01T13:30:00Z, where the session opens/,
  );
  const shortDay = parseTime("2024-07-03T16:30:00Z");
  throws(
    () => buildBars(spy, "daily", candles(shortDay, shortDay + HOUR_MS, HOUR_MS), later),
    /across 2024-07-03T17:00:00Z, where the session ends/,
  );
});

Deno.test("FR-009 broken rows and days without a session are left out and told, missing minutes are not noticed", () => {
  const start = parseDate("2024-01-01");
  const broken = candles(start, start + 8 * HOUR_MS, HOUR_MS, (time) => {
    const hour = (time - start) / HOUR_MS;
    if (hour === 1) return undefined;
    if (hour === 2) return { open: NaN, high: NaN, low: NaN, close: NaN };
    return hour === 3 ? { high: 1 } : {};
  });
  const { bars, leftOut } = buildBars(btc, "h4", broken, later);
  deepStrictEqual([bars.openTime.length, bars.volume[0]], [2, 10]);
  deepStrictEqual(leftOut, [{ reason: "broken prices", rows: 1, first: start + 3 * HOUR_MS }]);
  const days = buildBars(spy, "daily", candles(start, start + 7 * DAY_MS, DAY_MS), later);
  deepStrictEqual(days.bars.openTime.length, 4); // New Year's Day was a Monday
  match(days.leftOut[0]!.reason, /without a session/);
  strictEqual(days.leftOut[0]!.rows, 3);
});

Deno.test("FR-008 wherever a history is cut into pages, and wherever it is gone on with, the bars are the same", () => {
  const start = parseDate("2024-03-06"); // clocks change on the 10th
  const whole = candles(
    start,
    start + 7 * DAY_MS,
    30 * MINUTE_MS,
    (time) => (time / MINUTE_MS) % 7 === 0 ? undefined : {},
  );
  const rows = whole.openTime.length;
  const part = (from: number, to: number) => ({
    stepMs: whole.stepMs,
    openTime: whole.openTime.subarray(from, to),
    open: whole.open.subarray(from, to),
    high: whole.high.subarray(from, to),
    low: whole.low.subarray(from, to),
    close: whole.close.subarray(from, to),
    volume: whole.volume.subarray(from, to),
  });
  for (const asset of [spy, btc]) {
    const expected = buildBars(asset, "h4", whole, later).bars;
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(rows), { maxLength: 5 }), fc.nat(5), (cuts, broken) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), rows];
        let builder = barBuilder(asset, "h4", { ...later, from: start });
        for (let i = 0; i + 1 < edges.length; i++) {
          const doneUntil = whole.openTime[edges[i + 1]!] ?? start + 7 * DAY_MS;
          builder.add({ bars: part(edges[i]!, edges[i + 1]!), doneUntil });
          if (i !== broken) continue;
          const from = builder.resumeFrom();
          builder = barBuilder(asset, "h4", { ...later, from, earlier: builder.bars() });
          const again = whole.openTime.findIndex((time) => time >= from);
          builder.add({ bars: part(again < 0 ? rows : again, edges[i + 1]!), doneUntil });
        }
        deepStrictEqual(builder.bars(), expected);
      }),
      { seed: 1, numRuns: 60 },
    );
  }
});

Deno.test("FR-011 every bar of an unbroken source is one that the calendar expects, and none is missing", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 36 * 365 }),
      fc.constantFrom(1, 5, 15, 30),
      (offset, minutes) => {
        const from = parseDate("2000-01-01") + offset * DAY_MS;
        const until = Math.min(from + 3 * DAY_MS, parseDate("2035-12-31"));
        const source = candles(from, until, minutes * MINUTE_MS);
        for (const timeframe of ["h4", "daily"] as const) {
          const { openTime, availableAt } = buildBars(spy, timeframe, source, later).bars;
          const expected = expectedBars("equity", timeframe, from, Math.max(from, until));
          deepStrictEqual([openTime, availableAt], [expected.openTime, expected.availableAt]);
        }
      },
    ),
    { seed: 1, numRuns: 40 },
  );
});
