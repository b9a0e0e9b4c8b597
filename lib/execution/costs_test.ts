import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { costRates, limitFill, slippedPrice, stopFill, stopHit } from "./costs.ts";

const bar = { open: 100, high: 110, low: 90 };

Deno.test("FR-040 slippage and fees come in basis points and slippage is always against us", () => {
  const rates = costRates({ fee_bps: 10, slippage_bps: 50 });
  deepStrictEqual(rates, { slippage: 0.005, fee: 0.001 });
  strictEqual(slippedPrice(200, 1, rates), 200.99999999999997);
  strictEqual(slippedPrice(200, -1, rates), 199);
});

Deno.test("FR-039 a limit fills when the bar trades through it, not when it touches", () => {
  strictEqual(limitFill(95, bar, 1), 95);
  strictEqual(limitFill(90, bar, 1), NaN);
  strictEqual(limitFill(89, bar, 1), NaN);
  strictEqual(limitFill(105, bar, -1), 105);
  strictEqual(limitFill(110, bar, -1), NaN);
  strictEqual(limitFill(111, bar, -1), NaN);
});

Deno.test("FR-039 a limit fills at a better open", () => {
  strictEqual(limitFill(103, bar, 1), 100);
  strictEqual(limitFill(97, bar, -1), 100);
});

Deno.test("FR-039 a stop is set off by a touch, on the side it protects", () => {
  strictEqual(stopHit(90, bar, -1), true);
  strictEqual(stopHit(89.99, bar, -1), false);
  strictEqual(stopHit(110, bar, 1), true);
  strictEqual(stopHit(110.01, bar, 1), false);
});

Deno.test("FR-039 a stop fills at the worse of stop and open", () => {
  strictEqual(stopFill(95, 100, -1), 95);
  strictEqual(stopFill(95, 92, -1), 92);
  strictEqual(stopFill(105, 100, 1), 105);
  strictEqual(stopFill(105, 108, 1), 108);
});
