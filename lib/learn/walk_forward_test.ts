import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS } from "../core/bars.ts";
import { formatDate, parseDate } from "../core/clock.ts";
import { walkForwardWindows } from "./walk_forward.ts";

const january = { start: parseDate("2024-01-01"), end: parseDate("2024-01-10") };

function told(options: Parameters<typeof walkForwardWindows>[0]): string[] {
  return walkForwardWindows(options).map(({ train, test }) =>
    [train.start, train.end, test.start, test.end].map((date) => formatDate(date).slice(8))
      .join(" ")
  );
}

Deno.test("AI-9 walkForwardWindows() rolls on with training of equal length, the last test cut off by the end", () => {
  const options = { ...january, trainDays: 4, testDays: 4, anchored: false };
  deepStrictEqual(told(options), ["01 04 05 08", "05 08 09 10"]);
});

Deno.test("AI-9 walkForwardWindows() makes no window of less than half a test: the one before goes on to the end", () => {
  const options = { ...january, trainDays: 4, anchored: false };
  deepStrictEqual(told({ ...options, testDays: 5 }), ["01 04 05 10"]);
  deepStrictEqual(told({ ...options, testDays: 2 }), ["01 04 05 06", "03 06 07 08", "05 08 09 10"]);
  // Alone or apart it stays.
  deepStrictEqual(told({ ...options, testDays: 20 }), ["01 04 05 10"]);
  deepStrictEqual(told({ ...options, testDays: 3, stepDays: 5 }), ["01 04 05 07", "06 09 10 10"]);
});

Deno.test("AI-9 walkForwardWindows() anchored trains on everything so far", () => {
  const options = { ...january, trainDays: 4, testDays: 3, anchored: true };
  deepStrictEqual(told(options), ["01 04 05 07", "01 07 08 10"]);
});

Deno.test("AI-9 walkForwardWindows() may step over days", () => {
  const options = { ...january, trainDays: 2, testDays: 1, stepDays: 4, anchored: false };
  deepStrictEqual(told(options), ["01 02 03 03", "05 06 07 07"]);
});

Deno.test("AI-9 walkForwardWindows() has none where training takes every day", () => {
  deepStrictEqual(told({ ...january, trainDays: 10, testDays: 1, anchored: false }), []);
  strictEqual(told({ ...january, trainDays: 9, testDays: 1, anchored: false }).length, 1);
});

Deno.test("AI-9 walkForwardWindows() refuses days that make no walk", () => {
  const options = { ...january, trainDays: 4, testDays: 4, anchored: false };
  throws(() => told({ ...options, trainDays: 0 }), /whole number of days from 1, found 0/);
  throws(() => told({ ...options, testDays: 1.5 }), /whole number of days from 1, found 1.5/);
  throws(() => told({ ...options, stepDays: 3 }), /the 4 days of a test.*found 3/);
  throws(() => told({ ...options, end: january.end + 1 }), /days of 00:00 UTC/);
});

Deno.test("AI-9 walkForwardWindows() tests every day after the first training once, always after its training", () => {
  const days = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(days, days, fc.integer({ min: 1, max: 300 }), fc.boolean(), (...drawn) => {
      const [trainDays, testDays, length, anchored] = drawn;
      const end = january.start + (length - 1) * DAY_MS;
      const windows = walkForwardWindows({ ...january, end, trainDays, testDays, anchored });
      let next = january.start + trainDays * DAY_MS;
      for (const { train, test } of windows) {
        strictEqual(test.start, next);
        strictEqual(train.end, test.start - DAY_MS);
        strictEqual(train.start, anchored ? january.start : test.start - trainDays * DAY_MS);
        const tested = (test.end - test.start) / DAY_MS + 1;
        ok(2 * tested >= testDays && tested < 1.5 * testDays || windows.length === 1);
        next = test.end + DAY_MS;
      }
      strictEqual(next, Math.max(end + DAY_MS, january.start + trainDays * DAY_MS));
    }),
    { seed: 1 },
  );
});
