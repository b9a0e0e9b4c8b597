import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { chooseTrades, type ExposureLimits } from "./instructions.ts";

const NO_LIMITS: ExposureLimits = {
  asset: Infinity,
  classes: [Infinity],
  classOf: new Int32Array(8),
  gross: Infinity,
  net: Infinity,
};

/** Assets chosen for trading, as 0 and 1. */
function chosen(
  targets: readonly number[],
  drifted: readonly number[],
  limits: Partial<ExposureLimits> = {},
): string {
  const trade = new Uint8Array(targets.length).fill(7);
  const any = chooseTrades({
    targets: Float64Array.from(targets),
    drifted: Float64Array.from(drifted),
    threshold: 0.125,
    limits: { ...NO_LIMITS, ...limits },
  }, trade);
  strictEqual(any, trade.includes(1));
  return trade.join("");
}

Deno.test("FR-026 a difference below the threshold is left alone, one that meets it is traded", () => {
  strictEqual(chosen([0.5, 0.5, 0.5], [0.375, 0.376, 0.625]), "101");
});

Deno.test("FR-026 a target that is held exactly is nothing to trade, not even 0", () => {
  strictEqual(chosen([0.5, 0], [0.5, 0]), "00");
});

Deno.test("FR-026 a target of 0 is traded however little is held", () => {
  strictEqual(chosen([0, 0], [0.001, -0.001]), "11");
});

Deno.test("SC-004 an asset over its cap is traded however little it is over", () => {
  strictEqual(chosen([0.4, 0.4], [0.41, 0.39], { asset: 0.4 }), "10");
  strictEqual(chosen([-0.4], [-0.41], { asset: 0.4 }), "1");
});

Deno.test("SC-004 a cap that is missed by rounding is not exceeded", () => {
  strictEqual(chosen([0.39], [0.4 * (1 + 1e-15)], { asset: 0.4 }), "0");
});

const twoClasses = { classes: [0.4, Infinity], classOf: Int32Array.of(0, 0, 1) };

Deno.test("SC-004 what is left alone is cut where its class would be over its cap", () => {
  strictEqual(chosen([0.2, 0.2, 0.2], [0.25, 0.2, 0.25], twoClasses), "100");
  strictEqual(chosen([0.2, 0.2, 0.2], [0.25, 0.1, 0.25], twoClasses), "000");
  strictEqual(chosen([0.1, 0.3, 0.2], [0.2, 0.1, 0.25], twoClasses), "110");
});

Deno.test("SC-004 what is left alone is cut where gross exposure would be over its limit", () => {
  strictEqual(chosen([0.5, 0.5], [0.55, 0.5], { gross: 1 }), "10");
  strictEqual(chosen([0.5, -0.5], [0.55, -0.55], { gross: 1 }), "11");
  strictEqual(chosen([0.5, 0.5], [0.55, 0.45], { gross: 1 }), "00");
});

Deno.test("SC-004 a net limit is kept by growing the other side too", () => {
  strictEqual(chosen([1, -0.9], [1, -0.85], { net: 0.1 }), "01");
  strictEqual(chosen([-1, 0.9], [-1.05, 0.9], { net: 0.1 }), "10");
});

Deno.test("SC-004 a cut that pushes another limit over is followed by the cut that it calls for", () => {
  // Growing the first short for the net limit breaks the gross limit, which then shrinks the second one.
  strictEqual(chosen([0.8, -0.5, -0.2], [0.8, -0.4, -0.25], { net: 0.1, gross: 1.5 }), "011");
});

const weights = fc.array(fc.double({ min: -0.6, max: 0.6, noNaN: true }), {
  minLength: 4,
  maxLength: 4,
});

Deno.test("SC-004 the portfolio that results keeps every limit that the targets keep", () => {
  fc.assert(
    fc.property(
      weights,
      fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), { minLength: 4, maxLength: 4 }),
      (targets, drift) => {
        const size = (list: readonly number[]) => list.reduce((sum, w) => sum + Math.abs(w), 0);
        const net = (list: readonly number[]) => Math.abs(list.reduce((sum, w) => sum + w, 0));
        const drifted = targets.map((weight, i) => weight + drift[i]!);
        const limits = {
          asset: 0.6,
          classes: [size(targets.slice(0, 2)), Infinity],
          classOf: Int32Array.of(0, 0, 1, 1),
          gross: size(targets),
          net: net(targets),
        };
        const trade = [...chosen(targets, drifted, limits)];
        const result = trade.map((flag, i) => flag === "1" ? targets[i]! : drifted[i]!);
        const rounding = 1e-11;
        ok(size(result) <= limits.gross + rounding);
        ok(size(result.slice(0, 2)) <= limits.classes[0]! + rounding);
        ok(net(result) <= limits.net + rounding);
        ok(result.every((weight) => Math.abs(weight) <= 0.6 + rounding));
      },
    ),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("FR-026 one portfolio's classes do not leak into the next one's", () => {
  const many = { classes: [0.1, 0.1, 0.1], classOf: Int32Array.of(0, 1, 2) };
  deepStrictEqual(chosen([0.1, 0.1, 0.1], [0.2, 0.2, 0.2], many), "111");
  deepStrictEqual(chosen([0.1, 0.1, 0.1], [0.15, 0.1, 0.1], { ...twoClasses }), "000");
});
