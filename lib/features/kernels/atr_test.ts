import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { atr, trueRange } from "./atr.ts";

Deno.test("FR-002 trueRange() spans the bar and the close before it", () => {
  const high = Float64Array.of(5, 6, 9, 4);
  const low = Float64Array.of(3, 4, 8, 3);
  const close = Float64Array.of(4, 5, 8, 3);
  deepStrictEqual(trueRange(high, low, close), Float64Array.of(NaN, 2, 4, 5));
});

Deno.test("FR-002 trueRange() has the bits of its definition for prices within a factor of two", () => {
  const price = fc.double({ min: 64, max: 128, noNaN: true });
  fc.assert(
    fc.property(price, price, price, (first, second, before) => {
      const high = Math.max(first, second);
      const low = Math.min(first, second);
      const ranges = trueRange(
        Float64Array.of(high, high),
        Float64Array.of(low, low),
        Float64Array.of(before, before),
      );
      const expected = Math.max(high - low, Math.abs(high - before), Math.abs(low - before));
      strictEqual(ranges[1], expected);
    }),
    { seed: 1, numRuns: 1000 },
  );
});

Deno.test("FR-002 atr() starts at the mean of the first n true ranges and smooths after Wilder", () => {
  const high = Float64Array.of(5, 6, 9, 4, 4);
  const low = Float64Array.of(3, 4, 8, 3, 3);
  const close = Float64Array.of(4, 5, 8, 3, 3);
  deepStrictEqual(atr(high, low, close, 2), Float64Array.of(NaN, NaN, 3, 4, 2.5));
  deepStrictEqual(atr(high, low, close, 5), new Float64Array(5).fill(NaN));
});

Deno.test("FR-002 atr() warms up afresh behind a bar with a NaN in any column", () => {
  const whole = Float64Array.of(5, 5, 5, 5, 5, 5, 5);
  const broken = Float64Array.of(5, 5, 5, NaN, 5, 5, 5);
  const expected = Float64Array.of(NaN, NaN, 0, NaN, NaN, NaN, 0);
  deepStrictEqual(atr(broken, whole, whole, 2), expected);
  deepStrictEqual(atr(whole, broken, whole, 2), expected);
  deepStrictEqual(atr(whole, whole, broken, 2), expected);
  const infinite = broken.map((value) => Number.isNaN(value) ? Infinity : value);
  deepStrictEqual(atr(infinite, whole, whole, 2), expected);
});

Deno.test("FR-002 atr() agrees with Wilder's recursion over the definition of true range", () => {
  const bar = fc.tuple(
    fc.double({ min: 1, max: 1000, noNaN: true }),
    fc.double({ min: 1, max: 1000, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(bar, { maxLength: 60 }), fc.integer({ min: 1, max: 12 }), (bars, n) => {
      const high = Float64Array.from(bars, ([a, b]) => Math.max(a, b));
      const low = Float64Array.from(bars, ([a, b]) => Math.min(a, b));
      const close = low.map((value, i) => value + (high[i]! - value) * bars[i]![2]);
      const averages = atr(high, low, close, n);
      let expected = 0;
      for (let i = 1; i < bars.length; i++) {
        const before = close[i - 1]!;
        const range = Math.max(
          high[i]! - low[i]!,
          Math.abs(high[i]! - before),
          Math.abs(low[i]! - before),
        );
        expected = i <= n ? expected + range / n : (expected * (n - 1) + range) / n;
        if (i < n) ok(Number.isNaN(averages[i]));
        // Ranges far smaller than their prices keep the rounding of the prices.
        else ok(Math.abs(averages[i]! - expected) <= 1e-12 * expected + 1e-12, `row ${i}`);
      }
    }),
    { seed: 1 },
  );
});
