import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS } from "../../core/bars.ts";
import { formatDate, parseDate, parseTime } from "../../core/clock.ts";
import { timeTicks } from "./time_axis.ts";

const labelsOf = (start: string, end: string, most: number) => {
  const ticks = timeTicks(parseTime(start), parseTime(end), most);
  return ticks.values.map((time) => ticks.label(time));
};

Deno.test("timeTicks() marks years, months, days or hours, whatever fits, in UTC", () => {
  deepStrictEqual(labelsOf("2020-01-01T00:00:00Z", "2025-01-01T00:00:00Z", 8), [
    ...["2020", "2021", "2022", "2023", "2024", "2025"],
  ]);
  deepStrictEqual(labelsOf("2023-11-15T00:00:00Z", "2024-03-10T00:00:00Z", 6), [
    ...["Dec\n2023", "Jan\n2024", "Feb", "Mar"],
  ]);
  deepStrictEqual(labelsOf("2024-02-27T00:00:00Z", "2024-03-02T00:00:00Z", 5), [
    ...["27 Feb\n2024", "28 Feb", "29 Feb", "1 Mar", "2 Mar"],
  ]);
  deepStrictEqual(labelsOf("2024-01-01T16:00:00Z", "2024-01-02T00:00:00Z", 4), [
    ...["16:00\n1 Jan 2024", "20:00", "00:00\n2 Jan"],
  ]);
});

Deno.test("timeTicks() stays inside any range with hardly more ticks than wanted", () => {
  const start = parseDate("1999-12-17");
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20_000 }),
      fc.integer({ min: 2, max: 12 }),
      (days, most) => {
        const end = start + days * DAY_MS;
        const { values, label } = timeTicks(start, end, most);
        ok(values.length <= most + 2, `${values.length} ticks for ${days} days`);
        ok(values.every((time) => time >= start && time <= end && label(time).length > 0));
        ok(values.every((time) => formatDate(time).length === 10));
      },
    ),
    { seed: 1 },
  );
});

Deno.test("timeTicks() counts weeks from Mondays", () => {
  deepStrictEqual(labelsOf("2024-01-01T00:00:00Z", "2024-01-31T00:00:00Z", 6), [
    ...["1 Jan\n2024", "8 Jan", "15 Jan", "22 Jan", "29 Jan"],
  ]);
});
