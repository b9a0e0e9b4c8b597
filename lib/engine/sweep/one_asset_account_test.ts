import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { H4_MS } from "../../core/bars.ts";
import { parseDate } from "../../core/clock.ts";
import { dataOf, type HandBar, handBars, NO_LIMITS, planWith, tradable } from "../fixtures.ts";
import { exposureLimits } from "../limits.ts";
import { buildMarket } from "../market.ts";
import type { Plan, PlannedAsset } from "../plan.ts";
import { oneAssetAccount } from "./one_asset_account.ts";

const from = parseDate("2024-03-01");

/** Row t + 1 opens at decision t; the row before the first decision closes at 100. */
const BARS: readonly HandBar[] = [
  { open: 100, close: 100 },
  { open: 100, close: 120 },
  { open: 125, close: 100 },
  { open: 80, close: 50 },
  { open: 50, close: 60 },
  { open: 60, close: 60 },
  { open: 60, close: 60 },
];

/** Walks targets by decision over six bars. */
function walk(
  targets: Readonly<Record<number, number>>,
  { asset = {}, ...changes }: Partial<Plan> & { readonly asset?: Partial<PlannedAsset> } = {},
) {
  const listing = { ...tradable("AAA"), ...asset };
  const plan = planWith([listing], [], { start: from, end: from + 6 * H4_MS, ...changes });
  const market = buildMarket(plan, [dataOf(handBars(listing, "h4", from - H4_MS, BARS))]);
  const times = Object.keys(targets).map(Number).sort((a, b) => a - b);
  const wishes = {
    count: times.length,
    times: Int32Array.from(times),
    weights: Float64Array.from(times, (time) => targets[time]!),
  };
  const path = oneAssetAccount(market).walk(wishes, {
    initialNav: plan.initialNav,
    threshold: plan.rebalanceThreshold,
    limits: exposureLimits(plan),
  });
  return path && {
    nav: [...path.nav],
    fills: path.fills.map(({ time, quantity, price, fee, slippage }) => ({
      ...{ decision: (time - from) / H4_MS, quantity, price, fee, slippage },
    })),
  };
}

Deno.test("FR-045 an account follows its targets at the next open, sized at the close it was decided on", () => {
  const units = 500 / 120;
  const cash = 1000 - units * 125;
  const sold = cash + units * 50;
  deepStrictEqual(walk({ 1: 0.5, 3: 0 }, { rebalanceThreshold: 0.5 }), {
    nav: [1000, 1000, cash + units * 100, sold, sold, sold, sold],
    fills: [
      { decision: 1, quantity: units, price: 125, fee: 0, slippage: 0 },
      { decision: 3, quantity: -units, price: 50, fee: 0, slippage: 0 },
    ],
  });
});

Deno.test("FR-045 what drifts by less than the threshold is left alone, unless a cap is broken", () => {
  const options = { rebalanceThreshold: 0.1 };
  // 5 units at 100, worth 600 of 1100 at decision 1: 0.5454 is near enough to 0.5.
  strictEqual(walk({ 0: 0.5 }, options)!.fills[0]!.quantity, 5);
  deepStrictEqual(walk({ 0: 0.5, 2: 0.5 }, options)!.fills.map(({ decision }) => decision), [0, 3]);
  const risk = { ...NO_LIMITS, perAssetCap: 0.5 };
  deepStrictEqual(
    walk({ 0: 0.5 }, { ...options, risk })!.fills.map(({ decision }) => decision),
    [0, 1, 3, 4],
  );
});

Deno.test("FR-041 fees and slippage are paid on every fill, and money that is short cuts a purchase", () => {
  const asset = { feeBps: 100, slippageBps: 200 };
  // 10 units at 102 and a fee of 1 % would cost 1030.2: there is money for 1000 ÷ 103.02 of them.
  const quantity = 1000 / (100 * 1.02 * 1.01);
  const { fills, nav } = walk({ 0: 1 }, { asset, rebalanceThreshold: 0.9 })!;
  deepStrictEqual(fills, [{
    decision: 0,
    quantity,
    price: 102,
    fee: quantity * 102 * 0.01,
    slippage: quantity * (102 - 100),
  }]);
  const cash = 1000 - (quantity * 102 + quantity * 102 * 0.01);
  deepStrictEqual(nav.slice(1, 4), [120, 100, 50].map((price) => cash + quantity * price));
  const borrowed = walk({ 0: 1 }, { asset, rebalanceThreshold: 0.9, allowBorrowing: true })!;
  strictEqual(borrowed.fills[0]!.quantity, 10);
});

Deno.test("FR-043 lots cut an order toward zero, and one below the minimum is not sent", () => {
  const lots = { quantityPrecision: 0 };
  const options = { rebalanceThreshold: 0.58 };
  strictEqual(walk({ 0: 0.58 }, { ...options, asset: lots })!.fills[0]!.quantity, 5);
  const tooFew = { ...lots, minOrderSize: 12 };
  deepStrictEqual(walk({ 0: 0.58 }, { ...options, asset: tooFew })!.fills, []);
});

Deno.test("FR-045 at the close, an order fills on the bar that has just ended, and never before the first", () => {
  const options = { fill: "same_close" as const, rebalanceThreshold: 0.4 };
  const { fills } = walk({ 0: 0.5, 2: 0 }, options)!;
  deepStrictEqual(fills.map(({ decision, quantity, price }) => [decision, quantity, price]), [
    [1, 500 / 120, 120],
    [2, -500 / 120, 100],
  ]);
});

Deno.test("FR-045 an account without a wish stays as it is; one that is ruined is left to the loop", () => {
  deepStrictEqual(walk({}), { nav: Array(7).fill(1000), fills: [] });
  deepStrictEqual(walk({ 2: 0 }), { nav: Array(7).fill(1000), fills: [] });
  strictEqual(walk({ 0: 3 }, { allowBorrowing: true, rebalanceThreshold: 2.9 }), undefined);
});
