import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { parseTime } from "../../core/clock.ts";
import { alpacaClient, OPEN } from "./test_clients.ts";
import { openFaultBroker } from "./test_fault_broker.ts";

const SPY = { symbol: "SPY", side: "buy", type: "market", time_in_force: "day" } as const;

function open(more: Partial<Parameters<typeof openFaultBroker>[0]> = {}) {
  return openFaultBroker({
    kind: "alpaca",
    seed: 1,
    now: OPEN,
    prices: { SPY: "500", QQQ: "400" },
    volatility: 0,
    halfSpread: "0",
    ...more,
  });
}

Deno.test("the fault broker as Alpaca accepts a market order as pending, then fills it", async () => {
  await using broker = open();
  const { post, get } = alpacaClient(broker);
  const sent = await post("/v2/orders", { ...SPY, qty: "2.5", client_order_id: "q1-a" });
  equal(sent.status, 200);
  const { id, created_at, ...order } = sent.json;
  match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  equal(created_at, "2026-03-02T16:00:01.000000001Z");
  deepStrictEqual(
    [order.status, order.filled_qty, order.filled_avg_price, order.qty, order.notional],
    ["pending_new", "0", null, "2.5", null],
  );
  deepStrictEqual([order.order_class, order.type, order.order_type, order.extended_hours], [
    ...["", "market", "market"],
    false,
  ]);
  const found = await get("/v2/orders:by_client_order_id?client_order_id=q1-a");
  deepStrictEqual(
    [found.json.id, found.json.status, found.json.filled_qty, found.json.filled_avg_price],
    [id, "filled", "2.5", "500"],
  );
  const account = (await get("/v2/account")).json;
  deepStrictEqual(
    [account.cash, account.equity, account.buying_power, account.account_number],
    ["98750", "100000", "98750", broker.accountNumber],
  );
  const positions = (await get("/v2/positions")).json;
  equal(positions.length, 1);
  deepStrictEqual(
    [positions[0].symbol, positions[0].qty, positions[0].side, positions[0].avg_entry_price],
    ["SPY", "2.5", "long", "500"],
  );
  const [fill] = (await get("/v2/account/activities/FILL")).json;
  match(fill.id, /^20260302110001000::[0-9a-f-]{36}$/);
  delete fill.id;
  deepStrictEqual(fill, {
    activity_type: "FILL",
    transaction_time: "2026-03-02T16:00:01.000000001Z",
    type: "fill",
    price: "500",
    qty: "2.5",
    side: "buy",
    symbol: "SPY",
    leaves_qty: "0",
    order_id: id,
    cum_qty: "2.5",
    order_status: "filled",
  });
});

Deno.test("the fault broker as Alpaca takes a client order id once and for ever", async () => {
  await using broker = open();
  const { post } = alpacaClient(broker);
  await post("/v2/orders", { ...SPY, qty: "1", client_order_id: "q1-a" });
  broker.advance(3_600_000);
  const again = await post("/v2/orders", { ...SPY, qty: "1", client_order_id: "q1-a" });
  equal(again.status, 422);
  deepStrictEqual(again.json, { code: 40010001, message: "client_order_id must be unique" });
  const other = await post("/v2/orders", { ...SPY, qty: "1", client_order_id: "q1-b" });
  equal(other.status, 200);
  deepStrictEqual(broker.truth().acceptedByClientId, { "q1-a": 1, "q1-b": 1 });
});

