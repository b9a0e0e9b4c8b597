import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { isTooSmall, purchaseWithin, unitsAfter, unitsBetween, wholeLots } from "./lots.ts";

Deno.test("FR-043 a quantity is cut toward zero to its lots", () => {
  strictEqual(wholeLots(1.2399, 100), 1.23);
  strictEqual(wholeLots(-1.2399, 100), -1.23);
  strictEqual(wholeLots(7.9, 1), 7);
  strictEqual(wholeLots(7.9, 0), 7.9);
  ok(Object.is(wholeLots(-0.4, 1), 0));
});

Deno.test("FR-043 whole lots stay whole although their product with 10^precision is not", () => {
  strictEqual(0.29 * 100, 28.999999999999996);
  strictEqual(wholeLots(0.29, 100), 0.29);
  strictEqual(wholeLots(-0.29, 100), -0.29);
});

Deno.test("FR-043 an order between two lots is lots, and one to zero is all that is held", () => {
  strictEqual(0.009 - 0.008 < 0.001, true);
  strictEqual(unitsBetween(0.008, 0.009, 1000), 0.001);
  strictEqual(unitsBetween(1.5, 3, 1), 1.5);
  strictEqual(unitsBetween(0.1 + 0.2, 0, 10), -(0.1 + 0.2));
});

Deno.test("FR-043 a purchase that cash cuts ends on whole lots below, long or short", () => {
  strictEqual(purchaseWithin(0, 3.7, 1), 3);
  strictEqual(purchaseWithin(1.5, 2, 1), 1.5);
  strictEqual(purchaseWithin(1.5, 0.2, 1), 0);
  strictEqual(purchaseWithin(-10, 4.5, 1), 4);
  strictEqual(purchaseWithin(2, 0.3, 0), 0.3);
});

Deno.test("FR-044 selling everything leaves exactly nothing", () => {
  strictEqual(unitsAfter(0.1 + 0.2, -0.3, 0), 0);
  strictEqual(unitsAfter(0.3, -0.1 - 0.2, 10), 0);
  strictEqual(unitsAfter(0.7, -0.1, 10), 0.6);
  strictEqual(unitsAfter(0, 5, 1), 5);
});

Deno.test("FR-043 the minimum itself is not too small, nothing is", () => {
  strictEqual(isTooSmall(0.001, 0.001), false);
  strictEqual(isTooSmall(-0.0009, 0.001), true);
  strictEqual(isTooSmall(0, 0), true);
});

Deno.test("FR-043 cutting to lots never adds, loses less than a lot, and a second cut changes nothing", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.integer({ min: 0, max: 8 }),
      (quantity, precision) => {
        const lots = 10 ** precision;
        const cut = wholeLots(quantity, lots);
        const rounding = 1e-12 * Math.abs(quantity);
        ok(Math.abs(cut) <= Math.abs(quantity) + rounding);
        ok(Math.abs(quantity - cut) < 1 / lots + rounding);
        strictEqual(wholeLots(cut, lots), cut);
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});
