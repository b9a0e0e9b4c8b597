import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { binanceClient, OPEN } from "./test_clients.ts";
import { openFaultBroker } from "./test_fault_broker.ts";

const BUY = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.01" } as const;

function open(more: Partial<Parameters<typeof openFaultBroker>[0]> = {}) {
  return openFaultBroker({
    kind: "binance",
    seed: 1,
    now: OPEN,
    prices: { BTCUSDT: "60000", ETHUSDT: "3000" },
    volatility: 0,
    halfSpread: "0",
    ...more,
  });
}

Deno.test("the fault broker as Binance fills a market order and takes its fee out of the coin", async () => {
  await using broker = open();
  const { post, get } = binanceClient(broker);
  const sent = await post("/api/v3/order", { ...BUY, newClientOrderId: "q1-a" });
  equal(sent.status, 200);
  deepStrictEqual(sent.json, {
    symbol: "BTCUSDT",
    orderId: 7000001,
    orderListId: -1,
    clientOrderId: "q1-a",
    transactTime: OPEN,
    price: "0.00000000",
    origQty: "0.01000000",
    executedQty: "0.01000000",
    origQuoteOrderQty: "0.00000000",
    cummulativeQuoteQty: "600.00000000",
    status: "FILLED",
    timeInForce: "GTC",
    type: "MARKET",
    side: "BUY",
    workingTime: OPEN,
    selfTradePreventionMode: "EXPIRE_MAKER",
    fills: [{
      price: "60000.00000000",
      qty: "0.01000000",
      commission: "0.00001000",
      commissionAsset: "BTC",
      tradeId: 1,
    }],
  });
  const account = (await get("/api/v3/account", { omitZeroBalances: "true" })).json;
  deepStrictEqual(account.balances, [
    { asset: "BTC", free: "0.00999000", locked: "0.00000000" },
    { asset: "USDT", free: "99400.00000000", locked: "0.00000000" },
  ]);
  equal(String(account.uid), broker.accountNumber);
  const all = await post("/api/v3/order", { ...BUY, side: "SELL" });
  deepStrictEqual(all.json, {
    code: -2010,
    msg: "Account has insufficient balance for requested action.",
  });
  const [trade] = (await get("/api/v3/myTrades", { symbol: "BTCUSDT" })).json;
  deepStrictEqual(trade, {
    symbol: "BTCUSDT",
    id: 1,
    orderId: 7000001,
    orderListId: -1,
    price: "60000.00000000",
    qty: "0.01000000",
    quoteQty: "600.00000000",
    commission: "0.00001000",
    commissionAsset: "BTC",
    time: OPEN,
    isBuyer: true,
    isMaker: false,
    isBestMatch: true,
  });
});

Deno.test("the fault broker as Binance takes a client order id again once its order is done", async () => {
  await using broker = open();
  const { post, get } = binanceClient(broker);
  const limit = { ...BUY, type: "LIMIT", timeInForce: "GTC", price: "50000" };
  await post("/api/v3/order", { ...limit, newClientOrderId: "a" });
  const twice = await post("/api/v3/order", { ...limit, newClientOrderId: "a" });
  deepStrictEqual([twice.status, twice.json], [400, {
    code: -2010,
    msg: "Duplicate order sent.",
  }]);
  equal((await get("/api/v3/openOrders")).json.length, 1);
  const balances = (await get("/api/v3/account")).json.balances;
  equal(balances.find(({ asset }: { asset: string }) => asset === "USDT").locked, "500.00000000");
  broker.setPrice("BTCUSDT", "49000");
  equal((await get("/api/v3/openOrders")).json.length, 0);
  equal((await post("/api/v3/order", { ...BUY, newClientOrderId: "a" })).status, 200);
  deepStrictEqual(broker.truth().acceptedByClientId, { a: 2 });
  deepStrictEqual(broker.truth().acceptedByDecision, {
    "2026-03-02T16:00:00Z BTCUSDT": { orders: 2, asked: "0.02", executed: "0.02" },
  });
});

