import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { H4_MS } from "../core/bars.ts";
import { type SimulatedBroker, simulatedBroker } from "./simulated_broker.ts";
import type { SimulatedMarket } from "./simulated_market.ts";
import { fillsOf, targetsAt, testMarket } from "./test_market.ts";

function near(found: number, expected: number) {
  ok(Math.abs(found - expected) <= 1e-9 * Math.abs(expected), `found ${found}, not ${expected}`);
}

/** Trades weights at decision `t`; undefined is left alone. */
function trade(
  broker: SimulatedBroker,
  market: SimulatedMarket,
  t: number,
  ...weights: (number | undefined)[]
) {
  return broker.submitTargetWeights(targetsAt(broker, market, t, { weights }));
}

function held({ account }: SimulatedBroker): number[] {
  return [...account.quantity];
}

Deno.test("FR-039 an order sized at the decision's close fills at the next open", () => {
  const market = testMarket([{ bars: [100, [110, 115, 105, 112]] }]);
  const broker = simulatedBroker(market, 1000);
  const [fill] = fillsOf(trade(broker, market, 0, 0.5));
  deepStrictEqual(held(broker), [5]);
  strictEqual(broker.account.cash, 1000 - 5 * 110);
  deepStrictEqual(fill, {
    status: "filled",
    index: 0,
    asset: 0,
    kind: "market",
    model: -1,
    quantity: 5,
    price: 110,
    referencePrice: 110,
    fee: 0,
    slippage: 0,
    target: 5,
    held: 0,
    sizingNav: 1000,
    sizingPrice: 100,
    row: 1,
    time: 0,
    executedAt: 0,
    nav: 1000,
    pessimistic: false,
  });
});

Deno.test("FR-039 same_close fills at the very close the decision was made on", () => {
  const market = testMarket([{ bars: [100, [110, 115, 105, 112], 300] }], { fill: "same_close" });
  const broker = simulatedBroker(market, 1120);
  deepStrictEqual(trade(broker, market, 0, 0.5), []);
  const [fill] = fillsOf(trade(broker, market, 1, 0.5));
  strictEqual(fill?.price, 112);
  strictEqual(fill?.executedAt, H4_MS);
  strictEqual(fill?.time, 0);
  deepStrictEqual(held(broker), [5]);
});

Deno.test("FR-040 a buy pays slippage and fee on the slipped price, a sell receives less both", () => {
  const costs = { feeBps: 10, slippageBps: 100 };
  const market = testMarket([{ bars: [100, 100, 100], ...costs }], { allowBorrowing: true });
  const broker = simulatedBroker(market, 1000);
  const [buy] = fillsOf(trade(broker, market, 0, 0.5));
  near(buy!.price, 101);
  near(buy!.fee, 5 * 101 * 0.001);
  near(buy!.slippage, 5);
  near(broker.account.cash, 1000 - 505 - 0.505);
  const [sell] = fillsOf(trade(broker, market, 1, 0));
  near(sell!.price, 99);
  near(sell!.fee, 5 * 99 * 0.001);
  near(sell!.slippage, 5);
  near(broker.account.cash, 1000 - 505 - 0.505 + 495 - 0.495);
  deepStrictEqual(held(broker), [0]);
});

Deno.test("FR-039 fill_price spends weight × NAV with costs included, and sells the excess value", () => {
  const bars = [100, [50, 50, 50, 50], [80, 80, 80, 80]] as const;
  const market = testMarket([{ bars, feeBps: 100, slippageBps: 200 }], { sizing: "fill_price" });
  const broker = simulatedBroker(market, 1000);
  const [buy] = fillsOf(trade(broker, market, 0, 0.5));
  near(buy!.quantity, 500 / (50 * 1.02 * 1.01));
  near(broker.account.cash, 500);
  strictEqual(buy!.sizingNav, 1000);
  strictEqual(buy!.sizingPrice, 50);
  const units = buy!.quantity;
  const nav = 500 + units * 80;
  const [sell] = fillsOf(trade(broker, market, 1, 0.1));
  near(sell!.quantity, 0.1 * nav / 80 - units);
});

Deno.test("FR-039 fill_price buys with no more than the cash there is, one by one and together", () => {
  const market = testMarket([{ bars: [100, 100] }, { bars: [100, 100] }], { sizing: "fill_price" });
  const broker = simulatedBroker(market, 1000);
  trade(broker, market, 0, 1.5, 0.5);
  // 1500 is cut to the 1000 there are, then both to 1000 ÷ 1500.
  near(broker.account.quantity[0]!, 10 * 2 / 3);
  near(broker.account.quantity[1]!, 5 * 2 / 3);
  ok(broker.account.cash >= 0 && broker.account.cash < 1e-9);
});

