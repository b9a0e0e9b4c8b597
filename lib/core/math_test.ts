import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { exp, log } from "./math.ts";

/** Distance from `expected` as a share of it. */
function relativeError(found: number, expected: number): number {
  return found === expected ? 0 : Math.abs(found - expected) / Math.abs(expected);
}

// One unit in the last place is at most 2.22e-16 of the value; the engine's own functions are off by up to that, too.
const ONE_UNIT = 2 ** -52;

Deno.test("FR-049 exp() and log() give the correctly rounded constants on every machine", () => {
  strictEqual(exp(0), 1);
  strictEqual(exp(1), 2.718281828459045);
  strictEqual(exp(-1), 0.36787944117144233);
  strictEqual(exp(10), 22026.465794806718);
  strictEqual(log(1), 0);
  strictEqual(log(2), 0.6931471805599453);
  strictEqual(log(10), 2.302585092994046);
  strictEqual(log(0.5), -0.6931471805599453);
  strictEqual(log(1 + 2 ** -52), 2 ** -52 - 2 ** -105);
});

Deno.test("FR-049 exp() and log() answer at and beyond the ends of their range", () => {
  strictEqual(exp(-Infinity), 0);
  strictEqual(exp(-746), 0);
  strictEqual(exp(-745), 5e-324);
  strictEqual(exp(710), Infinity);
  strictEqual(exp(709.78), 1.7928227943945155e308);
  strictEqual(exp(NaN), NaN);
  strictEqual(log(0), -Infinity);
  strictEqual(log(-1), NaN);
  strictEqual(log(NaN), NaN);
  strictEqual(log(Infinity), Infinity);
  strictEqual(log(5e-324), -744.4400719213812);
  strictEqual(log(Number.MAX_VALUE), 709.782712893384);
});

Deno.test("FR-049 exp() stays within one unit in the last place of the engine's", () => {
  fc.assert(
    fc.property(fc.double({ min: -700, max: 709, noNaN: true }), (x) => {
      ok(relativeError(exp(x), Math.exp(x)) <= ONE_UNIT, `exp(${x}) = ${exp(x)}`);
    }),
    { seed: 1, numRuns: 5000 },
  );
});

Deno.test("FR-049 log() stays within one unit in the last place of the engine's", () => {
  const positive = fc.double({ min: 0, minExcluded: true, max: Number.MAX_VALUE, noNaN: true });
  const nearOne = fc.double({ min: 0.5, max: 2, noNaN: true });
  fc.assert(
    fc.property(fc.oneof(positive, nearOne), (x) => {
      ok(relativeError(log(x), Math.log(x)) <= ONE_UNIT, `log(${x}) = ${log(x)}`);
    }),
    { seed: 1, numRuns: 5000 },
  );
});