Deno.test("the fault broker as Alpaca refuses with its codes", async () => {
  await using broker = open({ holdings: { QQQ: "3" } });
  const { post, get, del } = alpacaClient(broker);
  const refusal = async (change: Record<string, unknown>) => {
    const { status, json } = await post("/v2/orders", { ...SPY, qty: "1", ...change });
    return [status, json.code, json.message];
  };
  deepStrictEqual(await refusal({ qty: "1000" }), [403, 40310000, "insufficient buying power"]);
  deepStrictEqual(await refusal({ side: "sell" }), [
    ...[403, 40310000],
    "account is not allowed to short",
  ]);
  deepStrictEqual(await refusal({ symbol: "QQQ", side: "sell", qty: "5" }), [
    ...[403, 40310000],
    "insufficient qty available for order (requested: 5, available: 3)",
  ]);
  deepStrictEqual(await refusal({ symbol: "NOPE" }), [422, 42210000, 'asset "NOPE" not found']);
  deepStrictEqual((await refusal({ notional: "5" })).slice(0, 2), [422, 40010001]);
  deepStrictEqual((await refusal({ qty: "0" })).slice(0, 2), [422, 42210000]);
  deepStrictEqual((await refusal({ qty: "1.5", time_in_force: "gtc" })).slice(0, 2), [
    ...[422, 42210000],
  ]);
  const penny = await refusal({ type: "limit", limit_price: "10.123" });
  ok(String(penny[2]).includes("sub-penny increment"));
  const unknown = await get("/v2/orders:by_client_order_id?client_order_id=zzz");
  deepStrictEqual([unknown.status, unknown.json.code], [404, 40410000]);
  deepStrictEqual((await del(`/v2/orders/zzz`)).status, 404);
  const done = await post("/v2/orders", { ...SPY, qty: "1" });
  const late = await del(`/v2/orders/${done.json.id}`);
  deepStrictEqual([late.status, late.json], [
    422,
    { code: 42210000, message: 'order is already in "filled" state' },
  ]);
  const stranger = await fetch(`${broker.url}/v2/account`);
  deepStrictEqual([stranger.status, await stranger.json()], [401, { message: "unauthorized." }]);
  deepStrictEqual((await get("/v2/positions/SPY")).status, 200);
  deepStrictEqual((await get("/v2/positions/IWM")).json.code, 40410000);
});

Deno.test("the fault broker as Alpaca parks orders of a closed market and refuses the opposite side", async () => {
  await using broker = open({ now: parseTime("2026-03-02T21:00:01Z"), holdings: { SPY: "1" } });
  const { post, get, del } = alpacaClient(broker);
  const parked = await post("/v2/orders", { ...SPY, qty: "2", client_order_id: "p" });
  equal(parked.json.status, "accepted");
  broker.advance(60_000);
  equal((await get("/v2/orders")).json[0].status, "accepted");
  equal((await get("/v2/positions")).json[0].qty, "1");
  equal((await get("/v2/account")).json.buying_power, "99000");
  const opposite = await post("/v2/orders", { ...SPY, side: "sell", qty: "1" });
  deepStrictEqual([opposite.status, opposite.json.code, opposite.json.reject_reason], [
    ...[403, 40310000],
    "opposite side market order exists",
  ]);
  equal(opposite.json.existing_order_id, parked.json.id);
  broker.setTime(parseTime("2026-03-03T14:30:00Z"));
  equal((await get(`/v2/orders/${parked.json.id}`)).json.status, "filled");
  broker.setTime(parseTime("2026-03-03T21:00:00Z"));
  const second = await post("/v2/orders", { ...SPY, qty: "1" });
  equal((await del(`/v2/orders/${second.json.id}`)).status, 204);
  await post("/v2/orders", { ...SPY, qty: "1" });
  const all = await del("/v2/orders");
  equal(all.status, 207);
  deepStrictEqual(all.json.map(({ status }: { status: number }) => status), [200]);
  deepStrictEqual((await get("/v2/orders")).json, []);
});

Deno.test("the fault broker as Alpaca lets unfilled day orders expire at the close", async () => {
  await using broker = open();
  const { post, get } = alpacaClient(broker);
  const limit = { ...SPY, type: "limit", qty: "1", limit_price: "490" };
  await post("/v2/orders", { ...limit, client_order_id: "day" });
  await post("/v2/orders", { ...limit, client_order_id: "gtc", time_in_force: "gtc" });
  broker.setTime(parseTime("2026-03-02T21:00:00Z"));
  const status = async (id: string) =>
    (await get(`/v2/orders:by_client_order_id?client_order_id=${id}`)).json.status;
  deepStrictEqual([await status("day"), await status("gtc")], ["expired", "new"]);
  broker.setPrice("SPY", "480");
  equal(await status("gtc"), "new");
  broker.setTime(parseTime("2026-03-03T14:30:00Z"));
  equal(await status("gtc"), "filled");
});

