import type { Millis } from "../../core/bars.ts";
import { type Amount, amount, amountText, times } from "./test_decimal.ts";
import type { Book, BookFill, BookOrder, OrderWish } from "./test_ledger.ts";
import { type Answer, held, type World } from "./test_venue.ts";

// Names of fields: the answers quoted in ccxt 4.5.84 (js/src/binance.js), and Binance's page "Spot REST API".

/** What Binance charges, of whatever is received. */
export const BINANCE_FEE = amount("0.001");

/** Filters of one symbol, as decimal text. */
export interface BinanceFilters {
  readonly tick: string;
  readonly step: string;
  readonly minQuantity: string;
  readonly maxQuantity: string;
  readonly minNotional: string;
}

/** Filters as BTCUSDT had them in 2026; the same for every symbol unless told otherwise. */
export const BINANCE_FILTERS: BinanceFilters = {
  tick: "0.01000000",
  step: "0.00001000",
  minQuantity: "0.00001000",
  maxQuantity: "9000.00000000",
  minNotional: "5.00000000",
};

/** Binance's way of refusing. */
export function binanceError(code: number, msg: string, status = 400): Answer {
  return { status, body: { code, msg } };
}

/** Eight digits, always. */
export function eight(value: Amount): string {
  return amountText(value, 8);
}

/** Base coin and quote coin. */
export function coinsOf(symbol: string): { readonly base: string; readonly quote: string } {
  return { base: symbol.slice(0, -4), quote: symbol.slice(-4) };
}

const STATUS = {
  parked: "NEW",
  new: "NEW",
  partial: "PARTIALLY_FILLED",
  filled: "FILLED",
  canceled: "CANCELED",
  expired: "EXPIRED",
  rejected: "REJECTED",
} as const;

/** What all answers about an order say. */
function common(order: BookOrder) {
  return {
    symbol: order.symbol,
    orderId: Number(order.venueId),
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    price: eight(order.limit ?? 0n),
    origQty: eight(order.quantity),
    executedQty: eight(order.filled),
    origQuoteOrderQty: eight(order.notional ?? 0n),
    cummulativeQuoteQty: eight(order.value),
    status: STATUS[order.status],
    timeInForce: order.timeInForce === "day" ? "GTC" : order.timeInForce.toUpperCase(),
    type: order.type.toUpperCase(),
    side: order.side.toUpperCase(),
    selfTradePreventionMode: "EXPIRE_MAKER",
  };
}

/** An order as queries and lists have it. */
export function binanceOrder(order: BookOrder) {
  return {
    ...common(order),
    stopPrice: "0.00000000",
    icebergQty: "0.00000000",
    time: order.acceptedAt,
    updateTime: order.changedAt,
    isWorking: true,
    workingTime: order.acceptedAt,
  };
}

/** The answer to a new order: `ACK`, `RESULT` or `FULL`. */
export function binanceAccepted(order: BookOrder, fills: readonly BookFill[], kind: string) {
  const { symbol, orderId, orderListId, clientOrderId, ...rest } = common(order);
  const ack = { symbol, orderId, orderListId, clientOrderId, transactTime: order.acceptedAt };
  if (kind === "ACK") return ack;
  const result = { ...ack, ...rest, workingTime: order.acceptedAt };
  if (kind === "RESULT") return result;
  return {
    ...result,
    fills: fills.map((fill) => ({
      price: eight(fill.price),
      qty: eight(fill.quantity),
      commission: eight(fill.fee),
      commissionAsset: fill.feeAsset,
      tradeId: fill.number,
    })),
  };
}

/** The answer to a cancel. */
export function binanceCanceled(order: BookOrder, now: Millis) {
  const { symbol, clientOrderId, ...rest } = common(order);
  return {
    symbol,
    origClientOrderId: clientOrderId,
    ...rest,
    clientOrderId: `cancel-${order.number}`,
    transactTime: now,
  };
}

/** A fill as `myTrades` has it. */
export function binanceTrade({ order, number, price, quantity, fee, feeAsset, time }: BookFill) {
  return {
    symbol: order.symbol,
    id: number,
    orderId: Number(order.venueId),
    orderListId: -1,
    price: eight(price),
    qty: eight(quantity),
    quoteQty: eight(times(price, quantity)),
    commission: eight(fee),
    commissionAsset: feeAsset,
    time,
    isBuyer: order.side === "buy",
    isMaker: order.type === "limit",
    isBestMatch: true,
  };
}

