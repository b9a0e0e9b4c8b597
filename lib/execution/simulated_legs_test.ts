import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { LimitLeg, StopLeg } from "../core/orders.ts";
import { type SimulatedBroker, simulatedBroker } from "./simulated_broker.ts";
import type { SimulatedMarket } from "./simulated_market.ts";
import { fillsOf, targetsAt, type TestAsset, type TestBar, testMarket } from "./test_market.ts";

const limitLeg = (limit: number, weight: number, held = 0): LimitLeg => ({
  asset: 0,
  model: 0,
  weight,
  held,
  limit,
});
const stopLeg = (stop: number): StopLeg => ({ asset: 0, model: 0, stop });

/** A broker that holds `units` of one asset whose last close is 100 and whose next bar is `bar`. */
function withBar(
  bar: TestBar,
  given: Partial<TestAsset> & { units?: number; cash?: number } = {},
): { market: SimulatedMarket; broker: SimulatedBroker } {
  const { units = 0, cash = 1000, ...asset } = given;
  const market = testMarket([{ bars: [100, bar, 100], ...asset }], { allowShort: true });
  const broker = simulatedBroker(market, cash);
  broker.account.quantity[0] = units;
  return { market, broker };
}

/** Runs the limit and the stop of one decision, in the loop's order. */
function run(
  { market, broker }: { market: SimulatedMarket; broker: SimulatedBroker },
  legs: { limits?: readonly LimitLeg[]; stops?: readonly StopLeg[] },
) {
  const targets = targetsAt(broker, market, 0, { weights: [undefined], ...legs });
  const before = broker.submitTargetWeights(targets);
  const after = broker.runStops(targets, () => broker.account.quantity[0]!);
  return [...before, ...after];
}

Deno.test("FR-039 a buy limit fills at its price without slippage, with the fee", () => {
  const at = withBar([100, 105, 90, 100], { feeBps: 100, slippageBps: 100 });
  const [fill] = fillsOf(run(at, { limits: [limitLeg(95, 0.5)] }));
  strictEqual(fill?.kind, "limit");
  strictEqual(fill?.model, 0);
  strictEqual(fill?.price, 95);
  strictEqual(fill?.slippage, 0);
  strictEqual(fill?.fee, 5 * 95 * 0.01);
  strictEqual(fill?.quantity, 5);
  strictEqual(fill?.target, 5);
  strictEqual(at.broker.account.cash, 1000 - 475 - 4.75);
});

Deno.test("FR-039 a bar that only touches the limit fills nothing; a gap fills at the better open", () => {
  deepStrictEqual(run(withBar([100, 105, 95, 100]), { limits: [limitLeg(95, 0.5)] }), []);
  const [buy] = fillsOf(run(withBar([90, 96, 88, 92]), { limits: [limitLeg(95, 0.5)] }));
  strictEqual(buy?.price, 90);
  const holding = withBar([110, 112, 104, 105], { units: 5 });
  const [sell] = fillsOf(run(holding, { limits: [limitLeg(105, 0, 5)] }));
  strictEqual(sell?.price, 110);
  const touched = withBar([100, 105, 95, 100], { units: 5 });
  deepStrictEqual(run(touched, { limits: [limitLeg(105, 0, 5)] }), []);
});

Deno.test("FR-039 a sell limit that takes all leaves exactly nothing", () => {
  const at = withBar([100, 106, 95, 100], { units: 0.1 + 0.2 });
  run(at, { limits: [limitLeg(105, 0, 0.3)] });
  strictEqual(at.broker.account.quantity[0], 0);
});

Deno.test("FR-039 a limit buy takes no more than the cash there is, in whole lots", () => {
  const at = withBar([100, 105, 90, 100], { cash: 250, units: 10, quantityPrecision: 0 });
  const [fill] = fillsOf(run(at, { limits: [limitLeg(95, 1, 8)] }));
  strictEqual(fill?.quantity, 2); // wants 1250 ÷ 100 − 8 = 4, 250 buy 2
  strictEqual(fill?.target, 14);
  strictEqual(fill?.held, 10);
  strictEqual(at.broker.account.cash, 60);
});

Deno.test("FR-039 limit buys never leave cash below zero, to the last bit", () => {
  for (let price = 90; price < 100; price += 0.37) {
    const at = withBar([100, 105, 80, 100], { cash: 333.33, units: 7, feeBps: 7 });
    run(at, { limits: [limitLeg(price, 1, 0)] });
    const { cash } = at.broker.account;
    ok(cash >= 0 && cash < 1e-9, `cash ${cash}`);
  }
});

