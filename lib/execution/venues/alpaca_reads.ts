import type { Millis } from "../../core/bars.ts";
import { formatDate, parseDate } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { DecimalText } from "../../core/ports.ts";
import { newYorkMoment } from "../../core/new_york.ts";
import type { Venue } from "../../core/trading.ts";
import type { Moment } from "./alpaca_client.ts";
import type { AlpacaDesk, AlpacaSettings } from "./alpaca_desk.ts";
import {
  ACCOUNT,
  ASSET,
  CALENDAR,
  CLOCK,
  LATEST_BARS,
  LATEST_TRADE,
  LATEST_TRADES,
  POSITIONS,
} from "./alpaca_shapes.ts";
import { firstAnswer, whereServed } from "./asking.ts";

/** A session as the venue has it. */
export interface VenueSession {
  readonly date: Millis;
  readonly open: Millis;
  readonly close: Millis;
}

/** What Alpaca says of the account and of time. */
export interface AlpacaReads extends Pick<Venue, "account" | "clock" | "rules"> {
  /** Sessions whose date lies in [from, to), oldest first; undefined where no calendar is served. */
  sessions(from: Millis, to: Millis): Promise<readonly VenueSession[] | undefined>;
}

/** Orders of parts of a share: Alpaca, "Fractional Trading". */
const FRACTION_STEP = "0.000000001";
const FRACTION_NOTIONAL = "1";

/** Reads of the account, the clock, the calendar and the rules. */
export function alpacaReads({ get }: AlpacaDesk): AlpacaReads {
  return {
    async account() {
      const { account_number, cash } = await get(
        "the account",
        ACCOUNT,
        ({ trading }) => trading.account.getAccount(),
      );
      const held = await get(
        "positions",
        POSITIONS,
        ({ trading }) => trading.positions.getAllOpenPositions(),
      );
      const positions = held.map(({ symbol, qty, side }) =>
        [symbol, side === "short" && !qty.startsWith("-") ? `-${qty}` : qty] as const
      ).filter(([, units]) => units !== "0");
      return { accountNumber: account_number, cash, positions: Object.fromEntries(positions) };
    },
    async clock() {
      const clock = await get("the clock", CLOCK, ({ trading }) => trading.clock.legacyClock());
      return {
        time: clock.timestamp,
        isOpen: clock.is_open,
        nextOpen: clock.next_open,
        nextClose: clock.next_close,
      };
    },
    async sessions(from, to) {
      if (to <= from) return [];
      const query = { start: onDate(from), end: onDate(to - 1) };
      const days = await whereServed(get(
        "the calendar",
        CALENDAR,
        ({ trading }) => trading.calendar.legacyCalendar(query),
      ));
      return days?.map(({ date, open, close }) => ({
        date: parseDate(date),
        open: newYorkMoment(parseDate(date), open),
        close: newYorkMoment(parseDate(date), close),
      })).filter(({ date }) => date >= from && date < to);
    },
    async rules(symbol) {
      const asset = await get(
        `the rules of ${symbol}`,
        ASSET,
        ({ trading }) => trading.assets.getV2AssetsSymbolOrAssetId({ symbolOrAssetId: symbol }),
      );
      if (!asset.tradable || asset.status !== "active") {
        throw new Refusal(
          `Cannot trade ${symbol} at alpaca: found it inactive, expected a tradable asset`,
        );
      }
      const step = asset.min_trade_increment ?? (asset.fractionable ? FRACTION_STEP : "1");
      return {
        minQuantity: asset.min_order_size ?? step,
        quantityStep: step,
        priceStep: asset.price_increment ?? "0.01",
        minNotional: asset.fractionable ? FRACTION_NOTIONAL : "0",
      };
    },
  };
}

/** Newest prices by symbol: of the latest trade, else of the latest minute, else of the latest trade one by one. */
export function alpacaPrices(
  { get, prices }: AlpacaDesk,
  feed: AlpacaSettings["feed"],
): Venue["prices"] {
  return async (symbols) => {
    if (symbols.length === 0) return {};
    const query = { symbols: symbols.join(), feed };
    const priceOf = async (symbol: string) => {
      const one = { symbol, feed };
      const price = await get(
        "prices",
        LATEST_TRADE,
        ({ marketData }) => marketData.stocks.stockLatestTradeSingle(one),
        prices,
      );
      return [symbol, price] as const;
    };
    const found = await firstAnswer<Readonly<Record<string, DecimalText | null>>>(
      () =>
        get(
          "prices",
          LATEST_TRADES,
          ({ marketData }) => marketData.stocks.stockLatestTrades(query),
          prices,
        ),
      () =>
        get(
          "prices",
          LATEST_BARS,
          ({ marketData }) => marketData.stocks.stockLatestBars(query),
          prices,
        ),
      async () => Object.fromEntries(await Promise.all(symbols.map(priceOf))),
    );
    return Object.fromEntries(symbols.map((symbol) => {
      const price = Object.hasOwn(found, symbol) ? found[symbol] : undefined;
      if (price && Number(price) > 0) return [symbol, price];
      throw new Refusal(`Cannot price ${symbol} at alpaca: found no trade, expected the latest`);
    }));
  };
}

function onDate(time: Millis): Moment {
  return { toISOString: () => formatDate(time) };
}
