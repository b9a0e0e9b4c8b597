import type { Millis } from "../../core/bars.ts";
import {
  binanceAccepted,
  binanceError,
  type BinanceFilters,
  brokenFilter,
  coinsOf,
} from "./test_binance_shapes.ts";
import { type Amount, amount, floorTo, over, readAmount, times } from "./test_decimal.ts";
import { isOpen, type OrderWish } from "./test_ledger.ts";
import { type Answer, freeCash, freeUnits, type World } from "./test_venue.ts";

const CLIENT_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;

/** `POST /api/v3/order`, once its signature and its time were found good. */
export function binanceSubmit(
  world: World,
  fields: URLSearchParams,
  filters: (symbol: string) => BinanceFilters,
  { now, test }: { readonly now: Millis; readonly test: boolean },
): Answer {
  const wish = readWish(world, fields, filters, now);
  if ("status" in wish) return wish;
  const { ledger, matching } = world;
  const repeats = ledger.book.orders.some((order) =>
    isOpen(order) && order.clientOrderId === wish.clientOrderId && order.symbol === wish.symbol
  );
  if (repeats) return binanceError(-2010, "Duplicate order sent.");
  if (!isCovered(world, wish, now)) {
    return binanceError(-2010, "Account has insufficient balance for requested action.");
  }
  if (test) return { status: 200, body: {} };
  const { number } = matching.accept(wish, now);
  matching.progress(now);
  const order = ledger.book.orders.find((other) => other.number === number)!;
  const fills = ledger.book.fills.filter((fill) => fill.order.number === number);
  const kind = fields.get("newOrderRespType") ?? "FULL";
  return { status: 200, body: binanceAccepted(order, fills, kind) };
}

function readWish(
  world: World,
  fields: URLSearchParams,
  filters: (symbol: string) => BinanceFilters,
  now: Millis,
): OrderWish | Answer {
  const type = fields.get("type");
  const wanted = ["symbol", "side", "type", ...(type === "LIMIT" ? ["timeInForce", "price"] : [])];
  if (!fields.has("quoteOrderQty")) wanted.push("quantity");
  for (const name of wanted) if (!fields.get(name)) return mandatory(name);
  const symbol = fields.get("symbol")!;
  if (!world.prices.symbols.includes(symbol)) return binanceError(-1121, "Invalid symbol.");
  const side = fields.get("side");
  if (side !== "BUY" && side !== "SELL") return binanceError(-1117, "Invalid side.");
  if (type !== "MARKET" && type !== "LIMIT") return binanceError(-1116, "Invalid orderType.");
  const clientOrderId = fields.get("newClientOrderId") ?? `auto${world.ledger.accepted.length}`;
  if (!CLIENT_ID.test(clientOrderId)) {
    return binanceError(
      -1100,
      "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.",
    );
  }
  const timeInForce = (fields.get("timeInForce") ?? "GTC").toLowerCase();
  if (timeInForce !== "gtc" && timeInForce !== "ioc" && timeInForce !== "fok") {
    return binanceError(-1115, "Invalid timeInForce.");
  }
  const numbers: Partial<Record<string, Amount>> = {};
  for (const name of ["quantity", "quoteOrderQty", "price"]) {
    const read = number(fields, name);
    if (typeof read === "object") return read;
    if (read !== undefined) numbers[name] = read;
  }
  const { quantity, quoteOrderQty, price: limit } = numbers;
  const price = side === "BUY" ? world.matching.ask(symbol, now) : world.matching.bid(symbol, now);
  const rules = filters(symbol);
  const wish: OrderWish = {
    clientOrderId,
    symbol,
    side: side === "BUY" ? "buy" : "sell",
    type: type === "MARKET" ? "market" : "limit",
    quantity: quantity ?? floorTo(over(quoteOrderQty!, price), amount(rules.step)),
    timeInForce,
    ...(type === "LIMIT" ? { limit: limit! } : {}),
    ...(quantity === undefined ? { notional: quoteOrderQty! } : {}),
  };
  const broken = brokenFilter(wish, price, rules);
  return broken === undefined ? wish : binanceError(-1013, `Filter failure: ${broken}`);
}

/** A parameter that must be there. */
export function mandatory(name: string): Answer {
  return binanceError(
    -1102,
    `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
  );
}

function number(fields: URLSearchParams, name: string): Amount | Answer | undefined {
  const text = fields.get(name);
  if (text === null || text === "") return undefined;
  const value = readAmount(text);
  if (value === undefined) {
    return binanceError(
      -1100,
      `Illegal characters found in parameter '${name}'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.`,
    );
  }
  if (value % amount("0.00000001") !== 0n) {
    return binanceError(-1111, `Parameter '${name}' has too much precision.`);
  }
  if (value <= 0n) return binanceError(-1013, `Invalid ${name}.`);
  return value;
}

function isCovered(world: World, wish: OrderWish, now: Millis): boolean {
  const { ledger, matching } = world;
  const { symbol, side, quantity, limit } = wish;
  if (side === "sell") return quantity <= freeUnits(world, ledger.book, symbol);
  if (coinsOf(symbol).quote !== ledger.rules.cashAsset) return false;
  return times(quantity, limit ?? matching.ask(symbol, now)) <= freeCash(world, ledger.book);
}