Deno.test("FR-043 a limit leg under the minimum is skipped, and one without cash", () => {
  const small = withBar([100, 105, 90, 100], { minOrderSize: 6 });
  const [below] = run(small, { limits: [limitLeg(95, 0.5)] });
  ok(below?.status === "skipped" && below.reason === "below_minimum" && below.kind === "limit");
  const poor = withBar([100, 105, 90, 100], { cash: 0, units: 10, minOrderSize: 1 });
  const [broke] = run(poor, { limits: [limitLeg(95, 1, 5)] });
  ok(broke?.status === "skipped" && broke.reason === "no_cash");
});

Deno.test("FR-039 a stop sells the model's units at its price less slippage", () => {
  const at = withBar([100, 105, 90, 100], { units: 4, slippageBps: 100, feeBps: 100 });
  const [fill] = fillsOf(run(at, { stops: [stopLeg(95)] }));
  strictEqual(fill?.kind, "stop");
  strictEqual(fill?.referencePrice, 95);
  strictEqual(fill?.price, 95 * 0.99);
  strictEqual(fill?.fee, 4 * 95 * 0.99 * 0.01);
  strictEqual(fill?.quantity, -4);
  strictEqual(fill?.pessimistic, false);
  strictEqual(at.broker.account.quantity[0], 0);
});

Deno.test("FR-039 a stop is set off by a touch, fills at a worse open, and rests otherwise", () => {
  const [touched] = fillsOf(
    run(withBar([100, 105, 95, 100], { units: 4 }), { stops: [stopLeg(95)] }),
  );
  strictEqual(touched?.price, 95);
  const [gap] = fillsOf(run(withBar([80, 85, 75, 82], { units: 4 }), { stops: [stopLeg(95)] }));
  strictEqual(gap?.price, 80);
  deepStrictEqual(run(withBar([100, 105, 96, 100], { units: 4 }), { stops: [stopLeg(95)] }), []);
  deepStrictEqual(run(withBar([80, 85, 75, 82]), { stops: [stopLeg(95)] }), []);
  deepStrictEqual(run(withBar(undefined, { units: 4 }), { stops: [stopLeg(95)] }), []);
});

Deno.test("FR-039 the stop of a short buys back at the worse of stop and open", () => {
  const [fill] = fillsOf(
    run(withBar([100, 107, 95, 100], { units: -4 }), { stops: [stopLeg(105)] }),
  );
  strictEqual(fill?.quantity, 4);
  strictEqual(fill?.price, 105);
  const [gap] = fillsOf(
    run(withBar([120, 127, 115, 120], { units: -4 }), { stops: [stopLeg(105)] }),
  );
  strictEqual(gap?.price, 120);
});

Deno.test("FR-039 the stop of a short spends no cash that is not there", () => {
  const at = withBar([100, 110, 95, 100], { units: -4, cash: 220 });
  const [fill] = fillsOf(run(at, { stops: [stopLeg(110)] }));
  strictEqual(fill?.quantity, 2);
  strictEqual(at.broker.account.cash, 0);
  const broke = withBar([100, 110, 95, 100], { units: -4, cash: 0 });
  const [skip] = run(broke, { stops: [stopLeg(110)] });
  ok(skip?.status === "skipped" && skip.reason === "no_cash");
});

Deno.test("FR-043 a stop under the minimum is skipped with its reason", () => {
  const at = withBar([100, 105, 90, 100], { units: 4, minOrderSize: 5 });
  const [skip] = run(at, { stops: [stopLeg(95)] });
  ok(skip?.status === "skipped" && skip.reason === "below_minimum" && skip.kind === "stop");
});

Deno.test("FR-039 an exit whose bar reaches limit and stop is taken at the stop, and says so", () => {
  const at = withBar([100, 110, 90, 100], { units: 4 });
  const fills = fillsOf(run(at, { limits: [limitLeg(105, 0, 4)], stops: [stopLeg(95)] }));
  deepStrictEqual(
    fills.map(({ kind, price, pessimistic }) => [kind, price, pessimistic]),
    [["stop", 95, true]],
  );
});

Deno.test("FR-039 an entry whose bar reaches limit and stop is bought and stopped out", () => {
  const at = withBar([100, 105, 85, 100]);
  const fills = fillsOf(run(at, { limits: [limitLeg(95, 0.5)], stops: [stopLeg(90)] }));
  deepStrictEqual(
    fills.map(({ kind, quantity, price, pessimistic }) => [kind, quantity, price, pessimistic]),
    [["limit", 5, 95, false], ["stop", -5, 90, true]],
  );
  strictEqual(at.broker.account.cash, 975);
});