Deno.test("the fault broker as Binance refuses with its codes", async () => {
  await using broker = open();
  const { post, get, del, open: ask } = binanceClient(broker);
  const refusal = async (change: Record<string, string>) => {
    const { json } = await post("/api/v3/order", { ...BUY, ...change });
    return [json.code, json.msg];
  };
  deepStrictEqual(await refusal({ quantity: "0.012345678" }), [
    ...[-1111, "Parameter 'quantity' has too much precision."],
  ]);
  deepStrictEqual(await refusal({ quantity: "0.0123456" }), [-1013, "Filter failure: LOT_SIZE"]);
  deepStrictEqual(await refusal({ quantity: "0.00005" }), [-1013, "Filter failure: NOTIONAL"]);
  const limit = { type: "LIMIT", timeInForce: "GTC" };
  deepStrictEqual(await refusal({ ...limit, price: "0.015" }), [
    ...[-1013, "Filter failure: PRICE_FILTER"],
  ]);
  deepStrictEqual(await refusal({ ...limit, price: "1" }), [
    ...[-1013, "Filter failure: PERCENT_PRICE_BY_SIDE"],
  ]);
  deepStrictEqual((await refusal(limit))[0], -1102);
  deepStrictEqual((await refusal({ newClientOrderId: "a b" }))[0], -1100);
  deepStrictEqual((await refusal({ newClientOrderId: "a".repeat(37) }))[0], -1100);
  deepStrictEqual(await refusal({ symbol: "NOPEUSDT" }), [-1121, "Invalid symbol."]);
  deepStrictEqual((await refusal({ quantity: "50" }))[0], -2010);
  const now = broker.clock.now();
  deepStrictEqual((await refusal({ timestamp: String(now + 1_000) }))[0], -1021);
  deepStrictEqual((await refusal({ timestamp: String(now - 5_001) }))[0], -1021);
  deepStrictEqual((await refusal({ timestamp: String(now), recvWindow: "60001" }))[0], -1131);
  const order = { symbol: "BTCUSDT", origClientOrderId: "none" };
  deepStrictEqual((await get("/api/v3/order", order)).json, {
    code: -2013,
    msg: "Order does not exist.",
  });
  deepStrictEqual((await del("/api/v3/order", order)).json, {
    code: -2011,
    msg: "Unknown order sent.",
  });
  const forged = await fetch(`${broker.url}/api/v3/account?timestamp=${now}&signature=00`, {
    headers: { "x-mbx-apikey": broker.keys.id },
  });
  deepStrictEqual([forged.status, (await forged.json()).code], [400, -1022]);
  equal((await ask("/api/v3/account")).json.code, -2014);
  equal(broker.truth().orders.length, 0);
});

Deno.test("the fault broker as Binance cancels, and lists no more than a day", async () => {
  await using broker = open();
  const { post, get, del } = binanceClient(broker);
  const limit = { ...BUY, type: "LIMIT", timeInForce: "GTC", price: "50000" };
  await post("/api/v3/order", { ...limit, newClientOrderId: "a" });
  const canceled = await del("/api/v3/order", { symbol: "BTCUSDT", origClientOrderId: "a" });
  deepStrictEqual(
    [canceled.json.origClientOrderId, canceled.json.status, canceled.json.executedQty],
    ["a", "CANCELED", "0.00000000"],
  );
  await post("/api/v3/order", { ...limit, newClientOrderId: "b" });
  equal((await del("/api/v3/openOrders", { symbol: "BTCUSDT" })).json.length, 1);
  equal((await del("/api/v3/openOrders", { symbol: "BTCUSDT" })).json.code, -2011);
  await post("/api/v3/order", BUY);
  broker.advance(86_400_000);
  await post("/api/v3/order", BUY);
  const trades = (fields: Record<string, string>) =>
    get("/api/v3/myTrades", { symbol: "BTCUSDT", ...fields });
  equal((await trades({})).json.length, 2);
  equal((await trades({ startTime: String(OPEN - 1) })).json.length, 1);
  equal((await trades({ fromId: "2" })).json.length, 1);
  const wide = await trades({ startTime: String(OPEN - 1), endTime: String(OPEN + 86_400_000) });
  equal(wide.json.code, -1127);
  const orders = await get("/api/v3/allOrders", { symbol: "BTCUSDT", orderId: "7000002" });
  deepStrictEqual(orders.json.map(({ status }: { status: string }) => status), [
    ...["CANCELED", "FILLED", "FILLED"],
  ]);
});

Deno.test("the fault broker as Binance publishes rules, prices and its clock", async () => {
  await using broker = open({ halfSpread: "0.001", filters: { ETHUSDT: { step: "0.01" } } });
  const { open: ask } = binanceClient(broker);
  deepStrictEqual((await ask("/api/v3/time")).json, { serverTime: OPEN });
  const info = await ask("/api/v3/exchangeInfo?symbols=%5B%22ETHUSDT%22%5D");
  equal(info.headers.get("x-mbx-used-weight-1m"), "21");
  const [eth] = info.json.symbols;
  deepStrictEqual([eth.symbol, eth.baseAsset, eth.quoteAsset, eth.status], [
    ...["ETHUSDT", "ETH", "USDT", "TRADING"],
  ]);
  const lot = eth.filters.find(({ filterType }: { filterType: string }) =>
    filterType === "LOT_SIZE"
  );
  equal(lot.stepSize, "0.01");
  deepStrictEqual((await ask("/api/v3/ticker/price?symbol=BTCUSDT")).json, {
    symbol: "BTCUSDT",
    price: "60000.00000000",
  });
  const book = (await ask("/api/v3/ticker/bookTicker")).json;
  deepStrictEqual([book[0].bidPrice, book[0].askPrice], ["59940.00000000", "60060.00000000"]);
  const depth = (await ask("/api/v3/depth?symbol=BTCUSDT&limit=5")).json;
  deepStrictEqual([depth.bids.length, depth.bids[0][0], depth.asks[0][0]], [
    ...[5, "59940.00000000", "60060.00000000"],
  ]);
  const klines = (await ask("/api/v3/klines?symbol=BTCUSDT&interval=4h&limit=3")).json;
  equal(klines.length, 3);
  ok(klines.every((row: unknown[]) => row.length === 12));
  equal(klines[2][0], OPEN - 1_000);
});
