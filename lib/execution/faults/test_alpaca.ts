import { DAY_MS, type Millis } from "../../core/bars.ts";
import { formatTime } from "../../core/clock.ts";
import { newYorkMoment } from "../../core/new_york.ts";
import {
  alpacaAccount,
  alpacaActivity,
  alpacaAsset,
  alpacaCalendar,
  alpacaClock,
  alpacaError,
  alpacaFill,
  alpacaOrder,
  alpacaPosition,
  heldSymbols,
  isAsked,
} from "./test_alpaca_shapes.ts";
import { alpacaData } from "./test_alpaca_data.ts";
import { alpacaSubmit } from "./test_alpaca_submit.ts";
import { type Book, type BookOrder, isOpen } from "./test_ledger.ts";
import {
  type Answer,
  type BrokerRequest,
  nanos,
  newYorkDate,
  type Protocol,
  readNanos,
  type Situation,
  type World,
} from "./test_venue.ts";
import type { RequestKind } from "./test_schedule.ts";

/** Requests a minute before Alpaca says no. */
export const ALPACA_PER_MINUTE = 200;

/** Trading API v2 and market data of Alpaca. */
export function alpacaProtocol(world: World): Protocol {
  return {
    kindOf: ({ method, path }) => alpacaKind(method, path),
    weightOf: () => 1,
    usage: (used, now) => ({
      "x-ratelimit-limit": String(ALPACA_PER_MINUTE),
      "x-ratelimit-remaining": String(Math.max(0, ALPACA_PER_MINUTE - used)),
      "x-ratelimit-reset": String(Math.floor(now / 60_000) * 60 + 60),
    }),
    trouble(status) {
      if (status === 429) return alpacaError(429, 42910000, "rate limit exceeded");
      if (status === 418) return { status: 429, body: { message: "too many requests." } };
      if (status === 500) return alpacaError(500, 50010000, "internal server error occurred");
      return {
        status,
        body: { message: status === 504 ? "gateway timeout" : "service unavailable" },
      };
    },
    handle(request, situation) {
      const { headers, path } = request;
      const known = headers.get("apca-api-key-id") === world.keys.id &&
        headers.get("apca-api-secret-key") === world.keys.secret;
      const isData = /^\/v2\/stocks|^\/v1/.test(path);
      if (!known) {
        return isData
          ? { status: 403, body: { message: "forbidden." } }
          : { status: 401, body: { message: "unauthorized." } };
      }
      const answer = isData
        ? alpacaData(world, request, situation)
        : route(world, request, situation);
      return answer ?? { status: 404, body: { message: "endpoint not found." } };
    },
  };
}

function alpacaKind(method: string, path: string): RequestKind {
  if (path === "/v2/orders" && method === "POST") return "submit";
  if (/^\/v2\/(?:orders|positions)/.test(path) && method === "DELETE") return "cancel";
  if (path === "/v2/orders") return "orders";
  if (path.startsWith("/v2/orders")) return "lookup";
  if (path.startsWith("/v2/account/activities")) return "fills";
  if (path === "/v2/account") return "account";
  if (path.startsWith("/v2/positions")) return "positions";
  return path === "/v2/clock" ? "clock" : "market";
}

function route(world: World, request: BrokerRequest, situation: Situation): Answer | undefined {
  const { method, path, query } = request;
  const { book, now, trueNow } = situation;
  const ask = `${method} ${path}`;
  if (ask === "POST /v2/orders") return alpacaSubmit(world, request, trueNow);
  if (ask === "GET /v2/orders") return listOrders(world, query, situation);
  if (ask === "DELETE /v2/orders") return cancelAll(world, trueNow);
  if (ask === "GET /v2/orders:by_client_order_id") {
    const id = query.get("client_order_id");
    return lookUp(world, book.orders.find((order) => order.clientOrderId === id), String(id));
  }
  if (ask === "GET /v2/account") return { status: 200, body: alpacaAccount(world, book, now) };
  if (ask === "GET /v2/clock") return { status: 200, body: alpacaClock(now) };
  if (ask === "GET /v2/calendar") return calendar(query, now);
  if (ask === "GET /v2/positions") {
    const rows = heldSymbols(world, book).map((symbol) => ({
      row: alpacaPosition(world, book, symbol, now),
      changedAt: book.fills.findLast(({ order }) => order.symbol === symbol)?.time ?? 0,
    }));
    return { status: 200, list: { rows, body: (all) => all } };
  }
  if (ask === "GET /v2/assets") {
    return { status: 200, body: world.prices.symbols.map((symbol) => alpacaAsset(world, symbol)) };
  }
  const activity = /^GET \/v2\/account\/activities(?:\/([A-Z]+))?$/.exec(ask);
  if (activity) {
    const types = (activity[1] ?? query.get("activity_types"))?.split(",");
    return activities(world, query, situation, types);
  }
  return named(world, request, situation);
}

/** Paths that end in an id or a symbol. */
function named(world: World, request: BrokerRequest, situation: Situation): Answer | undefined {
  const match = /^\/v2\/(orders|positions|assets)\/([^/]+)$/.exec(request.path);
  if (!match) return undefined;
  const name = decodeURIComponent(match[2]!);
  const ask = `${request.method} ${match[1]}`;
  const { book, now, trueNow } = situation;
  if (ask === "GET orders") {
    return lookUp(world, book.orders.find(({ venueId }) => venueId === name), name);
  }
  if (ask === "DELETE orders") return cancel(world, name, trueNow);
  if (ask === "GET positions") {
    return (book.balances[name] ?? 0n) !== 0n && heldSymbols(world, book).includes(name)
      ? { status: 200, body: alpacaPosition(world, book, name, now) }
      : alpacaError(404, 40410000, "position does not exist");
  }
  if (ask === "GET assets") {
    return world.prices.symbols.includes(name)
      ? { status: 200, body: alpacaAsset(world, name) }
      : alpacaError(404, 40410000, `asset not found for ${name}`);
  }
  return undefined;
}