Deno.test("FR-039 fill_price gives up a short whole, costs or not", () => {
  const market = testMarket([{ bars: [100, 100, 100], feeBps: 50, slippageBps: 50 }], {
    sizing: "fill_price",
    allowShort: true,
  });
  const broker = simulatedBroker(market, 1000);
  trade(broker, market, 0, -0.5);
  deepStrictEqual(held(broker), [-5]);
  trade(broker, market, 1, 0);
  deepStrictEqual(held(broker), [0]);
});

Deno.test("SC-004 fill_price buys back all that a short has above its target, costs or not", () => {
  const market = testMarket([{ bars: [100, 100, 100], feeBps: 50, slippageBps: 50 }], {
    sizing: "fill_price",
    allowShort: true,
  });
  const broker = simulatedBroker(market, 1000);
  broker.account.quantity[0] = -4;
  trade(broker, market, 0, -0.25);
  deepStrictEqual(held(broker), [-1.5]);
});

Deno.test("FR-039 buys that cash does not cover are scaled by one common factor, costs included", () => {
  const costs = { feeBps: 100, slippageBps: 0 };
  const market = testMarket([{ bars: [100, 125], ...costs }, { bars: [10, 10], ...costs }]);
  const broker = simulatedBroker(market, 1000);
  trade(broker, market, 0, 0.6, 0.4);
  const cost = (6 * 125 + 40 * 10) * 1.01;
  near(broker.account.quantity[0]!, 6 * 1000 / cost);
  near(broker.account.quantity[1]!, 40 * 1000 / cost);
  ok(broker.account.cash >= 0 && broker.account.cash < 1e-9);
});

Deno.test("FR-039 with borrowing nothing is scaled and cash goes below zero", () => {
  const market = testMarket([{ bars: [100, 125] }], { allowBorrowing: true });
  const broker = simulatedBroker(market, 1000);
  trade(broker, market, 0, 1.2);
  deepStrictEqual(held(broker), [12]);
  strictEqual(broker.account.cash, -500);
});

Deno.test("FR-039 at one moment sells come before buys, whatever the order of assets", () => {
  const market = testMarket([{ bars: [10, 10, 10] }, { bars: [10, 10, 10] }]);
  const broker = simulatedBroker(market, 1000);
  trade(broker, market, 0, 0, 1);
  const outcomes = trade(broker, market, 1, 1, 0);
  deepStrictEqual(fillsOf(outcomes).map(({ asset, quantity }) => [asset, quantity]), [
    [1, -100],
    [0, 100],
  ]);
  deepStrictEqual(held(broker), [100, 0]);
});

Deno.test("FR-012 equities open later in the step: their sells come too late for crypto's buys", () => {
  const lateMs = 90 * 60_000;
  const market = testMarket([{ bars: [10, 10, 10], lateMs }, { bars: [10, 10, 10] }]);
  const broker = simulatedBroker(market, 1000);
  trade(broker, market, 0, 0.8, 0);
  const outcomes = trade(broker, market, 1, 0, 0.8);
  deepStrictEqual(
    fillsOf(outcomes).map(({ asset, quantity, executedAt }) => [asset, quantity, executedAt]),
    [[1, 20, H4_MS], [0, -80, H4_MS + lateMs]],
  );
});

Deno.test("FR-012 fills in time order share the cash: what crypto spent is gone for equities", () => {
  const lateMs = 90 * 60_000;
  const market = testMarket([{ bars: [10, 10], lateMs }, { bars: [10, 10] }]);
  const broker = simulatedBroker(market, 1000);
  trade(broker, market, 0, 0.9, 0.9);
  deepStrictEqual(held(broker), [10, 90]);
});

Deno.test("FR-039 NAV just before a fill knows the opens so far, and last closes for the rest", () => {
  const lateMs = 90 * 60_000;
  const market = testMarket([
    { bars: [10, 10, [20, 20, 20, 20]] },
    { bars: [10, 10, [50, 50, 50, 50]], lateMs },
    { bars: [10, 10, undefined] },
  ], { sizing: "fill_price" });
  const broker = simulatedBroker(market, 1000);
  trade(broker, market, 0, 0.1, 0.1, 0.1);
  const fills = fillsOf(trade(broker, market, 1, 0, 0, undefined));
  strictEqual(fills[0]?.nav, 700 + 10 * 20 + 10 * 10 + 10 * 10);
  strictEqual(fills[1]?.nav, 700 + 200 + 10 * 50 + 10 * 10);
});

Deno.test("FR-043 the target is cut toward zero to lots, and the order leads there", () => {
  const market = testMarket([{ bars: [3, 3, 3], quantityPrecision: 1 }], { allowShort: true });
  const broker = simulatedBroker(market, 10);
  trade(broker, market, 0, 0.5);
  deepStrictEqual(held(broker), [1.6]);
  trade(broker, market, 1, -0.5);
  deepStrictEqual(held(broker), [-1.6]);
});

