import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { columnDifference, differingRow, firstDifference } from "./difference.ts";

Deno.test("SC-002 equal is equal bit for bit: NaN is NaN, and 0 is not -0", () => {
  strictEqual(firstDifference(NaN, NaN), undefined);
  deepStrictEqual(firstDifference(0, -0), { path: "", expected: 0, found: -0 });
  strictEqual(firstDifference({ a: [1, { b: NaN }] }, { a: [1, { b: NaN }] }), undefined);
});

Deno.test("SC-002 a difference tells where it lies and what stands there", () => {
  deepStrictEqual(firstDifference({ a: [1, { b: 2 }], c: 3 }, { a: [1, { b: 4 }], c: 5 }), {
    path: ".a[1].b",
    expected: 2,
    found: 4,
  });
});

Deno.test("SC-002 something that is missing on either side is a difference", () => {
  deepStrictEqual(firstDifference([1, 2], [1]), { path: "[1]", expected: 2, found: undefined });
  deepStrictEqual(firstDifference({}, { a: 1 }), { path: ".a", expected: undefined, found: 1 });
  deepStrictEqual(firstDifference(null, {}), { path: "", expected: null, found: {} });
});

Deno.test("SC-002 columns are compared row by row, as far as is asked", () => {
  const [a, b] = [Float64Array.of(1, 2, 3), Float64Array.of(1, 2, 4)];
  deepStrictEqual(firstDifference({ x: a }, { x: b }), { path: ".x[2]", expected: 3, found: 4 });
  strictEqual(columnDifference(a, b, 2), undefined);
  strictEqual(differingRow(a, b, 3), 2);
  deepStrictEqual(columnDifference(a, a.subarray(0, 2)), {
    path: "[2]",
    expected: 3,
    found: undefined,
  });
});

Deno.test("SC-002 property: a copy does not differ, and one changed leaf always does", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (value, other) => {
      const copy = JSON.parse(JSON.stringify({ value: structuredClone(value) }));
      const written = JSON.parse(JSON.stringify({ value }));
      strictEqual(firstDifference(written, copy), undefined);
      const differs = firstDifference([value, 1], [value, 2]);
      strictEqual(differs?.path, "[1]");
      const equal = JSON.stringify(value) === JSON.stringify(other);
      if (firstDifference(value, other) === undefined) strictEqual(equal || isEmpty(value), true);
    }),
    { seed: 1, numRuns: 200 },
  );
});

/** {} and [] hold nothing that could differ; a record may name its keys in another order. */
function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
