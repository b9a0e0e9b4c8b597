import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS, H4_MS, HOUR_MS } from "../core/bars.ts";
import { formatDate, parseDate } from "../core/clock.ts";
import { bestMonth, dailyMarks, monthlyReturns, positiveMonths, worstMonth } from "./monthly.ts";

const start = parseDate("2024-01-30");
const columns = (...marks: [number, number][]) => ({
  times: Float64Array.from(marks, ([time]) => time),
  nav: Float64Array.from(marks, ([, nav]) => nav),
});

Deno.test("FR-059 daily NAV is the last value at or before 00:00 UTC, with the first and the last mark", () => {
  const { times, nav } = columns(
    [start + 4 * HOUR_MS, 100],
    [start + 20 * HOUR_MS, 101],
    [start + 2 * DAY_MS, 103],
    [start + 2 * DAY_MS + 4 * HOUR_MS, 104],
  );
  deepStrictEqual(
    dailyMarks(times, nav),
    columns(
      [start + 4 * HOUR_MS, 100],
      [start + DAY_MS, 101],
      [start + 2 * DAY_MS, 103],
      [start + 2 * DAY_MS + 4 * HOUR_MS, 104],
    ),
  );
});

Deno.test("FR-059 marks at session closes replace those at midnight", () => {
  const { times, nav } = columns([start, 100], [start + 20 * HOUR_MS, 99], [start + DAY_MS, 98]);
  const at = Float64Array.of(start - DAY_MS, start + 21 * HOUR_MS, start + 3 * DAY_MS);
  deepStrictEqual(
    dailyMarks(times, nav, { at }),
    columns([start, 100], [start + 21 * HOUR_MS, 99], [start + DAY_MS, 98]),
  );
});

Deno.test("FR-059 daily marks of nothing are nothing, of one mark that mark", () => {
  deepStrictEqual(dailyMarks(new Float64Array(), new Float64Array()), columns());
  deepStrictEqual(dailyMarks(Float64Array.of(start), Float64Array.of(7)), columns([start, 7]));
});

Deno.test("FR-059 a mark at 00:00 on the 1st ends the month before", () => {
  const { times, nav } = columns(
    [start, 100],
    [parseDate("2024-02-01"), 110],
    [parseDate("2024-02-15"), 50],
    [parseDate("2024-03-01"), 99],
    [parseDate("2024-05-02"), 198],
  );
  const months = monthlyReturns(times, nav);
  deepStrictEqual(months, [
    { month: "2024-01", return: 110 / 100 - 1 },
    { month: "2024-02", return: 99 / 110 - 1 },
    { month: "2024-03", return: 0 },
    { month: "2024-04", return: 0 },
    { month: "2024-05", return: 1 },
  ]);
  strictEqual(bestMonth(months), 1);
  strictEqual(worstMonth(months), 99 / 110 - 1);
  strictEqual(positiveMonths(months), 0.4);
});

Deno.test("FR-059 a month that begins with nothing left has no return", () => {
  const { times, nav } = columns([start, 100], [parseDate("2024-02-01"), 0], [
    parseDate("2024-02-02"),
    0,
  ]);
  const months = monthlyReturns(times, nav);
  deepStrictEqual(months.map((month) => month.return), [-1, null]);
  strictEqual(bestMonth(months), -1);
  deepStrictEqual(monthlyReturns(times.subarray(0, 1), nav.subarray(0, 1)), []);
  strictEqual(bestMonth([]), null);
  strictEqual(worstMonth([]), null);
  strictEqual(positiveMonths([]), null);
});

Deno.test("FR-010 months are those of the UTC calendar and compound to the whole", () => {
  const day = fc.integer({ min: parseDate("1899-12-30") / DAY_MS, max: 60_000 });
  const values = fc.array(fc.double({ min: 1, max: 9, noNaN: true }), {
    minLength: 2,
    maxLength: 400,
  });
  fc.assert(
    fc.property(day, values, (first, navs) => {
      const times = Float64Array.from(navs, (_, i) => first * DAY_MS + i * H4_MS);
      const months = monthlyReturns(times, Float64Array.from(navs));
      const named = [...times.subarray(1)].map((time) => formatDate(time - 1).slice(0, 7));
      deepStrictEqual(months.map(({ month }) => month), [...new Set(named)]);
      const growth = months.reduce((product, month) => product * (1 + month.return!), 1);
      const whole = navs.at(-1)! / navs[0]!;
      strictEqual(Math.abs(growth - whole) <= 1e-12 * whole, true);
    }),
    { seed: 1 },
  );
});