function lookUp(world: World, order: BookOrder | undefined, id: string): Answer {
  const unknown = alpacaError(404, 40410000, `order not found for ${id}`);
  if (!order) return unknown;
  const otherwise = { answer: unknown, changedAt: order.acceptedAt };
  return { status: 200, body: alpacaOrder(world, order), otherwise };
}

function listOrders(world: World, query: URLSearchParams, { book }: Situation): Answer {
  const limit = Number(query.get("limit") ?? 50);
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) {
    return alpacaError(422, 42210000, "limit must be between 1 and 500");
  }
  const [after, until] = [moment(query, "after"), moment(query, "until")];
  if (after === "bad" || until === "bad") return alpacaError(422, 42210000, "invalid timestamp");
  const status = query.get("status") ?? "open";
  const symbols = query.get("symbols")?.split(",");
  const ascends = query.get("direction") === "asc";
  const rows = book.orders.filter((order) => {
    const time = nanos(order.acceptedAt, order.number);
    return isAsked(status, order) && (symbols?.includes(order.symbol) ?? true) &&
      (after === undefined || time > after) && (until === undefined || time < until) &&
      (query.get("side") ?? order.side) === order.side;
  }).sort((a, b) => ascends ? a.number - b.number : b.number - a.number).slice(0, limit)
    .map((order) => ({ row: alpacaOrder(world, order), changedAt: order.changedAt }));
  return { status: 200, list: { rows, body: (all) => all } };
}

function moment(query: URLSearchParams, name: string): bigint | "bad" | undefined {
  const text = query.get(name);
  return text === null ? undefined : readNanos(text) ?? "bad";
}

function cancel({ ledger }: World, id: string, now: Millis): Answer {
  const order = ledger.book.orders.find(({ venueId }) => venueId === id);
  if (!order) return alpacaError(404, 40410000, `order not found for ${id}`);
  if (!isOpen(order)) {
    const state = order.status === "partial" ? "partially_filled" : order.status;
    return alpacaError(422, 42210000, `order is already in "${state}" state`);
  }
  ledger.move(order.number, "canceled", now);
  return { status: 204 };
}

function cancelAll({ ledger }: World, now: Millis): Answer {
  const open = ledger.book.orders.filter(isOpen);
  for (const { number } of open) ledger.move(number, "canceled", now);
  return { status: 207, body: open.map(({ venueId }) => ({ id: venueId, status: 200 })) };
}

function calendar(query: URLSearchParams, now: Millis): Answer {
  const day = (name: string, missing: Millis) => {
    const text = query.get(name);
    const read = text === null ? undefined : readNanos(text);
    return read === undefined ? missing : Math.floor(Number(read / 1_000_000n) / DAY_MS) * DAY_MS;
  };
  const today = newYorkDate(now);
  const [from, to] = [day("start", today - 365 * DAY_MS), day("end", today + 365 * DAY_MS)];
  if (from > to) return alpacaError(422, 42210000, "start date must not be after end date");
  return { status: 200, body: alpacaCalendar(from, to) };
}

/** Everything that has happened to the account, of the types asked for, by time; days begin at New York's midnight. */
function activities(
  world: World,
  query: URLSearchParams,
  { book }: Situation,
  types?: readonly string[],
): Answer {
  const size = Number(query.get("page_size") ?? 100);
  if (!Number.isInteger(size) || size < 1 || size > 100) {
    return alpacaError(422, 42210000, "page_size must be between 1 and 100");
  }
  const [after, until] = [moment(query, "after"), moment(query, "until")];
  if (after === "bad" || until === "bad") return alpacaError(422, 42210000, "invalid timestamp");
  const date = query.get("date");
  const ascends = query.get("direction") === "asc";
  const all = happened(world, book).filter(({ time, row, changedAt }) =>
    (types?.includes(row.activity_type) ?? true) &&
    (after === undefined || time > after) && (until === undefined || time < until) &&
    (date === null || formatTime(newYorkDate(changedAt)).slice(0, 10) === date)
  );
  if (!ascends) all.reverse();
  const token = query.get("page_token");
  const last = token === null ? -1 : all.findIndex(({ row }) => row.id === token);
  if (token !== null && last < 0) return alpacaError(422, 42210000, "invalid page_token");
  return {
    status: 200,
    list: { rows: all.slice(last + 1, last + 1 + size), body: (some) => some },
  };
}

/** Fills and what companies did, as rows, by the time that they are found by. */
function happened(world: World, book: Book) {
  const fills = book.fills.map((fill) => ({
    ...{ time: nanos(fill.time, fill.number), changedAt: fill.time },
    row: alpacaFill(world, fill),
  }));
  const others = world.activities.filter(({ time }) => time <= book.since).map((activity) => ({
    time: nanos(newYorkMoment(newYorkDate(activity.time), 0), activity.number),
    ...{ changedAt: activity.time, row: alpacaActivity(world, activity) },
  }));
  return [...fills, ...others].sort((a, b) => a.time < b.time ? -1 : 1);
}
