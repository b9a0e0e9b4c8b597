import { deepStrictEqual, equal } from "node:assert/strict";
import { seededRandom } from "../../core/random.ts";
import { alpacaClient, binanceClient, OPEN, singleFetch } from "./test_clients.ts";
import { type Amount, amount, amountText, times } from "./test_decimal.ts";
import {
  type BrokerFault,
  type FaultBroker,
  faultSchedule,
  openFaultBroker,
  OUTSIDE_FAULTS,
  shrinkSchedule,
  USUAL_FAULTS,
} from "./test_fault_broker.ts";

const KINDS = ["alpaca", "binance"] as const;
type Kind = typeof KINDS[number];

function open(kind: Kind, seed: number, faults?: readonly BrokerFault[]): FaultBroker {
  const symbols = kind === "alpaca" ? ["SPY", "QQQ"] : ["BTCUSDT", "ETHUSDT"];
  const frequencies = { ...USUAL_FAULTS, ...OUTSIDE_FAULTS, slow: 0 };
  return openFaultBroker({
    kind,
    seed,
    now: OPEN,
    prices: { [symbols[0]!]: "600", [symbols[1]!]: "30" },
    faults: faults ?? faultSchedule(seed, { requests: 60, frequencies, symbols }),
  });
}

/** A client without any sense: trades, cancels and reads at random. What it was told, as text. */
async function play(kind: Kind, seed: number, broker: FaultBroker, send: typeof fetch) {
  const random = seededRandom(`client/${seed}`);
  const one = <Value>(values: readonly Value[]) => values[random.integer(values.length)]!;
  const asked = kind === "alpaca" ? alpacaAsks(broker, send, one) : binanceAsks(broker, send, one);
  const told: string[] = [];
  for (let i = 0; i < 60; i++) {
    told.push(await asked(i).then(({ status, json }) => JSON.stringify([status, json]), String));
    broker.advance(one([0, 200, 3_000, 60_000]));
  }
  return told;
}

type One = <Value>(values: readonly Value[]) => Value;

function alpacaAsks(broker: FaultBroker, send: typeof fetch, one: One) {
  const { get, post, del } = alpacaClient(broker, send);
  const reads = ["/v2/account", "/v2/positions", "/v2/orders?status=all", "/v2/clock"];
  return (i: number) => {
    const action = one(["buy", "buy", "sell", "cancel", "read"]);
    if (action === "cancel") return del("/v2/orders");
    if (action === "read") return get(one([...reads, "/v2/account/activities/FILL"]));
    return post("/v2/orders", {
      ...{ symbol: one(["SPY", "QQQ"]), side: action, type: "market", time_in_force: "day" },
      ...{ qty: one(["1", "2.5", "7"]), client_order_id: `c${i}` },
    });
  };
}

function binanceAsks(broker: FaultBroker, send: typeof fetch, one: One) {
  const { get, post, del } = binanceClient(broker, send);
  return (i: number) => {
    const symbol = one(["BTCUSDT", "ETHUSDT"]);
    const action = one(["BUY", "BUY", "SELL", "cancel", "read"]);
    if (action === "cancel") return del("/api/v3/openOrders", { symbol });
    if (action === "read") return get(`/api/v3/${one(["openOrders", "myTrades"])}`, { symbol });
    return post("/api/v3/order", {
      ...{ symbol, side: action, type: "MARKET", quantity: one(["1", "2.5", "0.123"]) },
      newClientOrderId: `c${i}`,
    });
  };
}

Deno.test("the same seed gives the same answers, log and truth, with a network and without", async () => {
  for (const kind of KINDS) {
    await using first = open(kind, 3);
    await using second = open(kind, 3);
    const told = await play(kind, 3, first, first.fetch);
    const again = await play(kind, 3, second, second.fetch);
    deepStrictEqual(again, told);
    deepStrictEqual(second.truth(), first.truth());
    deepStrictEqual(second.log, first.log);
    await using third = open(kind, 3);
    using single = singleFetch();
    await play(kind, 3, third, single.send);
    deepStrictEqual(third.truth(), first.truth());
    deepStrictEqual(third.log, first.log);
  }
});

Deno.test("the broker's books balance to the last digit after any session", async () => {
  let fills = 0;
  for (const kind of KINDS) {
    for (let seed = 0; seed < 60; seed++) {
      const faults = kindOfFaults(kind, seed);
      await using broker = open(kind, seed, faults);
      await play(kind, seed, broker, broker.fetch);
      const { balances, fills: done, orders } = broker.truth();
      fills += done.length;
      deepStrictEqual(balances, { ...recomputed(kind, broker, faults) }, `${kind} ${seed}`);
      for (const order of orders) {
        const parts = done.filter(({ venueOrderId }) => venueOrderId === order.venueOrderId);
        equal(amountText(sum(parts.map(({ quantity }) => amount(quantity)))), order.filled);
      }
      equal(new Set(done.map(({ tradeId }) => tradeId)).size, done.length);
    }
  }
  equal(fills > 1_000, true, `${fills} fills`);
});

/** Faults without resets and splits: those change balances by rules of their own. */
function kindOfFaults(kind: Kind, seed: number): readonly BrokerFault[] {
  const symbols = kind === "alpaca" ? ["SPY", "QQQ"] : ["BTCUSDT", "ETHUSDT"];
  const frequencies = { ...USUAL_FAULTS, owner_trade: 0.03, deposit: 0.02, slow: 0 };
  return faultSchedule(seed, { requests: 60, frequencies, symbols });
}

function sum(amounts: readonly Amount[]): Amount {
  return amounts.reduce((total, value) => total + value, 0n);
}

/** Balances from the first day's cash, deposits that came to pass, and fills. */
function recomputed(kind: Kind, broker: FaultBroker, faults: readonly BrokerFault[]) {
  const cash = kind === "alpaca" ? "USD" : "USDT";
  const balances: Record<string, Amount> = { [cash]: amount("100000") };
  const add = (asset: string, change: Amount) => {
    balances[asset] = (balances[asset] ?? 0n) + change;
  };
  for (const fault of faults) {
    const cameToPass = fault.on === "any" && fault.at < 60;
    if (fault.kind === "deposit" && cameToPass) add(cash, amount(fault.cash));
  }
  for (const { symbol, side, quantity, price, fee, feeAsset } of broker.truth().fills) {
    const sign = side === "buy" ? 1n : -1n;
    add(kind === "alpaca" ? symbol : symbol.slice(0, -4), sign * amount(quantity));
    add(cash, -sign * times(amount(quantity), amount(price)));
    if (fee !== "0") add(feeAsset, -amount(fee));
  }
  return Object.fromEntries(
    Object.entries(balances).sort(([a], [b]) => a < b ? -1 : 1)
      .map(([asset, value]) => [asset, amountText(value)]),
  );
}

Deno.test("a session that fails shrinks to the fault that did it", async () => {
  const frequencies = { ...USUAL_FAULTS, rejected: 0, slow: 0 };
  const faults: readonly BrokerFault[] = [
    ...faultSchedule(11, { requests: 60, frequencies }),
    { on: "order", at: 4, kind: "rejected" },
  ];
  const isRejected = async (some: readonly BrokerFault[]) => {
    await using broker = open("alpaca", 11, some);
    await play("alpaca", 11, broker, broker.fetch);
    return broker.truth().orders.some(({ status }) => status === "rejected");
  };
  const small = await shrinkSchedule(faults, isRejected);
  deepStrictEqual(small.map(({ kind }) => kind), ["rejected"]);
});
