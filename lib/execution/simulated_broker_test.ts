import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { brokerContract } from "./broker_contract.ts";
import { simulatedBroker } from "./simulated_broker.ts";
import { targetsAt, testMarket } from "./test_market.ts";

brokerContract("simulated", "backtest", ({ cash, symbols, minOrderSize, prices }) => {
  const market = testMarket(symbols.map((symbol, place) => ({
    symbol,
    minOrderSize,
    quantityPrecision: 3,
    // Bars before the first decision give the price that sizes it.
    bars: [
      prices.map((row) => row[place]).find((price) => price !== undefined),
      ...prices.map(
        (row) => row[place],
      ),
    ],
  })));
  const broker = simulatedBroker(market, cash);
  return {
    broker,
    at(decision) {
      broker.account.index = decision;
      return market.decisionTimes[decision]!;
    },
  };
});

Deno.test("FR-038 a broker marks at the closes known at the last decision it has seen", () => {
  const market = testMarket([{ bars: [10, [10, 20, 10, 20], 20] }]);
  const broker = simulatedBroker(market, 1000);
  broker.submitTargetWeights(targetsAt(broker, market, 0, { weights: [0.5] }));
  strictEqual(broker.getNav(), "1000");
  broker.runStops(targetsAt(broker, market, 1, { weights: [undefined] }), () => 0);
  strictEqual(broker.getNav(), "1500");
  deepStrictEqual(broker.getPositions(), [{
    symbol: "A",
    quantity: "50",
    averageEntryPrice: "10",
    marketValue: "1000",
    unrealizedPnl: "500",
  }]);
});

Deno.test("FR-038 interest is cash", () => {
  const broker = simulatedBroker(testMarket([{ bars: [10, 10] }]), 1000);
  broker.accrue(2.5);
  strictEqual(broker.getCash(), "1002.5");
  strictEqual(broker.getNav(), "1002.5");
});

Deno.test("FR-038 very small and very large numbers are digits too, never with an exponent", () => {
  const cashAs = (cash: number) => simulatedBroker(testMarket([{ bars: [1, 1] }]), cash).getCash();
  strictEqual(cashAs(1.5e-7), "0.00000015");
  strictEqual(cashAs(-2e-10), "-0.0000000002");
  strictEqual(cashAs(1.25e21), "1250000000000000000000");
  strictEqual(cashAs(1e300).length, 301);
  strictEqual(cashAs(0.1 + 0.2), "0.30000000000000004");
});
