import { DAY_MS, HOUR_MS, type Millis } from "../../core/bars.ts";
import { binanceError, type BinanceFilters, eight, exchangeInfo } from "./test_binance_shapes.ts";
import { mandatory } from "./test_binance_submit.ts";
import { amount } from "./test_decimal.ts";
import type { Answer, World } from "./test_venue.ts";

/** What needs no key: `path` comes after `/api/v3/`. */
export function binanceMarket(
  world: World,
  path: string,
  query: URLSearchParams,
  now: Millis,
  filters: (symbol: string) => BinanceFilters,
): Answer | undefined {
  const { prices } = world;
  if (path === "ping") return { status: 200, body: {} };
  if (path === "time") return { status: 200, body: { serverTime: now } };
  const asked = symbolsOf(query);
  const symbols = asked ?? prices.symbols;
  if (!symbols.every((symbol) => prices.symbols.includes(symbol))) {
    return binanceError(-1121, "Invalid symbol.");
  }
  if (path === "exchangeInfo") {
    return { status: 200, body: exchangeInfo(symbols, filters, now) };
  }
  if (path === "ticker/price" || path === "ticker/bookTicker") {
    const rows = symbols.map((symbol) =>
      path === "ticker/price"
        ? { symbol, price: eight(prices.at(symbol, now)) }
        : { symbol, ...top(world, symbol, now) }
    );
    return { status: 200, body: query.has("symbol") ? rows[0] : rows };
  }
  if (path !== "depth" && path !== "klines") return undefined;
  const [symbol] = asked ?? [];
  if (symbol === undefined) return mandatory("symbol");
  return path === "depth" ? depth(world, symbol, query, now) : klines(world, symbol, query, now);
}

function symbolsOf(query: URLSearchParams): readonly string[] | undefined {
  const one = query.get("symbol");
  if (one !== null) return [one];
  const many = query.get("symbols");
  return many === null ? undefined : many.replace(/[\[\]"\s]/g, "").split(",");
}

function top({ matching }: World, symbol: string, now: Millis) {
  return {
    bidPrice: eight(matching.bid(symbol, now)),
    bidQty: "10.00000000",
    askPrice: eight(matching.ask(symbol, now)),
    askQty: "10.00000000",
  };
}

const CENT = amount("0.01");

function depth({ matching }: World, symbol: string, query: URLSearchParams, now: Millis): Answer {
  const levels = Array.from(
    { length: Math.min(Number(query.get("limit") ?? 100), 20) },
    (_, i) => i,
  );
  const [bid, ask] = [matching.bid(symbol, now), matching.ask(symbol, now)];
  return {
    status: 200,
    body: {
      lastUpdateId: Math.floor(now / 1_000),
      bids: levels.map((i) => [eight(bid - CENT * BigInt(i)), "10.00000000"]),
      asks: levels.map((i) => [eight(ask + CENT * BigInt(i)), "10.00000000"]),
    },
  };
}

const UNITS: Readonly<Record<string, Millis>> = {
  s: 1_000,
  m: 60_000,
  h: HOUR_MS,
  d: DAY_MS,
};

function klines({ prices }: World, symbol: string, query: URLSearchParams, now: Millis): Answer {
  const match = /^(\d+)([smhd])$/.exec(query.get("interval") ?? "");
  if (!match) return binanceError(-1120, "Invalid interval.");
  const stepMs = Number(match[1]) * UNITS[match[2]!]!;
  const limit = Math.min(Number(query.get("limit") ?? 500), 1_000);
  const end = Math.min(Number(query.get("endTime") ?? now), now);
  const start = query.has("startTime")
    ? Number(query.get("startTime"))
    : (Math.floor(end / stepMs) - limit + 1) * stepMs;
  const rows = [];
  for (
    let time = Math.ceil(start / stepMs) * stepMs;
    time <= end && rows.length < limit;
    time += stepMs
  ) {
    const bar = prices.bar(symbol, time, stepMs, now);
    if (!bar) continue;
    const { open, high, low, close, volume } = bar;
    rows.push([
      ...[time, eight(open), eight(high), eight(low), eight(close), eight(volume)],
      ...[time + stepMs - 1, "0.00000000", 10, "0.00000000", "0.00000000", "0"],
    ]);
  }
  return { status: 200, body: rows };
}
