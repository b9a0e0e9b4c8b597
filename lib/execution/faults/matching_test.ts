import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { parseTime } from "../../core/clock.ts";
import { alpacaClient, binanceClient, OPEN } from "./test_clients.ts";
import { amount, amountText } from "./test_decimal.ts";
import { openFaultBroker, type SeenRequest } from "./test_fault_broker.ts";
import { faultPrices } from "./test_prices.ts";

Deno.test("prices follow from the seed, stay near where they began, and hand-made bars are kept to", () => {
  const book = {
    SPY: "500",
    OLD: {
      stepMs: 1_000,
      bars: [
        { time: 5_000, open: "1", high: "3", low: "1", close: "2", volume: "1" },
        { time: 6_000, open: "2", high: "4", low: "2", close: "3", volume: "1" },
      ],
    },
  };
  const prices = faultPrices(book, { seed: 1 });
  const times = Array.from({ length: 50 }, (_, i) => OPEN + i * 3_600_000);
  const path = times.map((time) => prices.at("SPY", time));
  deepStrictEqual(times.map((time) => faultPrices(book, { seed: 1 }).at("SPY", time)), path);
  ok(new Set(path).size > 40);
  ok(path.every((price) => price > amount("460") && price < amount("540")));
  deepStrictEqual(
    [0, 5_999, 6_000, 6_999, 7_000].map((time) => amountText(prices.at("OLD", time))),
    ["1", "1", "2", "2", "3"],
  );
  const bar = prices.bar("OLD", 5_000, 2_000, 7_000)!;
  deepStrictEqual([bar.open, bar.high, bar.low, bar.close].map((price) => amountText(price)), [
    ...["1", "4", "1", "3"],
  ]);
  equal(prices.bar("OLD", 6_000, 1_000, 6_999), undefined);
  prices.split("SPY", 2, OPEN);
  equal(amountText(prices.at("SPY", OPEN)), amountText(path[0]! / 2n, 2).replace(/\.?0+$/, ""));
});

Deno.test("Binance fills as much as there is money when a price runs away, Alpaca lends", async () => {
  await using broker = openFaultBroker({
    ...{ kind: "binance", seed: 1, now: OPEN, prices: { BTCUSDT: "50" }, cash: "100" },
    ...{ volatility: 0, halfSpread: "0" },
    faults: [{ on: "order", at: 0, kind: "delayed", ms: 1_000 }],
  });
  const order = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "2" };
  equal((await binanceClient(broker).post("/api/v3/order", order)).json.status, "NEW");
  broker.setPrice("BTCUSDT", "80");
  broker.advance(1_000);
  const [done] = broker.truth().orders;
  deepStrictEqual([done?.status, done?.filled, broker.truth().cash], ["expired", "1.25", "0"]);

  await using other = openFaultBroker({
    ...{ kind: "alpaca", seed: 1, now: parseTime("2026-03-02T22:00:00Z"), cash: "100" },
    ...{ prices: { SPY: "50" }, volatility: 0, halfSpread: "0" },
  });
  const wish = { symbol: "SPY", side: "buy", type: "market", time_in_force: "day", qty: "2" };
  await alpacaClient(other).post("/v2/orders", wish);
  other.setPrice("SPY", "80");
  other.setTime(parseTime("2026-03-03T14:30:00Z"));
  deepStrictEqual([other.truth().positions.SPY, other.truth().cash], ["2", "-60"]);
  other.ownerTrade({ symbol: "SPY", side: "sell", quantity: "5" });
  deepStrictEqual([other.truth().positions, other.truth().cash], [{}, "100"]);
});

Deno.test("the broker tells when a client could be killed, and its clock can tick by requests", async () => {
  const seen: string[] = [];
  await using broker = openFaultBroker({
    ...{ kind: "alpaca", seed: 1, now: OPEN, prices: { SPY: "50" }, tickMs: 250 },
    onRequest: ({ phase, index, kind }: SeenRequest) => seen.push(`${phase} ${index} ${kind}`),
  });
  const { get } = alpacaClient(broker);
  await get("/v2/clock");
  equal((await get("/v2/clock")).json.timestamp, "2026-03-02T11:00:01.500000000-05:00");
  deepStrictEqual(seen, ["before 0 clock", "after 0 clock", "before 1 clock", "after 1 clock"]);
});