Deno.test("FR-039 a short entry and a short exit are ambiguous the other way round", () => {
  const entry = withBar([100, 115, 95, 100]);
  const entered = fillsOf(run(entry, { limits: [limitLeg(105, -0.5)], stops: [stopLeg(110)] }));
  deepStrictEqual(entered.map(({ kind, price }) => [kind, price]), [["limit", 105], ["stop", 110]]);
  const exit = withBar([100, 110, 90, 100], { units: -4 });
  const left = fillsOf(run(exit, { limits: [limitLeg(95, 0, -4)], stops: [stopLeg(105)] }));
  deepStrictEqual(left.map(({ kind, price, pessimistic }) => [kind, price, pessimistic]), [
    ["stop", 105, true],
  ]);
});

Deno.test("FR-039 a market entry at the open can be stopped out inside the same bar", () => {
  const { market, broker } = withBar([100, 105, 90, 100]);
  const targets = targetsAt(broker, market, 0, { weights: [0.5], stops: [stopLeg(95)] });
  broker.submitTargetWeights(targets);
  const [stop] = fillsOf(broker.runStops(targets, () => 5));
  strictEqual(stop?.price, 95);
  strictEqual(broker.account.cash, 975);
});

Deno.test("FR-039 a bar ambiguous once does not mark a later stop as pessimistic", () => {
  const bars = [100, [100, 110, 90, 100], [100, 101, 80, 90]] as const;
  const market = testMarket([{ bars, minOrderSize: 5 }]);
  const broker = simulatedBroker(market, 1000);
  broker.account.quantity[0] = 4;
  run({ market, broker }, { limits: [limitLeg(105, 0, 4)], stops: [stopLeg(95)] });
  broker.account.quantity[0] = 6;
  const later = targetsAt(broker, market, 1, { weights: [undefined], stops: [stopLeg(95)] });
  const [stop] = fillsOf(broker.runStops(later, () => 6));
  strictEqual(stop?.pessimistic, false);
});

Deno.test("FR-039 under same_close the legs of a decision live in the bar after it", () => {
  const bars = [100, [100, 105, 85, 100], [100, 102, 94, 100]] as const;
  const market = testMarket([{ bars }], { fill: "same_close" });
  const broker = simulatedBroker(market, 1000);
  const targets = targetsAt(broker, market, 1, {
    weights: [undefined],
    limits: [limitLeg(95, 0.5)],
  });
  const [fill] = fillsOf(broker.submitTargetWeights(targets));
  strictEqual(fill?.row, 2);
  strictEqual(fill?.price, 95);
});

Deno.test("FR-039 what waits for its price is no part of the market order, however prices move", () => {
  for (const sizing of ["decision_price", "fill_price"] as const) {
    const market = testMarket([{ bars: [100, [125, 130, 120, 125]] }], { sizing });
    const broker = simulatedBroker(market, 600);
    broker.account.quantity[0] = 4;
    // All 4 units wait to be sold at 200, and nobody else wants any: 40 % of NAV stand for them.
    const limits = [limitLeg(200, 0, 4)];
    deepStrictEqual(broker.runMarket(targetsAt(broker, market, 0, { weights: [0.4], limits })), []);
    const [fill] = fillsOf(
      broker.runMarket(targetsAt(broker, market, 0, { weights: [0.5], limits })),
    );
    // 10 % of 1000 at 100, or of 1100 at 125.
    strictEqual(
      fill?.quantity.toFixed(9),
      sizing === "decision_price" ? "1.000000000" : "0.880000000",
    );
  }
});

Deno.test("FR-039 a limit sells what the model holds once the market orders have been settled", () => {
  const { market, broker } = withBar([100, 106, 95, 100], { units: 3 });
  const targets = targetsAt(broker, market, 0, {
    weights: [undefined],
    limits: [limitLeg(105, 0, 3.3)],
  });
  const [fill] = fillsOf(broker.runLimits(targets, () => 2.5));
  strictEqual(fill?.quantity, -2.5);
  strictEqual(fill?.target, 0.5);
});

Deno.test("FR-043 a difference that is only rounding is no order", () => {
  const { market, broker } = withBar([100, 106, 90, 100], { units: 3 });
  const limits = [limitLeg(95, 0.3 / 1.3 + 1e-16, 3)];
  deepStrictEqual(run({ market, broker }, { limits }), []);
  const target = targetsAt(broker, market, 0, { weights: [300 / 1300 + 1e-15] });
  deepStrictEqual(broker.submitTargetWeights(target), []);
});
