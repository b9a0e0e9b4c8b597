import { ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { normalCdf, normalDensity, normalQuantile } from "./normal.ts";

function closeTo(found: number, expected: number, relative: number): void {
  ok(
    Math.abs(found - expected) <= relative * Math.abs(expected),
    `found ${found}, expected ${expected}`,
  );
}

// Reference values: mpmath 1.3 with 40 digits.
Deno.test("FR-049 normalCdf() gives the tabled shares, far tails included", () => {
  strictEqual(normalCdf(0), 0.5);
  closeTo(normalCdf(-1), 0.15865525393145705, 1e-14);
  closeTo(normalCdf(1.96), 0.9750021048517795, 1e-14);
  closeTo(normalCdf(-1.9999), 0.02275553158476718, 1e-13);
  closeTo(normalCdf(-3), 0.0013498980316300946, 1e-14);
  closeTo(normalCdf(-10), 7.619853024160527e-24, 1e-13);
  closeTo(normalCdf(-37), 5.725571222524577e-300, 1e-13);
  strictEqual(normalCdf(-40), 0);
  strictEqual(normalCdf(Infinity), 1);
  strictEqual(normalCdf(-Infinity), 0);
  strictEqual(normalCdf(NaN), NaN);
});

Deno.test("FR-049 normalQuantile() gives the tabled quantiles, far tails included", () => {
  strictEqual(normalQuantile(0.5), 0);
  closeTo(normalQuantile(0.75), 0.6744897501960817, 1e-14);
  closeTo(normalQuantile(0.95), 1.6448536269514722, 1e-14);
  closeTo(normalQuantile(0.975), 1.959963984540054, 1e-14);
  closeTo(normalQuantile(1e-5), -4.264890793922825, 1e-14);
  closeTo(normalQuantile(1e-300), -37.0470962993612, 1e-14);
  strictEqual(normalQuantile(0), -Infinity);
  strictEqual(normalQuantile(1), Infinity);
});

Deno.test("FR-049 normalQuantile() refuses what is no share", () => {
  throws(() => normalQuantile(1.5), /RangeError: A share lies between 0 and 1, found 1.5/);
  throws(() => normalQuantile(NaN), RangeError);
});

Deno.test("FR-049 normalCdf() undoes normalQuantile()", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-200, max: 0.999, noNaN: true }), (p) => {
      closeTo(normalCdf(normalQuantile(p)), p, 1e-12);
    }),
    { seed: 1 },
  );
});

Deno.test("FR-049 normalCdf() rises with its density", () => {
  fc.assert(
    fc.property(fc.double({ min: -6, max: 6, noNaN: true }), (x) => {
      const step = 1e-3;
      const slope = (normalCdf(x + step) - normalCdf(x - step)) / (2 * step);
      ok(Math.abs(slope - normalDensity(x)) < 1e-7);
    }),
    { seed: 1 },
  );
});
