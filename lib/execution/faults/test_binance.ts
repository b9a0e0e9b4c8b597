import { createHmac } from "node:crypto";
import { DAY_MS, type Millis } from "../../core/bars.ts";
import {
  binanceAccount,
  binanceBalances,
  binanceCanceled,
  binanceError,
  type BinanceFilters,
  binanceOrder,
  binanceTrade,
} from "./test_binance_shapes.ts";
import { binanceMarket } from "./test_binance_market.ts";
import { binanceSubmit, mandatory } from "./test_binance_submit.ts";
import { type BookOrder, isOpen } from "./test_ledger.ts";
import type { Answer, BrokerRequest, Protocol, Situation, World } from "./test_venue.ts";
import type { RequestKind } from "./test_schedule.ts";

/** Weight a minute before Binance says no. */
export const BINANCE_PER_MINUTE = 6_000;

/** Paths of `/api/v3` that want a signature. */
const SIGNED = /^(?:order|order\/test|openOrders|allOrders|myTrades|account)$/;
const SERVER_WAITS_MS = 5_000;

/** Binance's spot API, version 3. */
export function binanceProtocol(
  world: World,
  filters: (symbol: string) => BinanceFilters,
): Protocol {
  return {
    kindOf: binanceKind,
    weightOf,
    usage: (used) => ({ "x-mbx-used-weight": String(used), "x-mbx-used-weight-1m": String(used) }),
    trouble(status) {
      if (status === 429) {
        return binanceError(
          -1003,
          `Too much request weight used; current limit is ${BINANCE_PER_MINUTE} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`,
          429,
        );
      }
      if (status === 418) {
        return binanceError(-1003, "Way too much request weight used; IP banned.", 418);
      }
      if (status === 504) {
        return binanceError(
          -1007,
          "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
          504,
        );
      }
      if (status === 503) return binanceError(-1008, "Server is currently overloaded.", 503);
      return binanceError(-1000, "An unknown error occurred while processing the request.", status);
    },
    handle(request, situation) {
      const path = /^\/api\/v3\/(.+)$/.exec(request.path)?.[1];
      if (path === undefined) return { status: 404, body: "" };
      if (!SIGNED.test(path)) {
        return binanceMarket(world, path, request.query, situation.now, filters) ??
          { status: 404, body: "" };
      }
      const fields = new URLSearchParams([...request.query, ...new URLSearchParams(request.body)]);
      return unsigned(world, request, fields, situation.now) ??
        signed(world, `${request.method} ${path}`, fields, situation, filters);
    },
  };
}

function binanceKind({ method, path }: BrokerRequest): RequestKind {
  const name = path.replace("/api/v3/", "");
  if (name === "order" && method === "POST") return "submit";
  if (method === "DELETE") return "cancel";
  if (name === "order") return "lookup";
  if (name === "openOrders" || name === "allOrders") return "orders";
  if (name === "myTrades") return "fills";
  if (name === "account") return "account";
  return name === "time" ? "clock" : "market";
}

function weightOf({ method, path, query }: BrokerRequest): number {
  const name = path.replace("/api/v3/", "");
  const bySymbol = (one: number, all: number) => query.has("symbol") ? one : all;
  if (name === "order") return method === "GET" ? 4 : 1;
  if (name === "openOrders") return method === "GET" ? bySymbol(6, 80) : 1;
  if (name === "account" || name === "allOrders" || name === "myTrades") return 20;
  if (name === "exchangeInfo") return 20;
  if (name.startsWith("ticker/")) return bySymbol(2, 4);
  if (name === "depth") return 5;
  return name === "klines" ? 2 : 1;
}

/** Why a request that must be signed is not let in. */
function unsigned(
  { keys }: World,
  { headers, rawQuery, body }: BrokerRequest,
  fields: URLSearchParams,
  now: Millis,
): Answer | undefined {
  const key = headers.get("x-mbx-apikey");
  if (key === undefined) return binanceError(-2014, "API-key format invalid.", 401);
  if (key !== keys.id) {
    return binanceError(-2015, "Invalid API-key, IP, or permissions for action.", 401);
  }
  const time = Number(fields.get("timestamp") ?? NaN);
  if (!fields.has("signature")) return mandatory("signature");
  if (!Number.isInteger(time)) return mandatory("timestamp");
  const payload = (rawQuery + body).replace(/&?signature=[0-9a-fA-F]+/, "");
  const expected = createHmac("sha256", keys.secret).update(payload).digest("hex");
  if (fields.get("signature") !== expected) {
    return binanceError(-1022, "Signature for this request is not valid.");
  }
  const window = Number(fields.get("recvWindow") ?? SERVER_WAITS_MS);
  if (!(window > 0 && window <= 60_000)) {
    return binanceError(-1131, "recvWindow must be less than 60000");
  }
  if (time >= now + 1_000) {
    return binanceError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
  }
  return now - time > window
    ? binanceError(-1021, "Timestamp for this request is outside of the recvWindow.")
    : undefined;
}

