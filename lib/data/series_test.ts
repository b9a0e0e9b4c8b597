import { deepStrictEqual, rejects } from "node:assert/strict";
import { parseDate } from "../core/clock.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { type Publications, readSeries, writeSeries } from "./series.ts";

const description = { source: "made by hand", licence: "none" };
const times = (...texts: string[]) => Float64Array.from(texts, (text) => Date.parse(text));

const yields: Publications = {
  date: times("2020-01-02", "2020-01-03", "2020-01-06"),
  availableAt: times("2020-01-03T22:00Z", "2020-01-06T22:00Z", "2020-01-07T22:00Z"),
  values: { DGS2: Float64Array.of(1.5, NaN, 1.6), DGS10: Float64Array.of(1.9, 1.8, 1.7) },
};

Deno.test("FR-004 a series says when each observation was published, and a missing value is none", () =>
  inTestFolder(async (root) => {
    await writeSeries(root, "yield_curve", yields, description);
    const { DGS2, DGS10 } = await readSeries(root, "yield_curve");
    deepStrictEqual(DGS2, {
      name: "yield_curve.DGS2",
      date: times("2020-01-02", "2020-01-06"),
      availableAt: times("2020-01-03T22:00Z", "2020-01-07T22:00Z"),
      value: Float64Array.of(1.5, 1.6),
    });
    deepStrictEqual(DGS10!.value, yields.values.DGS10);
  }));

Deno.test("FR-034 VIX is known 15 minutes after the session's close, and never of a day without session", () =>
  inTestFolder(async (root) => {
    const vix = {
      // A summer day, Independence Day observed, a half day, a winter day; and a day before the calendar.
      date: times("1990-01-02", "2020-07-02", "2020-07-03", "2020-11-27", "2020-12-01"),
      values: { close: Float64Array.of(17, 27, 28, 20, 21) },
    };
    await writeSeries(root, "vix", vix, description);
    const { close } = await readSeries(root, "vix");
    deepStrictEqual(close!.date, times("2020-07-02", "2020-11-27", "2020-12-01"));
    deepStrictEqual(
      close!.availableAt,
      times("2020-07-02T20:15Z", "2020-11-27T18:15Z", "2020-12-01T21:15Z"),
    );
    deepStrictEqual(close!.value, Float64Array.of(27, 20, 21));
  }));

Deno.test("FR-036 a series without a file has no column", () =>
  inTestFolder(async (root) => deepStrictEqual(await readSeries(root, "pmi"), {})));

const { availableAt: _, ...unpublished } = yields;
const broken: readonly [title: string, rows: Publications, message: RegExp][] = [
  ["no time of publication", unpublished, /columns: found no available_at, expected one/],
  [
    "dates out of order",
    { ...yields, date: yields.date.toReversed() },
    /row 1, column date: found 2020-01-03T00:00:00Z, expected a time after row 0/,
  ],
  [
    "publication out of order",
    { ...yields, availableAt: yields.availableAt!.toReversed() },
    /row 1, column available_at: found 2020-01-06T22:00:00Z, expected a time after row 0/,
  ],
  [
    "known before its date",
    { ...yields, availableAt: times("2020-01-01", "2020-01-06", "2020-01-07") },
    /row 0, column available_at: found 2020-01-01T00:00:00Z, expected 2020-01-02T00:00:00Z or later/,
  ],
  [
    "an infinite value",
    { ...yields, values: { DGS2: Float64Array.of(1, Infinity, 1) } },
    /row 1, column DGS2: found Infinity, expected a finite number/,
  ],
  [
    "no row",
    { date: times(), availableAt: times(), values: {} },
    /whole file: found no row/,
  ],
];

for (const [title, rows, message] of broken) {
  Deno.test(`FR-004 a series is refused: ${title}`, () =>
    inTestFolder(async (root) => {
      await writeSeries(root, "yield_curve", rows, description);
      await rejects(readSeries(root, "yield_curve"), { name: "Refusal", message });
    }));
}

Deno.test("FR-010 a reference date means 00:00 UTC", () =>
  inTestFolder(async (root) => {
    await writeSeries(root, "yield_curve", yields, description);
    const { DGS10 } = await readSeries(root, "yield_curve");
    deepStrictEqual(DGS10!.date[0], parseDate("2020-01-02"));
  }));
