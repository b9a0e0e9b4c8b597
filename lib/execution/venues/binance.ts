import { z } from "zod";
import { DAY_MS, type Millis } from "../../core/bars.ts";
import { Refusal } from "../../core/errors.ts";
import type { LookUpAnswer, Venue, VenueFill, VenueOrder } from "../../core/trading.ts";
import { exact, textOf } from "../account/exact.ts";
import { firstAnswer, lookUp, read, submitOnce } from "./asking.ts";
import {
  ACCOUNT,
  assetOf,
  binanceOrder,
  binanceRules,
  coinOf,
  DAY_PRICES,
  EXCHANGE_INFO,
  isBinanceDuplicate,
  isBinanceMissing,
  isBinanceRefusal,
  marketOf,
  ORDERS,
  PRICES,
  TIME,
  TRADES,
} from "./binance_shapes.ts";
import { cachedForAnHour } from "./cached.ts";
import { type CcxtCalls, ccxtClient } from "./ccxt_client.ts";
import { type Keys, type Mode, tradingUrl } from "./hosts.ts";
import { type LineSettings, openLine } from "./line.ts";
import type { Guard } from "./through_library.ts";
import { untilFinished } from "./until_finished.ts";

/** How the account at Binance is reached. */
export interface BinanceSettings
  extends Pick<LineSettings, "timeoutMs" | "clock" | "wait" | "fetch"> {
  readonly mode: Mode;
  readonly keys: Keys;
  /** Null for the host of the mode. */
  readonly baseUrl: string | null;
  /** Whose time is on requests: this machine's, or the venue's as its clock was read last. */
  readonly stamps: "system" | "broker";
  /** Asked directly before an order leaves. */
  readonly guard?: Guard | undefined;
}

const VENUE = "binance";
/** A request is rejected when it comes later than this after its time stamp: the bound on what is unknown. */
const RECV_WINDOW_MS = 5_000;
const VISIBILITY_MS = 10_000;
const PAGE = 1_000;

