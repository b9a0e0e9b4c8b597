import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { seededRandom } from "../../core/random.ts";
import { rollingStd } from "./rolling_std.ts";

/** Two passes over the window's own rows. */
function directDeviation(window: Float64Array, divisor: number): number {
  const mean = window.reduce((sum, value) => sum + value, 0) / window.length;
  return Math.sqrt(window.reduce((sum, value) => sum + (value - mean) ** 2, 0) / divisor);
}

Deno.test("FR-002 rollingStd() counts over n, or over n − 1 for a sample", () => {
  const textbook = Float64Array.of(2, 4, 4, 4, 5, 5, 7, 9);
  deepStrictEqual(rollingStd(textbook, 8).at(-1), 2);
  const column = Float64Array.of(1, 2, 3, 7, 7);
  deepStrictEqual(rollingStd(column, 2), Float64Array.of(NaN, 0.5, 0.5, 2, 0));
  deepStrictEqual(
    rollingStd(column, 3, { sample: true }).subarray(0, 3),
    Float64Array.of(NaN, NaN, 1),
  );
  deepStrictEqual(rollingStd(Float64Array.of(5, 6), 1), Float64Array.of(0, 0));
});

Deno.test("FR-002 rollingStd() forgets a NaN with the window that held it", () => {
  const gap = Float64Array.of(NaN, 1, 3, NaN, 5, 7, 9);
  deepStrictEqual(rollingStd(gap, 2), Float64Array.of(NaN, NaN, 1, NaN, NaN, 1, 1));
});

Deno.test("FR-002 rollingStd() is exactly 0 on equal values, whatever came before", () => {
  const values = fc.double({ min: -1e9, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(fc.array(values), values, fc.integer({ min: 1, max: 9 }), (before, value, n) => {
      const x = Float64Array.of(...before, ...new Array<number>(20).fill(value));
      ok(rollingStd(x, n).subarray(before.length + n - 1).every((deviation) => deviation === 0));
    }),
    { seed: 1 },
  );
});

Deno.test("FR-002 rollingStd() keeps its digits when the mean is far larger than the deviation", () => {
  const random = seededRandom(1);
  // Multiples of 2⁻²⁰ below 2⁻⁷: 1e8 plus noise is exact, so the noise alone has the same deviation.
  const noise = Float64Array.from({ length: 100_000 }, () => random.integer(8192) / 2 ** 20);
  const deviations = rollingStd(noise.map((value) => 1e8 + value), 20);
  for (let i = 19; i < noise.length; i += 101) {
    const expected = directDeviation(noise.subarray(i - 19, i + 1), 20);
    ok(Math.abs(deviations[i]! - expected) <= 1e-13 * expected, `row ${i}`);
  }
});

Deno.test("FR-002 rollingStd() is never NaN on numbers and agrees with two passes over the window", () => {
  const values = fc.oneof(
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.constantFrom(1e-162, -1e-162, 5e-324, 1e5),
  );
  fc.assert(
    fc.property(
      fc.array(values, { maxLength: 60 }),
      fc.integer({ min: 2, max: 12 }),
      fc.boolean(),
      (column, n, sample) => {
        const x = Float64Array.from(column);
        const deviations = rollingStd(x, n, { sample });
        for (let i = n - 1; i < x.length; i++) {
          const window = x.subarray(i - n + 1, i + 1);
          const expected = directDeviation(window, sample ? n - 1 : n);
          // The direct mean is rounded to the size of the values, which is all that its deviation can know.
          const noise = 1e-15 * Math.max(...window.map(Math.abs)) + 1e-160;
          ok(Math.abs(deviations[i]! - expected) <= 1e-12 * expected + noise, `row ${i}`);
        }
      },
    ),
    { seed: 1 },
  );
});
