import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { bollinger } from "./bollinger.ts";
import { rollingStd } from "./rolling_std.ts";
import { sma } from "./sma.ts";

Deno.test("FR-002 bollinger() lays k population deviations around the average", () => {
  const { middle, upper, lower } = bollinger(Float64Array.of(1, 3, 9, 9), 2, 2);
  deepStrictEqual(middle, Float64Array.of(NaN, 2, 6, 9));
  deepStrictEqual(upper, Float64Array.of(NaN, 4, 12, 9));
  deepStrictEqual(lower, Float64Array.of(NaN, 0, 0, 9));
  deepStrictEqual(bollinger(Float64Array.of(1), 2, 2).upper, Float64Array.of(NaN));
});

Deno.test("FR-002 bollinger() is made of sma() and rollingStd(), bit for bit", () => {
  const values = fc.oneof(
    { weight: 9, arbitrary: fc.double({ min: 1, max: 1000, noNaN: true }) },
    { weight: 1, arbitrary: fc.constant(NaN) },
  );
  fc.assert(
    fc.property(fc.array(values), fc.integer({ min: 1, max: 9 }), (column, n) => {
      const x = Float64Array.from(column);
      const { middle, upper, lower } = bollinger(x, n, 2);
      const deviations = rollingStd(x, n);
      deepStrictEqual(middle, sma(x, n));
      deepStrictEqual(upper, middle.map((mean, i) => mean + 2 * deviations[i]!));
      deepStrictEqual(lower, middle.map((mean, i) => mean - 2 * deviations[i]!));
      ok(middle.every((mean, i) => Number.isNaN(mean) || lower[i]! <= mean && mean <= upper[i]!));
    }),
    { seed: 1 },
  );
});

Deno.test("FR-002 bollinger() writes into the columns it is given", () => {
  const x = Float64Array.of(1, 3, 9, 9);
  const out = {
    middle: new Float64Array(4),
    upper: new Float64Array(4),
    lower: new Float64Array(4),
  };
  strictEqual(bollinger(x, 2, 2, { out }), out);
  deepStrictEqual(out, bollinger(x, 2, 2));
  throws(() => bollinger(x, 2, 2, { out: { ...out, lower: out.upper } }), /shares memory/);
});

Deno.test("FR-002 bollinger() refuses a width that is no number from 0", () => {
  const x = Float64Array.of(1, 2);
  throws(
    () => bollinger(x, 2, -1),
    /Cannot compute bollinger: k must be a number from 0, found -1/,
  );
  throws(() => bollinger(x, 2, NaN), RangeError);
});