Deno.test("FR-043 quantities stay on whole lots through many trades", () => {
  const bars = Array.from({ length: 200 }, (_, i) => 10 + (i * 7) % 5);
  const market = testMarket([{ bars, quantityPrecision: 3, feeBps: 10, slippageBps: 5 }]);
  const broker = simulatedBroker(market, 1000);
  for (let t = 0; t < 199; t++) {
    trade(broker, market, t, (t * 13 % 17) / 17);
    const units = broker.account.quantity[0]!;
    strictEqual(units, Math.round(units * 1000) / 1000);
  }
});

Deno.test("FR-043 without lots any fraction is bought; cash that buys part buys whole lots", () => {
  const free = testMarket([{ bars: [3, 3], quantityPrecision: null }]);
  const broker = simulatedBroker(free, 10);
  trade(broker, free, 0, 0.5);
  deepStrictEqual(held(broker), [5 / 3]);
  const lots = testMarket([{ bars: [100, [130, 130, 130, 130]], quantityPrecision: 0 }]);
  const other = simulatedBroker(lots, 1000);
  trade(other, lots, 0, 1);
  deepStrictEqual(held(other), [7]);
  strictEqual(other.account.cash, 90);
});

Deno.test("FR-043 an order under the minimum is not sent, and says so", () => {
  const asset = { bars: [10, 10, 10], minOrderSize: 5 };
  const market = testMarket([asset]);
  const broker = simulatedBroker(market, 1000);
  deepStrictEqual(trade(broker, market, 0, 0.049), [{
    status: "skipped",
    index: 0,
    reason: "below_minimum",
    asset: 0,
    kind: "market",
    model: -1,
    quantity: 4.9,
    target: 4.9,
    held: 0,
    time: 0,
  }]);
  deepStrictEqual(held(broker), [0]);
  trade(broker, market, 1, 0.05);
  deepStrictEqual(held(broker), [5]);
});

Deno.test("FR-043 an order under the minimum takes no cash from the others", () => {
  const market = testMarket([{ bars: [10, [20, 20, 20, 20]] }, {
    bars: [10, 10],
    minOrderSize: 50,
  }]);
  const broker = simulatedBroker(market, 1000);
  trade(broker, market, 0, 0.5, 0.4);
  deepStrictEqual(held(broker), [50, 0]);
});

Deno.test("FR-043 a buy that cash cuts below the minimum is skipped for want of cash", () => {
  const market = testMarket([{ bars: [10, 10, 10] }, { bars: [10, 10, 10], minOrderSize: 5 }]);
  const broker = simulatedBroker(market, 1000);
  trade(broker, market, 0, 0.98, undefined);
  const [outcome] = trade(broker, market, 1, undefined, 0.1);
  ok(outcome?.status === "skipped" && outcome.reason === "no_cash");
  strictEqual(broker.account.cash, 20);
});

Deno.test("FR-043 target 0 sells everything, odd lots and all", () => {
  const market = testMarket([{ bars: [10, 10, 10], quantityPrecision: 0 }]);
  const broker = simulatedBroker(market, 1000);
  broker.account.quantity[0] = 3.75;
  const [fill] = fillsOf(trade(broker, market, 0, 0));
  strictEqual(fill?.quantity, -3.75);
  deepStrictEqual(held(broker), [0]);
});

Deno.test("FR-043 odd lots are rounded away by the next order", () => {
  const market = testMarket([{ bars: [10, 10, 10], quantityPrecision: 0 }]);
  const broker = simulatedBroker(market, 1000);
  broker.account.quantity[0] = 3.75;
  trade(broker, market, 0, 0.5);
  deepStrictEqual(held(broker), [51]); // 0.5 × 1037.5 ÷ 10 = 51.875
});

Deno.test("FR-039 selling short brings cash, and buying back is bound by it", () => {
  const bars = [100, 100, [400, 400, 400, 400]] as const;
  const market = testMarket([{ bars }], { allowShort: true });
  const broker = simulatedBroker(market, 1000);
  trade(broker, market, 0, -1);
  strictEqual(broker.account.cash, 2000);
  trade(broker, market, 1, 0);
  strictEqual(broker.account.cash, 0);
  deepStrictEqual(held(broker), [-5]);
});

Deno.test("FR-011 while the market is closed nothing is sent and nothing is said", () => {
  const market = testMarket([{ bars: [10, undefined, 10] }]);
  const broker = simulatedBroker(market, 1000);
  deepStrictEqual(trade(broker, market, 0, 0.5), []);
  strictEqual(broker.account.cash, 1000);
  trade(broker, market, 1, 0.2);
  deepStrictEqual(held(broker), [20]);
});

Deno.test("FR-054 an asset that is not to be traded stays as it is", () => {
  const market = testMarket([{ bars: [10, 10] }]);
  const broker = simulatedBroker(market, 1000);
  deepStrictEqual(trade(broker, market, 0, undefined), []);
  deepStrictEqual(held(broker), [0]);
});
