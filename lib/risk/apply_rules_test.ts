import { deepStrictEqual, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { applyRules } from "./apply_rules.ts";
import { assetCap, classCap, grossOf, leverageCap, type Rule } from "./rules.ts";

const base = [assetCap(0.4), classCap("crypto", [0, 1], 0.2), leverageCap(1.2)];

Deno.test("FR-027 every rule in order, each change with its reason, before and after", () => {
  const weights = Float64Array.of(0.5, 0, 0.9);
  const adjustments = applyRules(weights, [assetCap(0.5), classCap("crypto", [0, 1], 0.25)]);
  deepStrictEqual([...weights], [0.25, 0, 0.5]);
  deepStrictEqual(adjustments, [
    { rule: "per_asset_cap", asset: 2, before: 0.9, after: 0.5 },
    { rule: "class_caps.crypto", asset: 0, before: 0.5, after: 0.25 },
  ]);
});

Deno.test("FR-032 where nothing is over a limit nothing is noted, nor without rules", () => {
  const weights = Float64Array.of(0.1, 0.1, 0.4);
  deepStrictEqual(applyRules(weights, base), []);
  deepStrictEqual(applyRules(weights, []), []);
  deepStrictEqual([...weights], [0.1, 0.1, 0.4]);
});

Deno.test("FR-027 a rule that adds exposure, turns a side or loses the number is broken", () => {
  const rule = (change: (weight: number) => number): Rule => ({
    name: "broken",
    apply(weights) {
      weights[0] = change(weights[0]!);
    },
  });
  const apply = (change: (weight: number) => number) => () =>
    applyRules(Float64Array.of(0.5), [rule(change)]);
  throws(apply((weight) => weight * 1.01), {
    name: "RangeError",
    message: /broken added exposure/,
  });
  throws(apply((weight) => -weight / 2), RangeError);
  throws(apply(() => NaN), RangeError);
  throws(() => applyRules(Float64Array.of(0), [rule(() => 0.1)]), RangeError);
});

Deno.test("FR-027 books of different sizes do not see each other's weights", () => {
  applyRules(Float64Array.of(0.9, 0.9, 0.9), base);
  deepStrictEqual(applyRules(Float64Array.of(0.1, 0.05), [assetCap(0.4)]), []);
});

Deno.test("SC-004 after risk no asset, class or gross exposure is over its cap", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 2, maxLength: 6 }),
      (given) => {
        const weights = Float64Array.from(given);
        applyRules(weights, base);
        ok(weights.every((weight) => Math.abs(weight) <= 0.4));
        ok(Math.abs(weights[0]!) + Math.abs(weights[1]!) <= 0.2 + 1e-15);
        ok(grossOf(weights) <= 1.2 + 1e-15);
      },
    ),
    { seed: 1, numRuns: 500 },
  );
});
