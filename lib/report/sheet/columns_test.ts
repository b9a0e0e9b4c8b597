import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type ColumnSource, encodeColumn } from "./columns.ts";
import { decodeColumn } from "./client/columns.js";

/** What a page makes of a column after it has gone through JSON, as it does. */
function there(column: ColumnSource): ArrayLike<number | string> {
  return decodeColumn(JSON.parse(JSON.stringify(encodeColumn(column))));
}

Deno.test("SC-008 each kind of column takes its shortest form", () => {
  const kinds = ([
    [[1 / 3, 2 / 3, 4 / 7, 1 / 7], "f64"],
    [[1577836800000, 1577851200000, 1577865600000], "int"],
    [[13.78, 12.47, 14.02], "int"],
    [[1 / 3, NaN, 1 / 3, 1 / 3, NaN, 1 / 3, 1 / 3, 1 / 3], "dict"],
    [new Array(500).fill(NaN), "runs"],
    [["SPY", "QQQ", "SPY"], "dict"],
  ] as [ColumnSource, string][]).map(([column, kind]) => [encodeColumn(column).k, kind]);
  for (const [found, expected] of kinds) strictEqual(found, expected);
  const { s, u } = encodeColumn([1577836800000, 1577851200000]) as { s: number; u: number };
  deepStrictEqual([s, u], [1, 14_400_000]);
});

Deno.test("SC-008 numbers come back bit for bit, NaN, -0 and Infinity too", () => {
  const odd = fc.constantFrom(NaN, -0, 0, Infinity, -Infinity, 0.1, 1e300, 2 ** 52 + 1, 1e15);
  const number = fc.oneof(fc.double(), fc.integer(), fc.integer().map((cents) => cents / 100), odd);
  fc.assert(
    fc.property(fc.array(number), (values) => {
      deepStrictEqual(there(values), Float64Array.from(values));
    }),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("SC-008 texts and flags come back, in any script", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 1 }), (texts) => {
      deepStrictEqual(there(texts), texts);
    }),
    { seed: 1 },
  );
  deepStrictEqual(there([true, false, true]), Float64Array.of(1, 0, 1));
  deepStrictEqual(there([]), new Float64Array());
});

Deno.test("SC-008 a clock of five years takes two bytes a mark, a repeated text next to nothing", () => {
  const times = Float64Array.from({ length: 10_963 }, (_, mark) => (mark + 9) * 14_400_000);
  ok(encodeColumn(times).b.length < 15_000);
  ok(encodeColumn(new Array(10_963).fill("NORMAL")).b.length < 9);
});
