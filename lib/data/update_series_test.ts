import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { asOf, DAY_MS } from "../core/bars.ts";
import { fixedClock, parseDate } from "../core/clock.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { seriesFile } from "./places.ts";
import { readSeries, readSeriesFile, writeSeries } from "./series.ts";
import type { SeriesDownload } from "./sources/source.ts";
import { updateSeries } from "./update_series.ts";

type Told = readonly [date: string, availableAt: string, value: number];

/** A source that tells these observations of each series, whatever span is asked for. */
function telling(told: Readonly<Record<string, readonly Told[]>>): SeriesDownload {
  return {
    name: "fred",
    description: "made by hand",
    licence: "none",
    check() {},
    series(name, { from, to }) {
      const rows = (told[name] ?? []).filter(([, at]) => {
        const time = Date.parse(at);
        return time >= from && time < to;
      });
      return Promise.resolve({
        name,
        date: Float64Array.from(rows, ([date]) => parseDate(date)),
        availableAt: Float64Array.from(rows, ([, at]) => Date.parse(at)),
        value: Float64Array.from(rows, ([, , value]) => value),
      });
    },
  };
}

const on = (date: string) => ({ clock: fixedClock(parseDate(date)) });
const months: readonly Told[] = [
  ["2024-01-01", "2024-02-27T15:00Z", 0.3],
  ["2024-02-01", "2024-03-27T14:00Z", 0.6],
  ["2024-03-01", "2024-04-27T14:00Z", 0.9],
];

Deno.test("FR-008 a series is stored with its publications; asking again changes no byte", () =>
  inTestFolder(async (root) => {
    const yields = telling({
      DGS2: [["2024-01-02", "2024-01-03T23:00Z", 4.3], ["2024-01-03", "2024-01-04T23:00Z", 4.4]],
      DGS10: [["2024-01-02", "2024-01-03T23:00Z", 3.9]],
    });
    const report = await updateSeries(root, "yield_curve", yields, on("2024-02-01"));
    deepStrictEqual([report.outcome, report.added, report.rows], ["created", 2, 2]);
    const bytes = await readFile(seriesFile(root, "yield_curve"));
    const again = await updateSeries(root, "yield_curve", yields, on("2024-02-02"));
    deepStrictEqual([again.outcome, again.added], ["unchanged", 0]);
    deepStrictEqual(await readFile(seriesFile(root, "yield_curve")), bytes);
    const { DGS2, DGS10 } = await readSeries(root, "yield_curve");
    deepStrictEqual([DGS2!.value, DGS10!.value], [Float64Array.of(4.3, 4.4), Float64Array.of(3.9)]);
  }));

Deno.test("FR-004 a revision is a row of its own: before its publication the old value is seen, after it the new one", () =>
  inTestFolder(async (root) => {
    await updateSeries(root, "usrec", telling({ USREC: months }), on("2024-05-01"));
    const revised: readonly Told[] = [
      ...months,
      ["2024-03-01", "2024-05-27T14:00Z", 0.8],
      ["2024-02-01", "2024-05-28T14:00Z", 0.5],
      ["2024-04-01", "2024-05-29T14:00Z", 1],
    ];
    const report = await updateSeries(root, "usrec", telling({ USREC: revised }), on("2024-06-01"));
    deepStrictEqual([report.added, report.revisions], [1, 2]);
    const { value } = await readSeries(root, "usrec");
    const times = ["2024-05-27", "2024-05-28", "2024-05-30"].map(parseDate);
    const rows = asOf(Float64Array.from(times), value!.availableAt);
    // The revision of February, older than what was known by then, is no news of the newest month.
    deepStrictEqual([...rows].map((row) => value!.value[row]), [0.9, 0.8, 1]);
    strictEqual((await readSeriesFile(root, "usrec"))!.publications.date.length, 6);
  }));

Deno.test("FR-004 a value that changed without a new publication time counts from when it was seen", () =>
  inTestFolder(async (root) => {
    await updateSeries(root, "usrec", telling({ USREC: months }), on("2024-05-01"));
    const changed: readonly Told[] = [...months.slice(0, 2), [
      "2024-03-01",
      "2024-04-27T14:00Z",
      7,
    ]];
    const source = telling({ USREC: changed });
    const report = await updateSeries(root, "usrec", source, on("2024-06-01"));
    deepStrictEqual(report.firstRevision, {
      column: "value",
      date: parseDate("2024-03-01"),
      stored: 0.9,
      found: 7,
    });
    const { value } = await readSeries(root, "usrec");
    deepStrictEqual(value!.availableAt.at(-1), parseDate("2024-06-01"));
    strictEqual((await updateSeries(root, "usrec", source, on("2024-06-02"))).outcome, "unchanged");
  }));

Deno.test("FR-036 the stand-in for a PMI is 50 + 10 times the mean of three months as known at the time", () =>
  inTestFolder(async (root) => {
    await updateSeries(root, "pmi", telling({ CFNAI: months }), on("2024-05-01"));
    const { value } = await readSeries(root, "pmi");
    deepStrictEqual([...value!.value], [56]);
    const revised: readonly Told[] = [
      ...months,
      ["2024-03-01", "2024-05-27T14:00Z", 0],
      ["2024-04-01", "2024-05-27T14:00Z", 0],
    ];
    await updateSeries(root, "pmi", telling({ CFNAI: revised }), on("2024-06-01"));
    const later = (await readSeries(root, "pmi")).value!;
    deepStrictEqual([...later.value], [56, 53, 52]);
  }));