Deno.test("the fault broker as Alpaca tells the time, the sessions and its assets", async () => {
  await using broker = open();
  const { get } = alpacaClient(broker);
  deepStrictEqual((await get("/v2/clock")).json, {
    timestamp: "2026-03-02T11:00:01.000000000-05:00",
    is_open: true,
    next_open: "2026-03-03T09:30:00-05:00",
    next_close: "2026-03-02T16:00:00-05:00",
  });
  deepStrictEqual((await get("/v2/calendar?start=2026-11-26&end=2026-11-29")).json, [{
    date: "2026-11-27",
    open: "09:30",
    close: "13:00",
    session_open: "0400",
    session_close: "1700",
    settlement_date: "2026-11-30",
  }]);
  const asset = (await get("/v2/assets/SPY")).json;
  deepStrictEqual([asset.class, asset.tradable, asset.fractionable], ["us_equity", true, true]);
  deepStrictEqual((await get("/v2/assets/NOPE")).json.code, 40410000);
  broker.setTime(parseTime("2026-03-09T20:00:00Z"));
  const clock = (await get("/v2/clock")).json;
  deepStrictEqual([clock.timestamp.slice(-6), clock.is_open], ["-04:00", false]);
  equal(clock.next_open, "2026-03-10T09:30:00-04:00");
});

Deno.test("the fault broker as Alpaca pages through fills, and after means after", async () => {
  await using broker = open();
  const { post, get } = alpacaClient(broker);
  for (let i = 0; i < 5; i++) {
    await post("/v2/orders", { ...SPY, qty: "1" });
    broker.advance(1_000);
  }
  const path = "/v2/account/activities/FILL?direction=asc&page_size=2";
  const first = (await get(path)).json;
  const second = (await get(`${path}&page_token=${first[1].id}`)).json;
  const third = (await get(`${path}&page_token=${second[1].id}`)).json;
  deepStrictEqual([first.length, second.length, third.length], [2, 2, 1]);
  equal(new Set([...first, ...second, ...third].map(({ id }) => id)).size, 5);
  const after = encodeURIComponent(second[1].transaction_time);
  deepStrictEqual((await get(`${path}&after=${after}`)).json, third);
  const newest = (await get("/v2/account/activities/FILL?page_size=1")).json;
  deepStrictEqual(newest, third);
  const orders = (await get("/v2/orders?status=all&limit=2&direction=asc")).json;
  const next = (await get(
    `/v2/orders?status=all&direction=asc&after=${encodeURIComponent(orders[1].submitted_at)}`,
  )).json;
  equal(next.length, 3);
  deepStrictEqual((await get("/v2/orders?limit=501")).status, 422);
});

Deno.test("the fault broker as Alpaca has bars and last prices", async () => {
  const time = parseTime("2026-03-02T15:00:00Z");
  const bar = { open: "10", high: "12", low: "9", close: "11", volume: "70" };
  await using broker = open({
    prices: { SPY: { stepMs: 1_800_000, bars: [{ time, ...bar }] }, QQQ: "400" },
  });
  const { get } = alpacaClient(broker);
  const { json } = await get(
    "/v2/stocks/bars?symbols=SPY&timeframe=30Min&start=2026-03-02T14:00:00Z&end=2026-03-02T16:00:00Z",
  );
  deepStrictEqual(json, {
    bars: {
      SPY: [{ c: 11, h: 12, l: 9, n: 10, o: 10, t: "2026-03-02T15:00:00Z", v: 70, vw: 10.5 }],
    },
    next_page_token: null,
  });
  const trades = (await get("/v2/stocks/trades/latest?symbols=SPY,QQQ")).json.trades;
  deepStrictEqual([trades.SPY.p, trades.QQQ.p], [11, 400]);
  const quote = (await get("/v2/stocks/QQQ/quotes/latest")).json;
  deepStrictEqual([quote.symbol, quote.quote.ap, quote.quote.bp], ["QQQ", 400, 400]);
  broker.split("QQQ", 4);
  equal((await get("/v2/stocks/QQQ/trades/latest")).json.trade.p, 100);
  const actions = (await get("/v1/corporate-actions?symbols=QQQ")).json.corporate_actions;
  deepStrictEqual([actions.forward_splits[0].new_rate, actions.forward_splits[0].ex_date], [
    4,
    "2026-03-02",
  ]);
});