function signed(
  world: World,
  ask: string,
  fields: URLSearchParams,
  situation: Situation,
  filters: (symbol: string) => BinanceFilters,
): Answer {
  const { book, trueNow } = situation;
  if (ask === "POST order" || ask === "POST order/test") {
    return binanceSubmit(world, fields, filters, { now: trueNow, test: ask === "POST order/test" });
  }
  if (ask === "GET account") return account(world, fields, situation);
  const symbol = fields.get("symbol");
  if (symbol !== null && !world.prices.symbols.includes(symbol)) {
    return binanceError(-1121, "Invalid symbol.");
  }
  if (ask === "GET openOrders") {
    return list(
      book.orders.filter((order) => isOpen(order) && (symbol ?? order.symbol) === order.symbol),
    );
  }
  if (symbol === null) return mandatory("symbol");
  if (ask === "GET order") return lookUp(book.orders, fields);
  if (ask === "DELETE order") return cancel(world, fields, trueNow);
  if (ask === "DELETE openOrders") return cancelAll(world, symbol, trueNow);
  if (ask === "GET allOrders") {
    return windowed(fields, "orderId", book.orders.filter((order) => order.symbol === symbol), {
      id: ({ venueId }) => Number(venueId),
      time: ({ acceptedAt }) => acceptedAt,
      answer: list,
    });
  }
  if (ask === "GET myTrades") {
    const order = fields.get("orderId");
    const fills = book.fills.filter((fill) =>
      fill.order.symbol === symbol && (order ?? fill.order.venueId) === fill.order.venueId
    );
    return windowed(fields, "fromId", fills, {
      id: ({ number }) => number,
      time: ({ time }) => time,
      answer: (some) => ({
        status: 200,
        list: {
          rows: some.map((fill) => ({ row: binanceTrade(fill), changedAt: fill.time })),
          body: (all) => all,
        },
      }),
    });
  }
  return { status: 404, body: "" };
}

function account(world: World, fields: URLSearchParams, { book, now }: Situation): Answer {
  const isZero = (row: { readonly free: string; readonly locked: string }) =>
    Number(row.free) === 0 && Number(row.locked) === 0;
  const omits = fields.get("omitZeroBalances") === "true";
  const rows = binanceBalances(world, book).filter(({ row }) => !(omits && isZero(row)));
  const uid = Number(world.accountNumber);
  return { status: 200, list: { rows, body: (all) => binanceAccount(all, uid, now) } };
}

function list(orders: readonly BookOrder[]): Answer {
  const rows = orders.map((order) => ({ row: binanceOrder(order), changedAt: order.changedAt }));
  return { status: 200, list: { rows, body: (all) => all } };
}

/** The newest order of a symbol by its id or the client's: client ids may come again. */
function find(orders: readonly BookOrder[], fields: URLSearchParams): BookOrder | undefined {
  const [id, clientId] = [fields.get("orderId"), fields.get("origClientOrderId")];
  return orders.findLast((order) =>
    order.symbol === fields.get("symbol") &&
    (id === null ? order.clientOrderId === clientId : order.venueId === id)
  );
}

function lookUp(orders: readonly BookOrder[], fields: URLSearchParams): Answer {
  if (!fields.get("orderId") && !fields.get("origClientOrderId")) {
    return binanceError(
      -1102,
      "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
    );
  }
  const unknown = binanceError(-2013, "Order does not exist.");
  const order = find(orders, fields);
  if (!order) return unknown;
  const otherwise = { answer: unknown, changedAt: order.acceptedAt };
  return { status: 200, body: binanceOrder(order), otherwise };
}

function cancel({ ledger }: World, fields: URLSearchParams, now: Millis): Answer {
  const order = find(ledger.book.orders.filter(isOpen), fields);
  if (!order) return binanceError(-2011, "Unknown order sent.");
  ledger.move(order.number, "canceled", now);
  return { status: 200, body: binanceCanceled(after(ledger.book.orders, order), now) };
}

function cancelAll({ ledger }: World, symbol: string, now: Millis): Answer {
  const open = ledger.book.orders.filter((order) => isOpen(order) && order.symbol === symbol);
  if (open.length === 0) return binanceError(-2011, "Unknown order sent.");
  for (const { number } of open) ledger.move(number, "canceled", now);
  const body = open.map((order) => binanceCanceled(after(ledger.book.orders, order), now));
  return { status: 200, body };
}

function after(orders: readonly BookOrder[], { number }: BookOrder): BookOrder {
  return orders.find((order) => order.number === number)!;
}

/** Rows from an id on, or of a window of 24 hours at most, or the newest. */
function windowed<Row>(
  fields: URLSearchParams,
  idName: string,
  rows: readonly Row[],
  { id, time, answer }: {
    readonly id: (row: Row) => number;
    readonly time: (row: Row) => Millis;
    readonly answer: (rows: readonly Row[]) => Answer;
  },
): Answer {
  const number = (name: string) => fields.has(name) ? Number(fields.get(name)) : undefined;
  const limit = Math.min(number("limit") ?? 500, 1_000);
  const [from, to, first] = [number("startTime"), number("endTime"), number(idName)];
  if (from !== undefined && to !== undefined && to - from > DAY_MS) {
    return binanceError(-1127, "More than 24 hours between startTime and endTime.");
  }
  if (first !== undefined) {
    return answer(rows.filter((row) => id(row) >= first).slice(0, limit));
  }
  if (from === undefined && to === undefined) return answer(rows.slice(-limit));
  const start = from ?? to! - DAY_MS;
  const end = to ?? from! + DAY_MS;
  return answer(rows.filter((row) => time(row) >= start && time(row) <= end).slice(0, limit));
}