Deno.test("FR-034 the bundled macro files are extended, and what is in them stays to the byte", () =>
  inTestFolder(async (root) => {
    const bundled = fileURLToPath(new URL("../../data/", import.meta.url));
    await mkdir(dirname(seriesFile(root, "vix")), { recursive: true });
    for (const name of ["vix", "pmi", "yield_curve"]) {
      await copyFile(seriesFile(bundled, name), seriesFile(root, name));
    }
    const before = await readFile(seriesFile(root, "vix"));
    const source = telling({
      VIXCLS: [["2025-01-02", "2025-01-02T21:15Z", 17.93], ["2024-12-31", "2024-12-31T21:15Z", 1]],
      CFNAI: [["2025-01-01", "2025-02-27T15:00Z", 0.1]],
      DGS2: [["2025-01-02", "2025-01-03T23:00Z", 4.25]],
      DGS10: [["2025-01-02", "2025-01-03T23:00Z", 4.57]],
    });
    const nothing = telling({});
    strictEqual((await updateSeries(root, "vix", nothing, on("2025-03-01"))).outcome, "unchanged");
    deepStrictEqual(await readFile(seriesFile(root, "vix")), before);
    const vix = await updateSeries(root, "vix", source, on("2025-03-01"));
    deepStrictEqual([vix.added, vix.notes.length], [1, 1]);
    const { close } = await readSeries(root, "vix");
    deepStrictEqual(close!.availableAt.at(-1), Date.parse("2025-01-02T21:15Z"));
    ok(close!.value.at(-2)! > 10); // the last day of 2024 as it was
    for (const name of ["pmi", "yield_curve"]) {
      const old = await readSeries(bundled, name);
      strictEqual((await updateSeries(root, name, nothing, on("2025-03-01"))).outcome, "unchanged");
      strictEqual((await updateSeries(root, name, source, on("2025-03-01"))).added, 1);
      for (const [column, series] of Object.entries(await readSeries(root, name))) {
        deepStrictEqual(series.value.slice(0, -1), old[column]!.value, `${name}.${column}`);
      }
    }
  }));

Deno.test("FR-006 an unknown series and one without observations are refused in one line", () =>
  inTestFolder(async (root) => {
    await rejects(updateSeries(root, "vixx", telling({}), on("2024-05-01")), {
      name: "Refusal",
      message: /^found the series "vixx" \(did you mean "vix"\?\), expected one of pmi, usrec, /,
    });
    await rejects(
      updateSeries(root, "constructor", telling({}), on("2024-05-01")),
      /expected one of/,
    );
    await rejects(
      updateSeries(root, "vix", telling({}), on("2024-05-01")),
      /found no observation since 1993-02-01, expected at least one/,
    );
  }));

Deno.test("FR-003 whatever is published in whatever order, a decision sees the newest date with its newest value by then", () =>
  inTestFolder(async (root) => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(9), fc.nat(60), fc.nat(99)), { minLength: 1, maxLength: 30 }),
        async (raw) => {
          // Dates of consecutive days; whatever comes first about a date comes in order of dates.
          const told = raw.map(([day, delay, value]) => ({ day, at: day + 1 + delay, value }))
            .sort((a, b) => a.at - b.at || a.day - b.day);
          let newest = -1;
          const seen = new Set<string>();
          const days = new Set<number>();
          const valid = told.filter(({ day, at }) => {
            const isRevision = days.has(day);
            if ((!isRevision && day < newest) || seen.has(`${day}/${at}`)) return false;
            newest = Math.max(newest, day);
            days.add(day);
            seen.add(`${day}/${at}`);
            return true;
          });
          const start = parseDate("2024-01-01");
          const name = `made${round++}`;
          await writeSeries(root, name, {
            date: Float64Array.from(valid, ({ day }) => start + day * DAY_MS),
            availableAt: Float64Array.from(valid, ({ at }) => start + at * DAY_MS),
            values: { value: Float64Array.from(valid, ({ value }) => value) },
          }, { source: "", licence: "" });
          const { value } = await readSeries(root, name);
          for (let time = 0; time <= 72; time++) {
            const known = valid.filter(({ at }) => at <= time);
            const last = known.filter(({ day }) => day === Math.max(...known.map((one) => one.day)))
              .at(-1)?.value;
            const [row] = asOf(Float64Array.of(start + time * DAY_MS), value!.availableAt);
            strictEqual(value!.value[row!], last);
          }
        },
      ),
      { seed: 1, numRuns: 40 },
    );
  }));

Deno.test("FR-004 a row about an older date that was never published before is refused", () =>
  inTestFolder(async (root) => {
    const rows = {
      date: Float64Array.of(3, 2).map((day) => day * DAY_MS),
      availableAt: Float64Array.of(5, 6).map((day) => day * DAY_MS),
      values: { value: Float64Array.of(1, 2) },
    };
    await writeSeries(root, "pmi", rows, { source: "", licence: "" });
    await rejects(readSeries(root, "pmi"), /row 1, column date: found 1970-01-03T00:00:00Z/);
    const twice = {
      ...rows,
      date: rows.date.map(() => 2 * DAY_MS),
      availableAt: rows.date.map(() => 5 * DAY_MS),
    };
    await writeSeries(root, "pmi", twice, { source: "", licence: "" });
    await rejects(readSeries(root, "pmi"), (error: Error) => {
      match(error.message, /again, expected one row for each date and publication/);
      return true;
    });
  }));
