import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { seededRandom } from "../../core/random.ts";
import { sma } from "./sma.ts";

function directSum(x: Float64Array, end: number, n: number): number {
  return x.subarray(end - n + 1, end + 1).reduce((sum, value) => sum + value, 0);
}

Deno.test("FR-002 sma() is the mean of the last n values, NaN until there are n", () => {
  deepStrictEqual(sma(Float64Array.of(1, 2, 4, 8), 3), Float64Array.of(NaN, NaN, 7 / 3, 14 / 3));
  deepStrictEqual(sma(Float64Array.of(1, 2), 3), Float64Array.of(NaN, NaN));
  deepStrictEqual(sma(Float64Array.of(3.3, 0.1), 1), Float64Array.of(3.3, 0.1));
  deepStrictEqual(sma(new Float64Array(0), 1), new Float64Array(0));
});

Deno.test("FR-002 sma() forgets a NaN with the window that held it", () => {
  const gap = Float64Array.of(NaN, 1, 3, NaN, 5, 7, 9);
  deepStrictEqual(sma(gap, 2), Float64Array.of(NaN, NaN, 2, NaN, NaN, 6, 8));
});

Deno.test("FR-002 sma() of equal values is that value to the last bit", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), fc.nat(40), (value, n) => {
      const column = new Float64Array(100).fill(value);
      ok(sma(column, n + 1).subarray(n).every((mean) => mean === value));
    }),
    { seed: 1 },
  );
});

Deno.test("FR-002 sma() of dyadic data is the direct sum over n to the last bit", () => {
  const dyadic = fc.array(fc.integer({ min: -(2 ** 30), max: 2 ** 30 }), { maxLength: 60 });
  fc.assert(
    fc.property(dyadic, fc.integer({ min: 1, max: 20 }), (quarters, n) => {
      const x = Float64Array.from(quarters, (quarter) => quarter / 4);
      const means = sma(x, n);
      for (let i = n - 1; i < x.length; i++) strictEqual(means[i], directSum(x, i, n) / n);
    }),
    { seed: 1 },
  );
});

Deno.test("FR-002 sma() does not drift over a million bars, nor keep the trace of an outlier", () => {
  const random = seededRandom(1);
  const x = Float64Array.from({ length: 1_000_000 }, () => 1e5 * (0.5 + random.next()));
  x[400_000] = 1e20;
  const means = sma(x, 50);
  for (let i = 999_999; i > 60; i -= 997) {
    if (i >= 400_000 && i < 400_050) continue;
    const expected = directSum(x, i, 50) / 50;
    ok(Math.abs(means[i]! - expected) <= 1e-15 * 4 * expected, `row ${i}`);
  }
});
