import { strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { HOUR_MS } from "./bars.ts";
import { formatTime, parseDate } from "./clock.ts";
import { newYorkMoment, newYorkOffsetMs } from "./new_york.ts";

const zone = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/New_York",
  timeZoneName: "longOffset",
});

/** Offset by the time zone database of the runtime. */
function databaseOffsetMs(time: number): number {
  const name = zone.formatToParts(time).find(({ type }) => type === "timeZoneName")!.value;
  return Number(name.slice(3, 6)) * HOUR_MS;
}

function offsetHours(moment: string): number {
  return newYorkOffsetMs(Date.parse(moment)) / HOUR_MS;
}

Deno.test("FR-012 New York's clocks change at 02:00 on the Sundays of the law in force", () => {
  const changes = [
    ["2006-04-02T06:59:59Z", -5],
    ["2006-04-02T07:00:00Z", -4],
    ["2006-10-29T05:59:59Z", -4],
    ["2006-10-29T06:00:00Z", -5],
    ["2020-03-08T06:59:59Z", -5],
    ["2020-03-08T07:00:00Z", -4],
    ["2020-11-01T05:59:59Z", -4],
    ["2020-11-01T06:00:00Z", -5],
  ] as const;
  for (const [moment, hours] of changes) strictEqual(offsetHours(moment), hours, moment);
});

Deno.test("FR-012 New York's offset equals the time zone database at any moment 1987-2035", () => {
  const moments = fc.integer({ min: parseDate("1987-01-01"), max: parseDate("2035-12-31") });
  fc.assert(
    fc.property(moments, (time) => newYorkOffsetMs(time) === databaseOffsetMs(time)),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("FR-012 New York's offset equals the time zone database at every noon 1993-2035", () => {
  for (let day = parseDate("1993-01-01"); day < parseDate("2036-01-01"); day += 24 * HOUR_MS) {
    const noon = day + 12 * HOUR_MS;
    strictEqual(newYorkOffsetMs(noon), databaseOffsetMs(noon), formatTime(noon));
  }
});

Deno.test("FR-010 a New York time becomes its UTC moment in winter, summer and switch nights", () => {
  const moment = (date: string, hour: number) =>
    formatTime(newYorkMoment(parseDate(date), hour * 60));
  strictEqual(moment("2024-01-02", 9.5), "2024-01-02T14:30:00Z");
  strictEqual(moment("2024-07-01", 9.5), "2024-07-01T13:30:00Z");
  strictEqual(moment("2024-07-01", 22), "2024-07-02T02:00:00Z");
  strictEqual(moment("2024-03-10", 1.5), "2024-03-10T06:30:00Z");
  strictEqual(moment("2024-03-10", 3), "2024-03-10T07:00:00Z");
  strictEqual(moment("2024-11-03", 0.5), "2024-11-03T04:30:00Z");
  strictEqual(moment("2024-11-03", 1.5), "2024-11-03T06:30:00Z"); // the second of two
  strictEqual(moment("2024-03-10", 2.5), "2024-03-10T06:30:00Z"); // skipped: 01:30 stands for it
});

Deno.test("FR-012 before the rules that are known New York's offset is refused", () => {
  throws(() => newYorkOffsetMs(parseDate("1986-12-31")), RangeError);
  throws(() => newYorkOffsetMs(NaN), RangeError);
});