/** Balances, free and locked; with when each changed last. */
export function binanceBalances({ ledger, prices }: World, book: Book) {
  const assets = new Set([
    ...Object.keys(book.balances),
    ...prices.symbols.flatMap((symbol) => Object.values(coinsOf(symbol))),
  ]);
  const locks = held(ledger, book);
  return [...assets].sort().map((asset) => {
    const all = book.balances[asset] ?? 0n;
    const wanted = locks.filter((lock) => lock.asset === asset)
      .reduce((sum, lock) => sum + lock.amount, 0n);
    const locked = wanted > all ? all : wanted;
    return {
      row: { asset, free: eight(all - locked), locked: eight(locked) },
      changedAt: ledger.entries.findLast((entry) =>
        entry.asset === asset && entry.time <= book.since
      )?.time ?? 0,
    };
  });
}

/** The account around its balances. */
export function binanceAccount(balances: readonly unknown[], uid: number, updateTime: Millis) {
  return {
    makerCommission: 10,
    takerCommission: 10,
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: {
      maker: "0.00100000",
      taker: "0.00100000",
      buyer: "0.00000000",
      seller: "0.00000000",
    },
    canTrade: true,
    canWithdraw: false,
    canDeposit: true,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime,
    accountType: "SPOT",
    balances,
    permissions: ["SPOT"],
    uid,
  };
}

/** Rules of trading: `exchangeInfo`. */
export function exchangeInfo(
  symbols: readonly string[],
  filters: (symbol: string) => BinanceFilters,
  now: Millis,
) {
  return {
    timezone: "UTC",
    serverTime: now,
    rateLimits: [
      { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: 6_000 },
      { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: 100 },
      { rateLimitType: "ORDERS", interval: "DAY", intervalNum: 1, limit: 200_000 },
      { rateLimitType: "RAW_REQUESTS", interval: "MINUTE", intervalNum: 5, limit: 61_000 },
    ],
    exchangeFilters: [],
    symbols: symbols.map((symbol) => symbolInfo(symbol, filters(symbol))),
  };
}

function symbolInfo(symbol: string, filters: BinanceFilters) {
  const { base, quote } = coinsOf(symbol);
  const { tick, step, minQuantity, maxQuantity, minNotional } = filters;
  return {
    symbol,
    status: "TRADING",
    baseAsset: base,
    baseAssetPrecision: 8,
    quoteAsset: quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"],
    icebergAllowed: true,
    ocoAllowed: true,
    otoAllowed: true,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: true,
    cancelReplaceAllowed: true,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
      { filterType: "PRICE_FILTER", minPrice: tick, maxPrice: "1000000.00000000", tickSize: tick },
      { filterType: "LOT_SIZE", minQty: minQuantity, maxQty: maxQuantity, stepSize: step },
      { filterType: "ICEBERG_PARTS", limit: 10 },
      {
        filterType: "MARKET_LOT_SIZE",
        minQty: "0.00000000",
        maxQty: "120.00000000",
        stepSize: "0.00000000",
      },
      {
        ...{ filterType: "PERCENT_PRICE_BY_SIDE", bidMultiplierUp: "5", bidMultiplierDown: "0.2" },
        ...{ askMultiplierUp: "5", askMultiplierDown: "0.2", avgPriceMins: 5 },
      },
      {
        ...{ filterType: "NOTIONAL", minNotional, applyMinToMarket: true },
        ...{ maxNotional: "9000000.00000000", applyMaxToMarket: false, avgPriceMins: 5 },
      },
      { filterType: "MAX_NUM_ORDERS", maxNumOrders: 200 },
      { filterType: "MAX_NUM_ALGO_ORDERS", maxNumAlgoOrders: 5 },
    ],
    permissions: [],
    permissionSets: [["SPOT"]],
    defaultSelfTradePreventionMode: "EXPIRE_MAKER",
    allowedSelfTradePreventionModes: ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
  };
}

/** The rule of a symbol that an order breaks, as Binance calls it; undefined when it breaks none. */
export function brokenFilter(
  { quantity, limit, type }: OrderWish,
  price: Amount,
  filters: BinanceFilters,
): string | undefined {
  const of = (name: keyof BinanceFilters) => amount(filters[name]);
  if (limit !== undefined && limit % of("tick") !== 0n) return "PRICE_FILTER";
  const inLots = quantity >= of("minQuantity") && quantity <= of("maxQuantity") &&
    quantity % of("step") === 0n;
  if (!inLots) return "LOT_SIZE";
  if (type === "market" && quantity > amount("120")) return "MARKET_LOT_SIZE";
  if (limit !== undefined && (limit > price * 5n || limit * 5n < price)) {
    return "PERCENT_PRICE_BY_SIDE";
  }
  return times(quantity, limit ?? price) < of("minNotional") ? "NOTIONAL" : undefined;
}
