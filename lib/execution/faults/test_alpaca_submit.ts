import type { Millis } from "../../core/bars.ts";
import { alpacaError, alpacaOrder } from "./test_alpaca_shapes.ts";
import {
  type Amount,
  amount,
  amountText,
  floorTo,
  over,
  readAmount,
  times,
} from "./test_decimal.ts";
import { type BookOrder, isOpen, type OrderWish } from "./test_ledger.ts";
import {
  type Answer,
  type BrokerRequest,
  freeCash,
  freeUnits,
  uuid,
  type World,
} from "./test_venue.ts";

const ONE = amount("1");
const LEAST_QUANTITY = amount("0.000000001");
const CENT = amount("0.01");
const PENNY_PART = amount("0.0001");

/** `POST /v2/orders`: refuses or accepts, as the ledger stands now. */
export function alpacaSubmit(world: World, { body }: BrokerRequest, now: Millis): Answer {
  const asked = fields(body);
  if (!asked) return alpacaError(400, 40010000, "request body format is invalid");
  const wish = readWish(world, asked, now);
  if ("status" in wish) return wish;
  const refusal = unique(world, wish) ?? washTrade(world, wish) ?? covered(world, wish, now);
  if (refusal) return refusal;
  return { status: 200, body: alpacaOrder(world, world.matching.accept(wish, now), true) };
}

type Fields = Readonly<Record<string, string | undefined>>;

/** Fields of the body as text; numbers are read as the text that they are. */
function fields(body: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
    return Object.fromEntries(
      Object.entries(parsed).filter(([, value]) => value !== null)
        .map(([name, value]) => [name, String(value)]),
    );
  } catch {
    return undefined;
  }
}

function readWish(world: World, asked: Fields, now: Millis): OrderWish | Answer {
  const { symbol, side, type, time_in_force, qty, notional, limit_price } = asked;
  const bad = (message: string) => alpacaError(422, 42210000, message);
  const missing = ["symbol", "side", "type", "time_in_force"].find((name) => !asked[name]);
  if (missing) return alpacaError(422, 40010001, `${missing} is required`);
  if (!world.prices.symbols.includes(symbol!)) return bad(`asset "${symbol}" not found`);
  if (side !== "buy" && side !== "sell") return bad(`invalid side: ${side}`);
  if (type !== "market" && type !== "limit") return bad(`invalid order type: ${type}`);
  if (time_in_force !== "day" && time_in_force !== "gtc") return bad("invalid time_in_force");
  if (qty !== undefined && notional !== undefined) {
    return alpacaError(422, 40010001, "only one of qty or notional is accepted");
  }
  if (qty === undefined && notional === undefined) {
    return alpacaError(422, 40010001, "qty or notional is required");
  }
  const given = readAmount((qty ?? notional)!);
  if (given === undefined || given <= 0n) {
    return bad(`${qty === undefined ? "notional" : "qty"} must be > 0`);
  }
  const limit = limit_price === undefined ? undefined : readAmount(limit_price);
  if (type === "limit" && (limit === undefined || limit <= 0n)) {
    return alpacaError(422, 40010001, "limit orders require a limit price");
  }
  if (limit !== undefined && limit % (limit < ONE ? PENNY_PART : CENT) !== 0n) {
    return bad(
      `invalid limit_price ${limit_price}. sub-penny increment does not fulfill minimum pricing criteria`,
    );
  }
  const price = limit ?? world.matching.ask(symbol!, now);
  const quantity = qty === undefined ? floorTo(over(given, price), LEAST_QUANTITY) : given;
  if (quantity % LEAST_QUANTITY !== 0n) return bad("qty increment must be at least 1e-09");
  if (quantity % ONE !== 0n && time_in_force !== "day") {
    return bad("fractional orders must be DAY orders");
  }
  if (quantity % ONE !== 0n && type !== "market") {
    return bad("fractional orders must be market orders");
  }
  const clientOrderId = asked.client_order_id ??
    uuid(world.seed, `client/${world.ledger.accepted.length}`);
  if (clientOrderId.length > 128) return bad("client_order_id must be no more than 128 characters");
  return {
    clientOrderId,
    symbol: symbol!,
    side,
    type,
    quantity,
    timeInForce: time_in_force,
    ...(limit === undefined || type === "market" ? {} : { limit }),
    ...(qty === undefined ? { notional: given } : {}),
  };
}

/** Client ids are used up for ever. */
function unique({ ledger }: World, { clientOrderId }: OrderWish): Answer | undefined {
  return ledger.accepted.some((order) => order.clientOrderId === clientOrderId)
    ? alpacaError(422, 40010001, "client_order_id must be unique")
    : undefined;
}

function washTrade({ ledger }: World, wish: OrderWish): Answer | undefined {
  const meets = (other: BookOrder) =>
    other.limit === undefined || wish.limit === undefined ||
    (wish.side === "buy" ? wish.limit >= other.limit : wish.limit <= other.limit);
  const opposite = ledger.book.orders.find((other) =>
    isOpen(other) && other.symbol === wish.symbol && other.side !== wish.side && meets(other)
  );
  if (!opposite) return undefined;
  return alpacaError(403, 40310000, "potential wash trade detected. use complex orders", {
    existing_order_id: opposite.venueId,
    reject_reason: `opposite side ${opposite.type} order exists`,
  });
}

function covered(world: World, wish: OrderWish, now: Millis): Answer | undefined {
  const { book } = world.ledger;
  const { symbol, side, quantity } = wish;
  const cost: Amount = times(quantity, wish.limit ?? world.matching.ask(symbol, now));
  if (side === "buy") {
    const free = freeCash(world, book);
    if (cost < ONE) {
      return alpacaError(403, 40310000, "cost basis must be >= minimal amount of order 1");
    }
    if (cost <= free) return undefined;
    const buying_power = amountText(free);
    const cost_basis = amountText(cost);
    return alpacaError(403, 40310000, "insufficient buying power", { buying_power, cost_basis });
  }
  const existing = book.balances[symbol] ?? 0n;
  const free = freeUnits(world, book, symbol);
  if (existing === 0n) return alpacaError(403, 40310000, "account is not allowed to short");
  if (quantity <= free) return undefined;
  const available = amountText(free);
  return alpacaError(
    403,
    40310000,
    `insufficient qty available for order (requested: ${
      amountText(quantity)
    }, available: ${available})`,
    {
      available,
      existing_qty: amountText(existing),
      held_for_orders: amountText(existing - free),
      symbol,
    },
  );
}
