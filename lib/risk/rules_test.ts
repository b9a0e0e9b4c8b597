import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { assetCap, classCap, grossOf, leverageCap, netCap, netOf, type Rule } from "./rules.ts";

function after(rule: Rule, ...weights: number[]): number[] {
  const limited = Float64Array.from(weights);
  rule.apply(limited);
  return [...limited];
}

Deno.test("FR-028 each asset is cut to its cap, long or short, and others are left", () => {
  deepStrictEqual(after(assetCap(0.4), 0.5, -0.6, 0.4, 0.1), [0.4, -0.4, 0.4, 0.1]);
});

Deno.test("FR-029 a class over its cap is scaled in proportion, signs and other classes kept", () => {
  deepStrictEqual(after(classCap("crypto", [0, 2], 0.25), 0.75, 0.9, -0.25), [
    0.1875,
    0.9,
    -0.0625,
  ]);
  deepStrictEqual(after(classCap("crypto", [0, 2], 1), 0.75, 0.9, -0.25), [0.75, 0.9, -0.25]);
});

Deno.test("FR-029 a cap of 0 closes the class", () => {
  deepStrictEqual(after(classCap("crypto", [0], 0), 0.5, 0.5), [0, 0.5]);
  deepStrictEqual(after(classCap("crypto", [0], 0), 0, 0.5), [0, 0.5]);
});

Deno.test("FR-030 gross leverage over its cap is scaled in proportion", () => {
  deepStrictEqual(after(leverageCap(1), 1, -0.5, 0.5), [0.5, -0.25, 0.25]);
  deepStrictEqual(after(leverageCap(2), 1, -0.5, 0.5), [1, -0.5, 0.5]);
});

Deno.test("FR-030 net leverage over its cap scales the side that is too large", () => {
  deepStrictEqual(after(netCap(0.5), 0.75, -0.25, 0.25), [0.5625, -0.25, 0.1875]);
  deepStrictEqual(after(netCap(0.25), -1, 0.5), [-0.75, 0.5]);
  deepStrictEqual(after(netCap(0), 0.5, 0.5), [0, 0]);
  deepStrictEqual(after(netCap(0.5), 0.75, -0.5), [0.75, -0.5]);
});

Deno.test("FR-030 gross counts both sides, net sets one against the other", () => {
  strictEqual(grossOf(Float64Array.of(0.5, -0.25)), 0.75);
  strictEqual(netOf(Float64Array.of(0.5, -0.25)), 0.25);
});

Deno.test("FR-032 a rule is called by its key in the configuration", () => {
  const names = [assetCap(1), classCap("crypto", [], 1), leverageCap(1), netCap(1)]
    .map(({ name }) => name);
  deepStrictEqual(names, [
    "per_asset_cap",
    "class_caps.crypto",
    "max_leverage",
    "max_net_leverage",
  ]);
});

Deno.test("SC-004 a rule keeps its limit, only takes away, and a second time changes nothing", () => {
  const weights = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), {
    minLength: 3,
    maxLength: 6,
  });
  fc.assert(
    fc.property(weights, fc.double({ min: 0, max: 2, noNaN: true }), (given, cap) => {
      const measured: readonly (readonly [Rule, (limited: Float64Array) => number])[] = [
        [assetCap(cap), (limited) => Math.max(...limited.map(Math.abs))],
        [
          classCap("crypto", [0, 2], cap),
          (limited) => grossOf(Float64Array.of(limited[0]!, limited[2]!)),
        ],
        [leverageCap(cap), grossOf],
        [netCap(cap), (limited) => Math.abs(netOf(limited))],
      ];
      for (const [rule, measure] of measured) {
        const limited = Float64Array.from(after(rule, ...given));
        ok(measure(limited) <= cap + 1e-12, `${rule.name} left ${measure(limited)} of ${cap}`);
        limited.forEach((weight, asset) => {
          ok(Math.abs(weight) <= Math.abs(given[asset]!) && weight * given[asset]! >= 0);
        });
        const again = after(rule, ...limited);
        again.forEach((weight, asset) => ok(Math.abs(weight - limited[asset]!) <= 1e-12));
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});
