import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { parseTime } from "./clock.ts";
import { parseHttpDate, parseRfc3339, retryAfterMs } from "./http_time.ts";

const seconds = fc.integer({ min: 0, max: 4_000_000_000 });

Deno.test("FR-010 parseHttpDate() reads what servers write, and nothing else", () => {
  const time = parseTime("1994-11-06T08:49:37Z");
  strictEqual(parseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), time);
  for (
    const text of ["Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "", null]
  ) {
    strictEqual(parseHttpDate(text), undefined);
  }
  fc.assert(
    fc.property(seconds, (s) => parseHttpDate(new Date(s * 1_000).toUTCString()) === s * 1_000),
    {
      seed: 1,
    },
  );
});

Deno.test("FR-010 parseRfc3339() turns zones into UTC and refuses times without one", () => {
  const noon = parseTime("2024-03-01T12:00:00Z");
  for (const text of ["2024-03-01T12:00:00Z", "2024-03-01T12:00:00.000000001Z"]) {
    strictEqual(parseRfc3339(text), noon);
  }
  strictEqual(parseRfc3339("2024-03-01T07:00:00-05:00"), noon);
  strictEqual(parseRfc3339("2024-03-01T17:30:00+05:30"), noon);
  strictEqual(parseRfc3339("2024-03-01T07:00:00.25-05:00"), noon + 250);
  strictEqual(parseRfc3339("2024-03-01T12:00:00.123999999Z"), noon + 123);
  for (const text of ["2024-03-01T12:00:00", "2024-03-01", "2024-03-01 12:00:00Z"]) {
    strictEqual(parseRfc3339(text), NaN);
  }
});

Deno.test("FR-006 retryAfterMs() takes seconds, and dates from the server's time on", () => {
  const now = parseTime("2024-06-28T12:00:00Z");
  const wait = (value?: string) =>
    retryAfterMs(new Headers(value === undefined ? {} : { "retry-after": value }), now);
  deepStrictEqual(
    ["120", "0", "Fri, 28 Jun 2024 12:00:30 GMT", "Fri, 28 Jun 2024 11:00:00 GMT"].map(wait),
    [120_000, 0, 30_000, 0],
  );
  deepStrictEqual([wait(), wait(""), wait("soon"), wait("-5")], Array(4).fill(undefined));
});
