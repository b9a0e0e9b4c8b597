import { deepStrictEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { parseTime } from "../../core/clock.ts";
import { alpacaClient, binanceClient, OPEN, singleFetch } from "./test_clients.ts";
import { type BrokerFault, openFaultBroker } from "./test_fault_broker.ts";

function alpaca(faults: readonly BrokerFault[], more: { readonly now?: number } = {}) {
  return openFaultBroker({
    ...{ kind: "alpaca", seed: 1, now: OPEN, prices: { SPY: "500" }, volatility: 0 },
    halfSpread: "0",
    faults,
    ...more,
  });
}

function binance(faults: readonly BrokerFault[]) {
  return openFaultBroker({
    ...{ kind: "binance", seed: 1, now: OPEN, prices: { BTCUSDT: "60000" }, volatility: 0 },
    halfSpread: "0",
    faults,
  });
}

const SPY = {
  symbol: "SPY",
  side: "buy",
  type: "market",
  time_in_force: "day",
  qty: "10",
} as const;
const BTC = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.01" } as const;
const first = { on: "submit", at: 0 } as const;

Deno.test("fault: an answer is lost before the order is seen, or after it was accepted", async () => {
  for (const phase of ["before", "after"] as const) {
    await using broker = alpaca([{ ...first, kind: "lost", phase }]);
    await rejects(alpacaClient(broker).post("/v2/orders", SPY), TypeError);
    equal(broker.truth().orders.length, phase === "after" ? 1 : 0);
    const [entry] = broker.log;
    deepStrictEqual([entry?.kind, entry?.status, entry?.faults], ["submit", "nothing", ["lost"]]);
    equal(entry?.accepted !== undefined, phase === "after");
    await alpacaClient(broker).post("/v2/orders", SPY);
    equal(broker.truth().orders.length, phase === "after" ? 2 : 1);
  }
});

Deno.test("fault: 5xx, HTML and half answers come after acceptance as well", async () => {
  const after = "after" as const;
  const cases: readonly [BrokerFault, number | typeof TypeError | typeof SyntaxError][] = [
    [{ ...first, kind: "status", phase: after, status: 500 }, 500],
    [{ ...first, kind: "status", phase: after, status: 504 }, 504],
    [{ ...first, kind: "html", phase: after }, SyntaxError],
    [{ ...first, kind: "short" }, SyntaxError],
    [{ ...first, kind: "cut" }, TypeError],
  ];
  for (const [fault, outcome] of cases) {
    for (const network of [true, false]) {
      await using broker = alpaca([fault]);
      const { post } = alpacaClient(broker, network ? fetch : broker.fetch);
      if (typeof outcome === "number") equal((await post("/v2/orders", SPY)).status, outcome);
      else await rejects(post("/v2/orders", SPY), outcome);
      equal(broker.truth().positions.SPY, "10", JSON.stringify(fault));
    }
  }
  await using broker = binance([
    { ...first, kind: "status", phase: "before", status: 504 },
    { on: "submit", at: 1, kind: "html", phase: "before" },
  ]);
  const { post } = binanceClient(broker);
  equal((await post("/api/v3/order", BTC)).json.code, -1007);
  await rejects(post("/api/v3/order", BTC), SyntaxError);
  deepStrictEqual(broker.truth().orders, []);
});

Deno.test("fault: a slow answer outlasts the client's patience", async () => {
  await using broker = alpaca([{ ...first, kind: "slow", phase: "after", ms: 10_000 }]);
  for (const [send, count] of [[fetch, 1], [broker.fetch, 2]] as const) {
    const limited: typeof fetch = (input, init) =>
      send(input, { ...init, signal: AbortSignal.timeout(30) });
    const { post } = alpacaClient(broker, limited);
    if (count === 1) await rejects(post("/v2/orders", SPY), { name: "TimeoutError" });
    else equal((await post("/v2/orders", SPY)).status, 200);
    equal(broker.truth().orders.length, count);
  }
});

Deno.test("an order goes out once although a kept connection breaks, if the client keeps none", async () => {
  using single = singleFetch();
  for (const body of ["text", "stream"]) {
    await using broker = alpaca([{ ...first, kind: "lost", phase: "after" }]);
    const send: typeof fetch = (input, init) =>
      single.send(input, {
        ...init,
        ...(body === "stream" && init?.body
          ? { body: new Blob([String(init.body)]).stream() }
          : {}),
      });
    const { get, post } = alpacaClient(broker, send);
    await get("/v2/clock");
    await rejects(post("/v2/orders", SPY), TypeError);
    equal(broker.truth().orders.length, 1);
    equal(broker.log.filter(({ kind }) => kind === "submit").length, 1);
  }
});

Deno.test("fault: a late request is carried out when nobody expects it any more", async () => {
  await using broker = binance([
    { ...first, kind: "late", ms: 4_000 },
    { on: "submit", at: 1, kind: "late", ms: 5_100 },
  ]);
  using single = singleFetch();
  const { post, get } = binanceClient(broker, single.send);
  await rejects(post("/api/v3/order", { ...BTC, newClientOrderId: "a" }), TypeError);
  const order = { symbol: "BTCUSDT", origClientOrderId: "a" };
  equal((await get("/api/v3/order", order)).json.code, -2013);
  broker.advance(3_999);
  equal((await get("/api/v3/order", order)).json.code, -2013);
  broker.advance(1);
  equal((await get("/api/v3/order", order)).json.status, "FILLED");
  await rejects(post("/api/v3/order", { ...BTC, newClientOrderId: "b" }), TypeError);
  broker.advance(60_000);
  deepStrictEqual(broker.truth().acceptedByClientId, { a: 1 });
  deepStrictEqual(broker.log.at(-1)?.status, 400, "after its recvWindow an order is refused");
});

Deno.test("fault: 429 lasts as long as it says, and impatience earns a ban at Binance", async () => {
  await using broker = binance([{ ...first, kind: "rate_limited", retryAfterS: 3 }]);
  const { post } = binanceClient(broker);
  const limited = await post("/api/v3/order", BTC);
  deepStrictEqual([limited.status, limited.headers.get("retry-after"), limited.json.code], [
    ...[429, "3", -1003],
  ]);
  broker.advance(3_000);
  equal((await post("/api/v3/order", BTC)).status, 200);

  await using other = alpaca([{ ...first, kind: "rate_limited", retryAfterS: 2 }]);
  const refused = await alpacaClient(other).post("/v2/orders", SPY);
  deepStrictEqual([refused.status, refused.json.code], [429, 42910000]);
  equal((await alpacaClient(other).get("/v2/clock")).status, 429);
  equal(other.truth().orders.length, 0);

  await using third = binance([{ on: "clock", at: 0, kind: "rate_limited", retryAfterS: 9 }]);
  const statuses = [];
  for (let i = 0; i < 4; i++) {
    statuses.push((await binanceClient(third).open("/api/v3/time")).status);
  }
  deepStrictEqual(statuses, [429, 429, 429, 418]);
  third.advance(119_000);
  equal((await binanceClient(third).open("/api/v3/time")).headers.get("retry-after"), "1");
  third.advance(1_000);
  equal((await binanceClient(third).open("/api/v3/time")).status, 200);
});

Deno.test("too many requests in a minute of the broker's clock are refused without any fault", async () => {
  await using broker = alpaca([]);
  const { get } = alpacaClient(broker, broker.fetch);
  for (let i = 0; i < 200; i++) equal((await get("/v2/clock")).status, 200);
  const refused = await get("/v2/clock");
  deepStrictEqual([refused.status, refused.headers.get("retry-after")], [429, "59"]);
  broker.advance(59_000);
  equal((await get("/v2/clock")).headers.get("x-ratelimit-remaining"), "199");
});

Deno.test("fault: stale reads show the book as it was", async () => {
  await using broker = alpaca([
    { on: "positions", at: 0, times: 2, kind: "stale", ms: 1_000 },
    { on: "lookup", at: 0, kind: "stale", ms: 1_000 },
    { on: "fills", at: 0, kind: "stale", ms: 1_000 },
  ]);
  const { post, get } = alpacaClient(broker);
  broker.advance(5_000);
  const { json } = await post("/v2/orders", SPY);
  broker.advance(500);
  deepStrictEqual((await get("/v2/positions")).json, []);
  equal((await get(`/v2/orders/${json.id}`)).status, 404);
  deepStrictEqual((await get("/v2/account/activities/FILL")).json, []);
  broker.advance(500);
  equal((await get("/v2/positions")).json.length, 1);
});

Deno.test("fault: young rows are missing, rows come twice or the wrong way round", async () => {
  const young = 10_000;
  await using broker = alpaca([
    { on: "orders", at: 0, kind: "missing", row: 0, youngerMs: young },
    { on: "orders", at: 1, kind: "duplicated", row: 1 },
    { on: "orders", at: 2, kind: "shuffled" },
    { on: "lookup", at: 0, times: 2, kind: "missing", row: 0, youngerMs: young },
    { on: "orders", at: 3, kind: "missing", row: 0, youngerMs: young },
  ]);
  const { post, get } = alpacaClient(broker);
  const a = (await post("/v2/orders", { ...SPY, qty: "1" })).json.id;
  const b = (await post("/v2/orders", { ...SPY, qty: "1" })).json.id;
  const ids = async () =>
    (await get("/v2/orders?status=all&direction=asc")).json.map(({ id }: { id: string }) => id);
  deepStrictEqual(await ids(), [b]);
  deepStrictEqual(await ids(), [a, b, b]);
  deepStrictEqual(await ids(), [b, a]);
  equal((await get(`/v2/orders/${a}`)).json.code, 40410000);
  broker.advance(young);
  equal((await get(`/v2/orders/${a}`)).status, 200);
  deepStrictEqual(await ids(), [a, b]);

  await using other = binance([{
    on: "account",
    at: 0,
    kind: "missing",
    row: 0,
    youngerMs: young,
  }]);
  const client = binanceClient(other);
  await client.post("/api/v3/order", BTC);
  const assets = async () =>
    (await client.get("/api/v3/account")).json.balances.map(({ asset }: { asset: string }) =>
      asset
    );
  deepStrictEqual(await assets(), ["USDT"]);
  deepStrictEqual(await assets(), ["BTC", "USDT"]);
});

Deno.test("fault: the broker's clock is off for a while", async () => {
  await using broker = binance([
    { on: "clock", at: 0, kind: "skew", ms: 700 },
    { ...first, kind: "skew", ms: 6_000 },
  ]);
  const { post, open } = binanceClient(broker);
  const time = await open("/api/v3/time");
  deepStrictEqual([time.json.serverTime, time.headers.get("date")], [
    ...[OPEN + 700, "Mon, 02 Mar 2026 16:00:01 GMT"],
  ]);
  equal((await post("/api/v3/order", BTC)).json.code, -1021);
  equal((await post("/api/v3/order", BTC)).status, 200);
});

Deno.test("fault: orders fill late, in parts, or are rejected or cancelled by the venue", async () => {
  await using broker = alpaca([
    { on: "order", at: 0, kind: "delayed", ms: 2_000 },
    { on: "order", at: 1, kind: "partial", tenths: 3, restMs: 4_000 },
    { on: "order", at: 2, kind: "partial", tenths: 5, restMs: "never" },
    { on: "order", at: 3, kind: "rejected" },
    { on: "order", at: 4, kind: "canceled", tenths: 0 },
  ]);
  const { post, get } = alpacaClient(broker);
  for (let i = 0; i < 5; i++) await post("/v2/orders", SPY);
  const states = () => broker.truth().orders.map(({ status, filled }) => `${status} ${filled}`);
  const ended = ["canceled 5", "rejected 0", "canceled 0"];
  deepStrictEqual(states(), ["new 0", "partial 3", ...ended]);
  const [latest] = (await get("/v2/account/activities/FILL?direction=asc")).json;
  deepStrictEqual([latest.type, latest.leaves_qty, latest.order_status], [
    ...["partial_fill", "7", "partially_filled"],
  ]);
  broker.advance(2_000);
  deepStrictEqual(states(), ["filled 10", "partial 3", ...ended]);
  broker.advance(2_000);
  deepStrictEqual(states(), ["filled 10", "filled 10", ...ended]);
  equal(broker.truth().positions.SPY, "25");
});

Deno.test("fault: a parked order meets its fate at the open", async () => {
  const now = parseTime("2026-03-02T22:00:00Z");
  await using broker = alpaca([{ on: "order", at: 0, kind: "partial", tenths: 1, restMs: 1_000 }], {
    now,
  });
  await alpacaClient(broker).post("/v2/orders", SPY);
  broker.advance(3_600_000);
  equal(broker.truth().orders[0]?.status, "parked");
  broker.setTime(parseTime("2026-03-03T14:30:00Z"));
  deepStrictEqual(broker.truth().orders[0]?.filled, "1");
  broker.advance(1_000);
  equal(broker.truth().orders[0]?.status, "filled");
});

Deno.test("fault: an order fills in the moment of its cancel", async () => {
  await using broker = alpaca([
    { on: "order", at: 0, kind: "delayed", ms: 60_000 },
    { on: "cancel", at: 0, kind: "filled_first" },
  ]);
  const { post, del } = alpacaClient(broker);
  const { json } = await post("/v2/orders", SPY);
  const answer = await del(`/v2/orders/${json.id}`);
  deepStrictEqual([answer.status, broker.truth().orders[0]?.status], [422, "filled"]);

  await using other = binance([
    { on: "order", at: 0, kind: "delayed", ms: 60_000 },
    { on: "cancel", at: 0, kind: "filled_first" },
  ]);
  const client = binanceClient(other);
  await client.post("/api/v3/order", { ...BTC, newClientOrderId: "a" });
  const gone = await client.del("/api/v3/order", { symbol: "BTCUSDT", origClientOrderId: "a" });
  deepStrictEqual([gone.json.code, other.truth().orders[0]?.status], [-2011, "filled"]);
});

Deno.test("fault: owners trade, pay in, start anew, and companies split and pay", async () => {
  const at = (at: number) => ({ on: "any", at }) as const;
  await using broker = alpaca([
    { ...at(1), kind: "owner_trade", symbol: "SPY", side: "buy", quantity: "2" },
    { ...at(2), kind: "deposit", cash: "-500" },
    { ...at(3), kind: "split", symbol: "SPY", ratio: 4 },
    { ...at(4), kind: "reset" },
  ]);
  const { get } = alpacaClient(broker);
  const cash = async () => (await get("/v2/account")).json.cash;
  const seen = [await cash(), await cash(), await cash()];
  deepStrictEqual(seen, ["100000", "99000", "98500"]);
  const [position] = (await get("/v2/positions")).json;
  deepStrictEqual([position.qty, position.current_price, position.avg_entry_price], [
    ...["8", "125", "125"],
  ]);
  broker.dividend("SPY", "0.5", "0.15");
  equal(broker.truth().cash, "98503.4");
  equal(await cash(), "100000");
  const truth = broker.truth();
  deepStrictEqual([truth.orders, truth.positions, truth.acceptedByClientId], [[], {}, {}]);
  deepStrictEqual(truth.fills.map(({ owner, quantity }) => [owner, quantity]), [[true, "2"]]);
  const resting = broker.ownerTrade({ symbol: "SPY", side: "buy", quantity: "1", limitPrice: "9" });
  equal((await get("/v2/orders")).json[0].id, resting);
  throws(() => broker.setTime(OPEN - 1), RangeError);
  ok(broker.log.every(({ index }, i) => index === i));
});
