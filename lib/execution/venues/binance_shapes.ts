import { z } from "zod";
import type { VenueOrder, VenueOrderStatus, VenueRules } from "../../core/trading.ts";
import { exact } from "../account/exact.ts";
import { errorOf, type JsonAnswer, shaped, statusOf } from "./asking.ts";
import { decimalText, wholeNumber } from "./exact_json.ts";

// Shapes: Binance, "Spot REST API": General, Market Data, Trading and Account endpoints, Filters, Errors.

const QUOTE = "USDT";

/** A coin against the dollar, as Binance names the market. */
export function marketOf(symbol: string): string {
  return `${symbol}${QUOTE}`;
}

/** The coin of a market against the dollar; any other market keeps its name. */
export function coinOf(market: string): string {
  return market.endsWith(QUOTE) && market !== QUOTE ? market.slice(0, -QUOTE.length) : market;
}

/** What fees and balances are counted in: one dollar is as good as another. */
export function assetOf(asset: string): string {
  return asset === QUOTE ? "USD" : asset;
}

/** What Binance calls where an order stands. One that is not here stops trading. */
const STATUSES: Readonly<Record<string, VenueOrderStatus>> = {
  NEW: "working",
  PENDING_NEW: "working",
  PARTIALLY_FILLED: "working",
  PENDING_CANCEL: "working",
  FILLED: "filled",
  CANCELED: "canceled",
  REJECTED: "rejected",
  EXPIRED: "expired",
  EXPIRED_IN_MATCH: "expired",
};

export const TIME = z.object({ serverTime: wholeNumber });

export const ACCOUNT = z.object({
  /** Left out by older servers. */
  uid: z.string().min(1).default("spot"),
  balances: z.array(
    z.object({ asset: z.string().min(1), free: decimalText, locked: decimalText }),
  ),
});

export const PRICE = z.object({ symbol: z.string(), price: decimalText });

export const PRICES = z.array(PRICE);

/** The same prices with those of a day. */
export const DAY_PRICES = z.array(z.object({ symbol: z.string(), lastPrice: decimalText }))
  .transform((rows) => rows.map(({ symbol, lastPrice }) => ({ symbol, price: lastPrice })));

const ORDER = z.object({
  symbol: z.string().min(1),
  orderId: z.string().min(1),
  clientOrderId: z.string(),
  side: z.enum(["BUY", "SELL"]),
  origQty: decimalText,
  executedQty: decimalText,
  status: z.string(),
});

/** Orders in an answer, and what the next page begins at. */
export const ORDERS = z.array(z.object({ orderId: wholeNumber, time: wholeNumber }).loose());

export const TRADES = z.array(
  z.object({
    symbol: z.string().min(1),
    id: wholeNumber,
    orderId: z.string().min(1),
    price: decimalText,
    qty: decimalText,
    commission: decimalText,
    commissionAsset: z.string().min(1),
    time: wholeNumber,
    isBuyer: z.boolean(),
  }),
);

const FILTER = z.object({
  filterType: z.string(),
  tickSize: decimalText.optional(),
  minQty: decimalText.optional(),
  stepSize: decimalText.optional(),
  minNotional: decimalText.optional(),
});

export const EXCHANGE_INFO = z.object({
  symbols: z.array(
    z.object({ symbol: z.string(), status: z.string(), filters: z.array(FILTER) }),
  ),
});

/** An order as Binance tells of it. Throws a Refusal for another shape and for a status that nobody knows. */
export function binanceOrder(body: unknown): VenueOrder {
  const order = shaped(ORDER, body, "Cannot read an order at binance");
  return {
    clientOrderId: order.clientOrderId,
    venueOrderId: order.orderId,
    symbol: coinOf(order.symbol),
    side: order.side === "BUY" ? "buy" : "sell",
    quantity: order.origQty,
    filled: order.executedQty,
    status: statusOf(STATUSES, order.status, "binance"),
  };
}

/** What Binance takes of a market; undefined when it does not trade it. */
export function binanceRules(
  info: z.output<typeof EXCHANGE_INFO>,
  market: string,
): VenueRules | undefined {
  const found = info.symbols.find(({ symbol }) => symbol === market);
  if (found?.status !== "TRADING") return undefined;
  const largest = (field: "minQty" | "stepSize" | "minNotional" | "tickSize", types: string) =>
    found.filters.filter(({ filterType }) => types.split(" ").includes(filterType))
      .map((filter) => filter[field] ?? "0")
      .reduce((most, text) => exact(text).gt(exact(most)) ? text : most, "0");
  // Steps of one market are powers of ten, so that multiples of the larger are multiples of both.
  const lots = "LOT_SIZE MARKET_LOT_SIZE";
  return {
    minQuantity: largest("minQty", lots),
    quantityStep: largest("stepSize", lots),
    priceStep: largest("tickSize", "PRICE_FILTER"),
    minNotional: largest("minNotional", "NOTIONAL MIN_NOTIONAL"),
  };
}

/** Errors after which nothing was accepted: refused before they met the book, or by it. */
const REFUSALS: ReadonlySet<string> = new Set([
  ...["-1002", "-1003", "-1013", "-1014", "-1015", "-1020", "-1021", "-1022"],
  ...["-1100", "-1101", "-1102", "-1103", "-1104", "-1105", "-1106", "-1108", "-1111"],
  ...["-1112", "-1114", "-1115", "-1116", "-1117", "-1118", "-1121", "-1128", "-1130"],
  ...["-1131", "-1134", "-1135", "-1136", "-2010", "-2014", "-2015"],
]);

/** Whether an order was refused for certain. */
export function isBinanceRefusal({ status, body }: JsonAnswer): boolean {
  return status >= 400 && status < 500 && REFUSALS.has(errorOf(body).code);
}

/** Whether an open order has that id already. */
export function isBinanceDuplicate({ status, body }: JsonAnswer): boolean {
  const { code, message } = errorOf(body);
  return status >= 400 && status < 500 && code === "-2010" && /duplicate/i.test(message);
}

/** Whether an order is said not to exist, which a stale read says of a new one, too. */
export function isBinanceMissing({ status, body }: JsonAnswer): boolean {
  return status >= 400 && status < 500 && errorOf(body).code === "-2013";
}

/** Whether a request's time stamp was too early or too late for the venue's clock. */
export function isBinanceOffTime({ status, body }: JsonAnswer): boolean {
  return status >= 400 && status < 500 && errorOf(body).code === "-1021";
}
