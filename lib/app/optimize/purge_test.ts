import { strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS } from "../../core/bars.ts";
import { overlapsOf } from "../../learn/overlaps.ts";
import { combinatorialPurged, type Intervals } from "../../learn/splits.ts";
import { neededPurge } from "./purge.ts";

const midnights = (days: number) => Float64Array.from({ length: days + 1 }, (_, i) => i * DAY_MS);

/** Days on each of which only what opened on it was held, for so many days. */
function heldFor(lengths: readonly number[], marks: Float64Array): Intervals {
  return {
    start: marks.slice(0, -1).map((time) => time + 1),
    end: Float64Array.from(lengths, (length, day) => marks[day]! + length * DAY_MS),
  };
}

Deno.test("FR-045 what is never held over midnight needs no purge, and what is held needs the days it reaches into", () => {
  const marks = midnights(6);
  const purge = (...lengths: readonly number[]) => neededPurge(heldFor(lengths, marks), marks);
  strictEqual(purge(1, 1, 1, 1, 1, 1), 0);
  strictEqual(purge(1, 1.5, 1, 1, 1, 1), 1);
  strictEqual(purge(1, 2, 1, 1, 1, 1), 1);
  strictEqual(purge(1, 3.01, 1, 1, 1, 1), 3);
  strictEqual(purge(1, 1, 1, 1, 1, 9), 0, "no day is left that it could reach into");
});

Deno.test("FR-045 a purge over a weekend without marks is counted in days of the calendar", () => {
  // Friday, then Monday: one position from one into the other.
  const marks = Float64Array.of(0, DAY_MS, 4 * DAY_MS, 5 * DAY_MS);
  const held = {
    start: Float64Array.of(1, 1, 4 * DAY_MS + 1),
    end: Float64Array.of(4.5 * DAY_MS, 4.5 * DAY_MS, 5 * DAY_MS),
  };
  strictEqual(neededPurge(held, marks), 4);
});

Deno.test("FR-045 property: a purge as it is needed leaves no overlap on any split, and no shorter one does for all", () => {
  const days = 14;
  const marks = midnights(days);
  const spans = fc.array(
    fc.record({ from: fc.nat(days - 1), length: fc.integer({ min: 1, max: 5 }) }),
    {
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(spans, (drawn) => {
      const start = marks.slice(0, days).map((time) => time + 1);
      const end = marks.slice(1);
      for (const { from, length } of drawn) {
        const to = Math.min(from + length, days);
        for (let day = from; day < to; day++) {
          start[day] = Math.min(start[day]!, marks[from]! + 1);
          end[day] = Math.max(end[day]!, marks[to]!);
        }
      }
      const held = { start, end };
      const overlaps = (purge: number) => {
        const purged = {
          start: marks.slice(0, days).map((time) => time + 1),
          end: marks.slice(1).map((time) => time + purge * DAY_MS),
        };
        // A fold for each day: the test may lie anywhere.
        return combinatorialPurged(purged, { folds: days, testFolds: 1, embargoMs: 0 })
          .reduce((sum, split) => sum + overlapsOf(split, held).samples, 0);
      };
      const needed = neededPurge(held, marks);
      strictEqual(overlaps(needed), 0);
      if (needed > 0) strictEqual(overlaps(needed - 1) > 0, true);
    }),
    { seed: 45, numRuns: 200 },
  );
});
