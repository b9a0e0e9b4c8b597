import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { ema } from "./ema.ts";
import { sma } from "./sma.ts";

Deno.test("FR-002 ema() starts at the mean of the first n values and moves by 2/(n + 1)", () => {
  deepStrictEqual(
    ema(Float64Array.of(1, 2, 6, 5, 11), 3),
    Float64Array.of(NaN, NaN, 3, 4, 7.5),
  );
  deepStrictEqual(ema(Float64Array.of(0.1, 1e9, -3), 1), Float64Array.of(0.1, 1e9, -3));
  deepStrictEqual(ema(Float64Array.of(1, 2), 3), Float64Array.of(NaN, NaN));
});

Deno.test("FR-002 ema() warms up afresh behind a NaN", () => {
  deepStrictEqual(
    ema(Float64Array.of(NaN, 1, 2, 6, 5, NaN, NaN, 4, NaN, 1, 2, 6, 5), 3),
    Float64Array.of(NaN, NaN, NaN, 3, 4, NaN, NaN, NaN, NaN, NaN, NaN, 3, 4),
  );
  deepStrictEqual(
    ema(Float64Array.of(2, 4, Infinity, 2, 4), 2),
    Float64Array.of(NaN, 3, NaN, NaN, 3),
  );
});

Deno.test("FR-002 ema() of equal values is that value to the last bit", () => {
  const x = new Float64Array(300).fill(0.1);
  ok(ema(x, 21).subarray(20).every((average) => average === 0.1));
});

Deno.test("FR-002 ema() agrees with the weighted sum over the whole past", () => {
  const values = fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), { maxLength: 60 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 12 }), (column, n) => {
      const x = Float64Array.from(column);
      const averages = ema(x, n);
      const alpha = 2 / (n + 1);
      if (x.length >= n) strictEqual(averages[n - 1], sma(x, n)[n - 1]);
      for (let i = n - 1; i < x.length; i++) {
        let expected = sma(x, n)[n - 1]! * (1 - alpha) ** (i - n + 1);
        for (let j = n; j <= i; j++) expected += alpha * (1 - alpha) ** (i - j) * x[j]!;
        ok(Math.abs(averages[i]! - expected) <= 1e-12 * expected, `row ${i}`);
      }
    }),
    { seed: 1 },
  );
});
