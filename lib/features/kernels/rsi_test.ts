import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { rsi } from "./rsi.ts";

/** Wilder's recursion as he wrote it, with a division at each step. */
function directRsi(x: Float64Array, n: number): Float64Array {
  const changes = x.subarray(1).map((value, i) => value - x[i]!);
  const smooth = (moves: Float64Array) => {
    let average = moves.subarray(0, n).reduce((sum, move) => sum + move, 0) / n;
    return moves.map((move, i) => {
      if (i < n - 1) return NaN;
      if (i > n - 1) average = (average * (n - 1) + move) / n;
      return average;
    });
  };
  const gains = smooth(changes.map((change) => Math.max(0, change)));
  const losses = smooth(changes.map((change) => Math.max(0, -change)));
  const strength = gains.map((gain, i) =>
    gain + losses[i]! === 0 ? 0 : 100 * gain / (gain + losses[i]!)
  );
  return Float64Array.of(...(x.length > 0 ? [NaN] : []), ...strength);
}

Deno.test("FR-002 rsi() is 100 × gains ÷ all moves, smoothed after Wilder, from row n", () => {
  // Changes +1, −1, +1, +3; gain 0.5, 0.75, 1.875 and loss 0.5, 0.25, 0.125.
  deepStrictEqual(
    rsi(Float64Array.of(1, 2, 1, 2, 5), 2),
    Float64Array.of(NaN, NaN, 50, 75, 93.75),
  );
});

Deno.test("FR-002 rsi() is 100 when prices only rose, 0 when they only fell or never moved", () => {
  deepStrictEqual(rsi(Float64Array.of(1, 2, 3, 3, 9), 2), Float64Array.of(NaN, NaN, 100, 100, 100));
  deepStrictEqual(rsi(Float64Array.of(9, 8, 7, 7, 1), 2), Float64Array.of(NaN, NaN, 0, 0, 0));
  deepStrictEqual(rsi(Float64Array.of(5, 5, 5, 5), 2), Float64Array.of(NaN, NaN, 0, 0));
});

Deno.test("FR-002 rsi() warms up afresh behind a NaN", () => {
  deepStrictEqual(
    rsi(Float64Array.of(NaN, 1, 2, 1, 2, NaN, 7, 1, 2, 1, NaN, 3, 4), 2),
    Float64Array.of(NaN, NaN, NaN, 50, 75, NaN, NaN, NaN, 100 / 7, 25 / 2.25, NaN, NaN, NaN),
  );
});

Deno.test("FR-002 rsi() agrees with Wilder's recursion and stays between 0 and 100", () => {
  const prices = fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), { maxLength: 80 });
  fc.assert(
    fc.property(prices, fc.integer({ min: 1, max: 20 }), (column, n) => {
      const x = Float64Array.from(column);
      const expected = directRsi(x, n);
      for (const [i, strength] of rsi(x, n).entries()) {
        if (Number.isNaN(expected[i])) ok(Number.isNaN(strength), `row ${i}`);
        else ok(Math.abs(strength - expected[i]!) <= 1e-12 * expected[i]!, `row ${i}`);
        ok(!(strength < 0 || strength > 100));
      }
    }),
    { seed: 1 },
  );
});
