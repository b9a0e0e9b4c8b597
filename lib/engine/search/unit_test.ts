import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { list, range } from "./test_spaces.ts";
import { sizeOf, unitOf, valueAt } from "./unit.ts";

Deno.test("FR-046 every value of a list and every whole number has a stretch of one width", () => {
  const at = (choice: ReturnType<typeof list>) =>
    [0, 0.24, 0.25, 0.5, 0.75, 0.999].map((unit) => valueAt(choice, unit));
  deepStrictEqual(at(list("a", "b", "c", "d")), ["a", "a", "b", "c", "d", "d"]);
  deepStrictEqual(at(range(2, 5, { whole: true })), [2, 2, 3, 4, 5, 5]);
});

Deno.test("FR-046 a logarithmic range spends as much on each factor", () => {
  const choice = range(1, 100, { log: true });
  strictEqual(valueAt(choice, 0), 1);
  ok(Math.abs(valueAt(choice, 0.5) as number - 10) < 1e-12);
  const whole = range(1, 7, { whole: true, log: true });
  deepStrictEqual([0, 0.32, 0.34, 0.66, 0.67, 0.999].map((unit) => valueAt(whole, unit)), [
    ...[1, 1, 2, 3, 4, 7],
  ]);
});

Deno.test("FR-046 a choice that does not have a value says so", () => {
  throws(() => unitOf(list(1, 2), 3), RangeError);
  throws(() => unitOf(range(1, 2), 3), RangeError);
  deepStrictEqual([sizeOf(list(1, 2)), sizeOf(range(3, 9, { whole: true })), sizeOf(range(0, 1))], [
    ...[2, 7, Infinity],
  ]);
});

Deno.test("FR-046 any coordinate stays within its range, and a value finds its way back", () => {
  const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const choice = fc.record({
    low: fc.integer({ min: 1, max: 50 }),
    width: fc.integer({ min: 1, max: 100 }),
    whole: fc.boolean(),
    log: fc.boolean(),
  }).map(({ low, width, ...kind }) =>
    ({ kind: "range", low, high: low + width, ...kind }) as const
  );
  fc.assert(
    fc.property(choice, unit, (choice, unit) => {
      const value = valueAt(choice, unit) as number;
      ok(value >= choice.low && value <= choice.high);
      const again = valueAt(choice, unitOf(choice, value)) as number;
      if (choice.whole) strictEqual(again, value);
      else ok(Math.abs(again - value) < 1e-9);
    }),
    { seed: 8 },
  );
});
