import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { pick, thin } from "./thin.ts";

const rowsOf = (column: Float64Array, buckets: number) =>
  thin({
    x: Float64Array.from(column.keys()),
    columns: [column],
    buckets,
  });

Deno.test("thin() keeps first, last and every bucket's extremes and leaves the rest out", () => {
  const column = Float64Array.of(1, 2, 9, 2, 1, 0, 1, 1);
  deepStrictEqual([...rowsOf(column, 1)], [0, 2, 5, 7]);
});

Deno.test("thin() keeps one NaN where a stretch of NaN parts two lines, even inside a bucket", () => {
  const column = Float64Array.of(1, NaN, NaN, 5, 4, NaN, NaN);
  deepStrictEqual([...rowsOf(column, 1)], [0, 1, 3, 6]);
});

Deno.test("thin() lets no row of another column bridge a gap", () => {
  // Row 3 is kept for the second column alone: the first has a gap on both sides of it.
  const first = Float64Array.of(1, 5, NaN, 4, NaN, 3, 0);
  const second = Float64Array.of(0, 0, 0, 9, 0, 0, 0);
  const rows = thin({ x: Float64Array.from(first.keys()), columns: [first, second], buckets: 1 });
  deepStrictEqual([...pick(first, rows)], [1, 5, NaN, 4, NaN, 0]);
});

Deno.test("thin() answers empty columns with nothing and refuses columns of other lengths", () => {
  strictEqual(rowsOf(new Float64Array(), 5).length, 0);
  throws(
    () => thin({ x: Float64Array.of(1), columns: [Float64Array.of(1, 2)], buckets: 1 }),
    new RangeError("A column has 2 rows, its x has 1"),
  );
  throws(() => rowsOf(Float64Array.of(1), 0), RangeError);
});

Deno.test("thin() keeps bounds, ends and gaps of any column in few rows", () => {
  const value = fc.oneof(
    { weight: 5, arbitrary: fc.double({ noNaN: true, min: -1e6, max: 1e6 }) },
    fc.constant(NaN),
  );
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 40 }),
      (values, buckets) => {
        const column = Float64Array.from(values);
        const rows = rowsOf(column, buckets);
        const kept = pick(column, rows);
        const known = (some: Float64Array) => [...some].filter((one) => !Number.isNaN(one));
        strictEqual(rows[0], 0);
        strictEqual(rows.at(-1), column.length - 1);
        ok(rows.every((row, place) => place === 0 || row > rows[place - 1]!));
        ok(known(kept).length <= 2 * buckets + 2);
        strictEqual(Math.min(...known(kept)), Math.min(...known(column)));
        strictEqual(Math.max(...known(kept)), Math.max(...known(column)));
        for (let place = 1; place < rows.length; place++) {
          const between = column.subarray(rows[place - 1]! + 1, rows[place]!);
          const isBridge = !Number.isNaN(kept[place - 1]!) && !Number.isNaN(kept[place]!);
          ok(!isBridge || !between.some(Number.isNaN), `a line bridges ${between}`);
        }
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});
