import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  asOf,
  type Bars,
  DAY_MS,
  gridMs,
  H4_MS,
  lowerBound,
  PRICE_COLUMNS,
  sliceBars,
  upperBound,
} from "./bars.ts";

const of = (...values: number[]) => Float64Array.of(...values);

Deno.test("FR-004 asOf() uses a daily bar only once its day has closed", () => {
  const rows = asOf(of(8, 12, 16, 20), of(16));
  deepStrictEqual(rows, Int32Array.of(-1, -1, 0, 0));
});

Deno.test("FR-003 of several bars known at once the newest is seen, at its very moment", () => {
  deepStrictEqual(asOf(of(1, 2, 3), of(2, 2, 3)), Int32Array.of(-1, 1, 2));
  deepStrictEqual(asOf(of(5), of()), Int32Array.of(-1));
  deepStrictEqual(asOf(of(), of(1)), Int32Array.of());
});

Deno.test("FR-003 bounds are first rows: at or after, and after", () => {
  const times = of(10, 20, 20, 30);
  deepStrictEqual([5, 10, 20, 21, 31].map((time) => lowerBound(times, time)), [0, 0, 1, 3, 4]);
  deepStrictEqual([5, 10, 20, 21, 31].map((time) => upperBound(times, time)), [0, 1, 3, 3, 4]);
  strictEqual(lowerBound(of(), 1), 0);
});

const ascending = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 20 })
  .map((times) => Float64Array.from(times).sort());

Deno.test("FR-003 asOf() never shows a row before its time, and always the newest by then", () => {
  fc.assert(
    fc.property(ascending, ascending, (decisions, availableAt) => {
      const rows = asOf(decisions, availableAt);
      decisions.forEach((time, i) => {
        strictEqual(rows[i], availableAt.filter((known) => known <= time).length - 1);
        strictEqual(rows[i], upperBound(availableAt, time) - 1);
      });
    }),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("FR-003 what was known at a decision does not change with what comes later", () => {
  fc.assert(
    fc.property(ascending, ascending, fc.nat(20), (decisions, availableAt, rows) => {
      const now = decisions[decisions.length - 1] ?? 0;
      const early = availableAt.filter((time, row) => row < rows || time <= now);
      deepStrictEqual(asOf(decisions, early), asOf(decisions, availableAt));
    }),
    { seed: 1, numRuns: 200 },
  );
});

Deno.test("FR-001 a slice shows the same rows of every column and shares their memory", () => {
  const column = (first: number) => of(first, first + 1, first + 2);
  const bars: Bars = {
    symbol: "SPY",
    timeframe: "h4",
    openTime: column(0),
    availableAt: column(10),
    open: column(20),
    high: column(30),
    low: column(40),
    close: column(50),
    volume: column(60),
  };
  const slice = sliceBars(bars, 1, 3);
  strictEqual(slice.symbol, "SPY");
  strictEqual(slice.timeframe, "h4");
  for (const name of ["openTime", "availableAt", ...PRICE_COLUMNS] as const) {
    deepStrictEqual([...slice[name]], [...bars[name]].slice(1));
    strictEqual(slice[name].buffer, bars[name].buffer);
  }
});

Deno.test("FR-011 a grid step is four hours or a day", () => {
  strictEqual(gridMs("h4"), 4 * 3_600_000);
  strictEqual(gridMs("h4"), H4_MS);
  strictEqual(gridMs("daily"), DAY_MS);
});
