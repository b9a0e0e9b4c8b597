import { Refusal } from "../../core/errors.ts";
import type { Venue } from "../../core/trading.ts";
import { exact, textOf } from "../account/exact.ts";
import { firstAnswer } from "./asking.ts";
import {
  type BinanceDesk,
  binanceDesk,
  type BinanceSettings,
  RECV_WINDOW_MS,
  VENUE,
} from "./binance_desk.ts";
import { binanceHistory } from "./binance_history.ts";
import { binanceOrders } from "./binance_orders.ts";
import {
  ACCOUNT,
  assetOf,
  binanceRules,
  DAY_PRICES,
  EXCHANGE_INFO,
  marketOf,
  PRICE,
  PRICES,
} from "./binance_shapes.ts";
import { cachedForAnHour } from "./cached.ts";

export type { BinanceSettings } from "./binance_desk.ts";

/** Reads are answered from a copy: how far behind the book it may be. */
const VISIBILITY_MS = 10_000;

/** Crypto assets against USDT at Binance spot by ccxt (FR-042). Nothing is loaded or asked before the first question. */
export function binanceVenue(settings: BinanceSettings): Venue {
  const desk = binanceDesk(settings);
  return {
    name: VENUE,
    mode: settings.mode,
    idsAreUnique: false,
    settleMs: { acceptance: RECV_WINDOW_MS, visibility: VISIBILITY_MS },
    ...binanceReads(desk, settings),
    ...binanceOrders(desk, settings.guard),
    ...binanceHistory(desk),
  };
}

/** What Binance says of the account, of time and of its markets. */
function binanceReads(
  { get, readTime }: BinanceDesk,
  { clock }: BinanceSettings,
): Pick<Venue, "account" | "clock" | "rules" | "prices"> {
  const priceOf = (symbol: string) =>
    get(
      "prices",
      PRICE,
      (exchange) => exchange.publicGetTickerPrice({ symbol: marketOf(symbol) }),
    );
  return {
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
        () => Promise.all(symbols.map(priceOf)),
        () => get("prices", DAY_PRICES, (exchange) => exchange.publicGetTicker24hr(query)),
      );
      return Object.fromEntries(symbols.map((symbol) => {
        const price = found.find((row) => row.symbol === marketOf(symbol))?.price;
        if (price !== undefined && Number(price) > 0) return [symbol, price];
        throw new Refusal(`Cannot price ${symbol} at binance: found no price, expected the latest`);
      }));
    },
  };
}
