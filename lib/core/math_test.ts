import { ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { exp, log, powerOfTen } from "./math.ts";

// The true values come from whole numbers alone: binary fractions with 300 places after the point.
const PLACES = 300n;
const ONE = 1n << PLACES;
const LN2 = 2n * seriesOfPowers(ONE / 3n, (power, k) => k % 2n === 1n ? power / k : 0n);

/** Σ term(x^k, k) for k from 1 on, until powers vanish. */
function seriesOfPowers(x: bigint, term: (power: bigint, k: bigint) => bigint): bigint {
  let sum = 0n;
  for (let k = 1n, power = x; power !== 0n; k++, power = (power * x) / ONE) sum += term(power, k);
  return sum;
}

/** A float as whole · 2^exponent, nothing lost; `whole` has 53 bits where the float is normal. */
function parts(x: number): { whole: bigint; exponent: bigint } {
  const bits = BigInt.asUintN(64, new BigInt64Array(Float64Array.of(x).buffer)[0]!);
  const stored = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const whole = stored === 0n ? fraction : fraction | (1n << 52n);
  return { whole: x < 0 ? -whole : whole, exponent: (stored || 1n) - 1075n };
}

function shift(value: bigint, places: bigint): bigint {
  return places < 0n ? value >> -places : value << places;
}

/** e^x as fraction · 2^exponent. */
function trueExp(x: number): { fraction: bigint; exponent: bigint } {
  const { whole, exponent } = parts(x);
  const exact = shift(whole, exponent + PLACES);
  const twos = exact / LN2;
  let factorial = 1n;
  const fraction = ONE + seriesOfPowers(exact - twos * LN2, (power, k) => power / (factorial *= k));
  return { fraction, exponent: twos };
}

/** How far `found` is from e^x, in units of its last place. */
function errorOfExp(x: number, found: number): number {
  const { fraction, exponent } = trueExp(x);
  const { whole, exponent: unit } = parts(found);
  const truth = shift(fraction, exponent - unit); // in units, with PLACES behind the point
  return Math.abs(Number(truth - (whole << PLACES)) / Number(ONE));
}

/** How far `found` is from ln x, in units of its last place: ln x − found = ln(x ÷ e^found), nearly x ÷ e^found − 1. */
function errorOfLog(x: number, found: number): number {
  const { fraction, exponent } = trueExp(found);
  const { whole, exponent: places } = parts(x);
  const quotient = shift((whole << (PLACES * 2n)) / fraction, places - exponent);
  const unit = parts(found).exponent;
  return Math.abs(Number(shift(quotient - ONE, -unit)) / Number(ONE));
}

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

Deno.test("FR-049 exp() is within one unit in the last place of the truth", () => {
  ok(errorOfExp(1, 2.718281828459045) < 0.5);
  ok(errorOfExp(1, 2.7182818284590455) > 0.5);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.double({ min: -700, max: 709, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
      ),
      (x) => {
        const error = errorOfExp(x, exp(x));
        ok(error <= 1, `exp(${x}) = ${exp(x)} is ${error} units off`);
      },
    ),
    { seed: 1, numRuns: 1_000 },
  );
});

Deno.test("FR-049 log() is within one unit in the last place of the truth", () => {
  ok(errorOfLog(2, 0.6931471805599453) < 0.5);
  ok(errorOfLog(2, 0.6931471805599454) > 0.5);
  const positive = fc.double({ min: 1e-300, max: Number.MAX_VALUE, noNaN: true });
  const nearOne = fc.double({ min: 0.5, max: 2, noNaN: true }).filter((x) => x !== 1);
  fc.assert(
    fc.property(fc.oneof(positive, nearOne), (x) => {
      const error = errorOfLog(x, log(x));
      ok(error <= 1, `log(${x}) = ${log(x)} is ${error} units off`);
    }),
    { seed: 1, numRuns: 1_000 },
  );
});

Deno.test("FR-043 powerOfTen() is exact from 0 to 22, and nothing else is asked of it", () => {
  for (let exponent = 0; exponent <= 22; exponent++) {
    strictEqual(BigInt(powerOfTen(exponent)), 10n ** BigInt(exponent));
  }
  for (const exponent of [-1, 0.5, 23, NaN, Infinity]) {
    throws(
      () => powerOfTen(exponent),
      RangeError(
        `An exact power of ten is one from 0 to 22, found ${exponent}`,
      ),
    );
  }
});

// The language allows any answer near enough; IEEE 754 allows one, and every machine we know gives it.
Deno.test("FR-049 Math.sqrt is correctly rounded on this machine", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-290, max: 1e300, noNaN: true }), (x) => {
      const { whole, exponent } = parts(x);
      const { whole: root, exponent: unit } = parts(Math.sqrt(x));
      // (2·root ± 1)² in quarters of unit² enclose x.
      const truth = shift(whole, exponent - 2n * unit + 2n + 200n);
      ok((2n * root - 1n) ** 2n << 200n <= truth && truth <= (2n * root + 1n) ** 2n << 200n);
    }),
    { seed: 1, numRuns: 1_000 },
  );
});
