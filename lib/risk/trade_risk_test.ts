import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Matrix } from "../portfolio/combine.ts";
import { capTradeRisk, netDifferences } from "./trade_risk.ts";

/** One asset, one row a model. */
function column(...values: number[]): Matrix {
  return { models: values.length, assets: 1, values: Float64Array.from(values) };
}

const closeAt100 = () => 100;

Deno.test("FR-031 a wish may lose at most the cap at its stop: weight × |1 − stop ÷ price|", () => {
  const capped = capTradeRisk(column(0.5, -0.5), column(75, 150), 0.0625, closeAt100);
  deepStrictEqual([...capped.values], [0.25, -0.125]);
});

Deno.test("FR-031 a wish within the cap, or without a stop, passes as it is", () => {
  const wanted = column(0.5, 0.9, 0);
  strictEqual(capTradeRisk(wanted, column(90, NaN, 1), 0.05, closeAt100), wanted);
});

Deno.test("FR-031 each asset is measured against its own price, and the wishes stay untouched", () => {
  const wanted: Matrix = { models: 1, assets: 2, values: Float64Array.of(0.5, 0.5) };
  const stops: Matrix = { models: 1, assets: 2, values: Float64Array.of(50, 50) };
  const capped = capTradeRisk(wanted, stops, 0.125, (asset) => [100, 50][asset]!);
  deepStrictEqual([...capped.values], [0.25, 0.5]);
  deepStrictEqual([...wanted.values], [0.5, 0.5]);
});

Deno.test("FR-032 what the cap did is told as the change of each asset's net weight", () => {
  const wanted = column(0.5, 0.25);
  deepStrictEqual(netDifferences("per_trade_risk", wanted, column(0.25, 0.25)), [
    { rule: "per_trade_risk", asset: 0, before: 0.75, after: 0.5 },
  ]);
  deepStrictEqual(netDifferences("per_trade_risk", wanted, wanted), []);
  deepStrictEqual(netDifferences("per_trade_risk", wanted, column(0.5, 0.25)), []);
});

Deno.test("FR-031 after the cap no stop risks more, and no wish has grown or turned", () => {
  const one = fc.tuple(
    fc.integer({ min: -100, max: 100 }).map((percent) => percent / 100),
    fc.integer({ min: 1, max: 250 }),
  );
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 6 }), (wishes) => {
      const wanted = column(...wishes.map(([weight]) => weight));
      const stops = column(...wishes.map(([, stop]) => stop));
      const capped = capTradeRisk(wanted, stops, 0.02, closeAt100);
      wishes.forEach(([weight, stop], at) => {
        const left = capped.values[at]!;
        ok(Math.abs(left) * Math.abs(1 - stop / 100) <= 0.02 + 1e-15);
        ok(Math.abs(left) <= Math.abs(weight) && left * weight >= 0);
      });
    }),
    { seed: 1, numRuns: 200 },
  );
});
