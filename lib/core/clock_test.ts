import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { fixedClock, formatDate, formatTime, parseDate, parseTime } from "./clock.ts";
import { calendarDate, utcDate } from "./weekdays.ts";

Deno.test("FR-010 dates and times are written and read in UTC", () => {
  strictEqual(parseDate("1970-01-01"), 0);
  strictEqual(parseDate("2024-02-29"), Date.UTC(2024, 1, 29));
  strictEqual(formatDate(Date.UTC(2021, 10, 10, 23, 59)), "2021-11-10");
  strictEqual(formatTime(Date.UTC(2021, 10, 10, 4, 5, 6)), "2021-11-10T04:05:06Z");
  strictEqual(formatTime(Date.UTC(2021, 10, 10, 4, 5, 6, 7)), "2021-11-10T04:05:06.007Z");
});

Deno.test("FR-010 a date that the calendar lacks is refused", () => {
  for (const text of ["2023-02-29", "2023-13-01", "2023-1-1", "20230101", "", "2023-04-31"]) {
    throws(() => parseDate(text), { name: "RangeError", message: /YYYY-MM-DD/ });
  }
});

Deno.test("FR-010 own calendar arithmetic equals the platform's for the years 0 to 9999", () => {
  const anyTime = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });
  fc.assert(
    fc.property(anyTime, (time) => {
      const date = new Date(time);
      strictEqual(formatTime(time), date.toISOString().replace(".000Z", "Z"));
      strictEqual(parseTime(formatTime(time)), time);
      const { year, month, day } = calendarDate(time);
      deepStrictEqual([year, month, day], [
        date.getUTCFullYear(),
        date.getUTCMonth() + 1,
        date.getUTCDate(),
      ]);
      strictEqual(utcDate(year, month, day), Math.floor(time / 86_400_000) * 86_400_000);
    }),
    { seed: 1, numRuns: 2_000 },
  );
});

Deno.test("FR-010 a time without its zone, or not a time at all, is refused", () => {
  for (const text of ["2024-01-01", "2024-01-01T00:00:00", "2024-01-01T00:00:00+01:00", "now"]) {
    throws(() => parseTime(text), { name: "RangeError", message: /YYYY-MM-DDTHH:MM:SSZ/ });
  }
});

Deno.test("SC-008 a fixed clock stands still", () => {
  const clock = fixedClock(42);
  strictEqual(clock.now(), 42);
  strictEqual(clock.elapsed(), 0);
});