/** Crypto assets against USDT at Binance spot by ccxt (FR-042). Nothing is loaded or asked before the first question. */
export function binanceVenue(settings: BinanceSettings): Venue {
  const { mode, keys, clock, timeoutMs, guard } = settings;
  const line = openLine({
    ...settings,
    venue: VENUE,
    baseUrl: tradingUrl(VENUE, mode, settings.baseUrl),
  });
  let ahead: number | undefined = settings.stamps === "system" ? 0 : undefined;
  const stamp = () => Math.floor(clock.now() + (ahead ?? 0));
  const ask = ccxtClient({
    name: VENUE,
    timeoutMs,
    keys,
    recvWindowMs: RECV_WINDOW_MS,
    stamp,
  });
  const readTime = async (): Promise<Millis> => {
    const { serverTime } = await read(line, {
      venue: VENUE,
      what: "the clock",
      shape: TIME,
      question: () => ask(line, (exchange) => exchange.publicGetTime({})),
    });
    if (settings.stamps === "broker") ahead = serverTime - clock.now();
    return serverTime;
  };
  const timed = async () => {
    if (ahead === undefined) await readTime();
  };
  const get = async <Shape extends z.ZodType>(
    what: string,
    shape: Shape,
    call: (exchange: CcxtCalls) => Promise<unknown>,
  ) => {
    await timed();
    return await read(line, { venue: VENUE, what, shape, question: () => ask(line, call) });
  };
  const lookUpBy = async (query: Readonly<Record<string, string>>): Promise<LookUpAnswer> => {
    try {
      await timed();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { kind: "unknown", message: error.message };
    }
    return await lookUp(
      () => ask(line, (exchange) => exchange.privateGetOrder(query)),
      { order: binanceOrder, isMissing: isBinanceMissing },
    );
  };
  const find = (clientOrderId: string, symbol: string) =>
    lookUpBy({ symbol: marketOf(symbol), origClientOrderId: clientOrderId });

  /** Rows of a symbol from `since` on, each once: the venue answers for a day at a time, and for so many rows. */
  const history = async <Row extends { readonly time: Millis }>(
    since: Millis,
    page: (span: Span) => Promise<readonly Row[]>,
    keyOf: (row: Row) => number,
  ): Promise<readonly Row[]> => {
    await timed();
    const rows = new Map<number, Row>();
    const now = stamp();
    for (let startTime = Math.floor(since); startTime <= now;) {
      const endTime = startTime + DAY_MS - 1;
      const found = await page({ startTime, endTime, limit: PAGE });
      for (const row of found) rows.set(keyOf(row), row);
      if (found.length < PAGE) startTime = endTime + 1;
      else {
        const next = Math.max(...found.map(({ time }) => time));
        if (next <= startTime) throw tooMany(); // all of one moment: what lies behind cannot be seen
        startTime = next;
      }
    }
    return [...rows.values()].sort((a, b) => a.time - b.time || keyOf(a) - keyOf(b));
  };
  const ownIds = new Map<string, string>();
  const clientIdOf = async (symbol: string, orderId: string): Promise<string> => {
    const key = `${symbol}/${orderId}`;
    const cached = ownIds.get(key);
    if (cached !== undefined) return cached;
    const query = { symbol: marketOf(symbol), orderId };
    const body = await get(
      "the order of a fill",
      z.custom(),
      (exchange) => exchange.privateGetOrder(query),
    );
    const { clientOrderId } = binanceOrder(body);
    ownIds.set(key, clientOrderId);
    return clientOrderId;
  };

  return {
    name: VENUE,
    mode,
    idsAreUnique: false,
    settleMs: { acceptance: RECV_WINDOW_MS, visibility: VISIBILITY_MS },
    async account() {
      const { uid, balances } = await get(
        "the account",
        ACCOUNT,
        (exchange) => exchange.privateGetAccount({}),
      );
      const held = balances.map(({ asset, free, locked }) =>
        [assetOf(asset), textOf(exact(free).add(exact(locked)))] as const
      );
      const positions = held.filter(([asset, units]) => asset !== "USD" && units !== "0");
      return {
        accountNumber: uid,
        cash: held.find(([asset]) => asset === "USD")?.[1] ?? "0",
        positions: Object.fromEntries(positions),
      };
    },
    async clock() {
      return { time: await readTime(), isOpen: true, nextOpen: null, nextClose: null };
    },
    rules: cachedForAnHour(clock, async (symbol) => {
      const market = marketOf(symbol);
      const info = await get(
        `the rules of ${symbol}`,
        EXCHANGE_INFO,
        (exchange) => exchange.publicGetExchangeInfo({ symbol: market }),
      );
      const rules = binanceRules(info, market);
      if (rules) return rules;
      throw new Refusal(
        `Cannot trade ${symbol} at binance: found no open market ${market}, expected one`,
      );
    }),
    async prices(symbols) {
      if (symbols.length === 0) return {};
      const query = { symbols: JSON.stringify(symbols.map(marketOf)) };
      const found = await firstAnswer(
        () => get("prices", PRICES, (exchange) => exchange.publicGetTickerPrice(query)),
        () => get("prices", DAY_PRICES, (exchange) => exchange.publicGetTicker24hr(query)),
      );
      return Object.fromEntries(symbols.map((symbol) => {
        const price = found.find((row) => row.symbol === marketOf(symbol))?.price;
        if (price !== undefined && Number(price) > 0) return [symbol, price];
        throw new Refusal(`Cannot price ${symbol} at binance: found no price, expected the latest`);
      }));
    },
    async submit({ clientOrderId, symbol, side, quantity, limitPrice }) {
      try {
        await timed();
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return { kind: "refused", code: "not_sent", message: error.message };
      }
      const order = {
        symbol: marketOf(symbol),
        side: side.toUpperCase(),
        quantity,
        newClientOrderId: clientOrderId,
        newOrderRespType: "RESULT",
        ...(limitPrice === undefined
          ? { type: "MARKET" }
          : { type: "LIMIT", price: limitPrice, timeInForce: "GTC" }),
      };
      return await submitOnce(
        line,
        clientOrderId,
        () => ask(line, (exchange) => exchange.privatePostOrder(order), guard),
        {
          order: binanceOrder,
          isRefusal: isBinanceRefusal,
          isDuplicate: isBinanceDuplicate,
          find: () => find(clientOrderId, symbol),
        },
      );
    },
    find,
    async openOrders() {
      const list = z.array(z.custom());
      const body = await get("orders", list, (exchange) => exchange.privateGetOpenOrders({}));
      return unique(body.map(binanceOrder));
    },
    async ordersSince(symbol, since) {
      const market = marketOf(symbol);
      const rows = await history(
        since,
        (span) =>
          get(
            "orders",
            ORDERS,
            (exchange) => exchange.privateGetAllOrders({ symbol: market, ...span }),
          ),
        ({ orderId }) => orderId,
      );
      return rows.map((row) => binanceOrder({ ...row, orderId: String(row.orderId) }));
    },
    async fillsSince(symbols, since) {
      const fills: VenueFill[] = [];
      for (const symbol of symbols) {
        const market = marketOf(symbol);
        const trades = await history(
          since,
          (span) =>
            get(
              "fills",
              TRADES,
              (exchange) => exchange.privateGetMyTrades({ symbol: market, ...span }),
            ),
          ({ id }) => id,
        );
        for (const trade of trades) {
          fills.push({
            tradeId: String(trade.id),
            venueOrderId: trade.orderId,
            clientOrderId: await clientIdOf(symbol, trade.orderId),
            symbol: coinOf(trade.symbol),
            side: trade.isBuyer ? "buy" : "sell",
            quantity: trade.qty,
            price: trade.price,
            fee: trade.commission,
            feeAsset: assetOf(trade.commissionAsset),
            time: trade.time,
          });
        }
      }
      return fills.sort((a, b) => a.time - b.time || Number(a.tradeId) - Number(b.tradeId));
    },
    async cancel({ symbol, venueOrderId }) {
      const query = { symbol: marketOf(symbol), orderId: venueOrderId };
      await timed();
      await ask(line, (exchange) => exchange.privateDeleteOrder(query));
      return await untilFinished(() => lookUpBy(query), line.wait);
    },
  };
}

/** What is asked of a list with times: less than a day, ends included. */
type Span = Readonly<Record<"startTime" | "endTime" | "limit", number>>;

function unique(orders: readonly VenueOrder[]): readonly VenueOrder[] {
  return [...new Map(orders.map((order) => [order.venueOrderId, order])).values()];
}

function tooMany(): Refusal {
  return new Refusal(
    `Cannot read history at binance: found ${PAGE} rows of one moment, expected fewer`,
  );
}
