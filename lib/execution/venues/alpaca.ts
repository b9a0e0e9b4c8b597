import { z } from "zod";
import type { Millis } from "../../core/bars.ts";
import { formatDate, formatTime, parseDate } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import { newYorkMoment } from "../../core/new_york.ts";
import type { LookUpAnswer, Venue, VenueFill, VenueOrder } from "../../core/trading.ts";
import { alpacaClient, type AlpacaLibrary, type Moment } from "./alpaca_client.ts";
import {
  ACCOUNT,
  alpacaOrder,
  ASSET,
  CALENDAR,
  CLOCK,
  FILLS,
  isAlpacaDuplicate,
  isAlpacaMissing,
  isAlpacaRefusal,
  LATEST_BARS,
  LATEST_TRADES,
  ORDERS,
  POSITIONS,
  rowsOf,
} from "./alpaca_shapes.ts";
import { firstAnswer, lookUp, read, submitOnce } from "./asking.ts";
import { dataUrl, type Keys, type Mode, tradingUrl } from "./hosts.ts";
import { type Line, type LineSettings, openLine } from "./line.ts";
import type { Guard } from "./through_library.ts";
import { untilFinished } from "./until_finished.ts";

/** How the account at Alpaca is reached. */
export interface AlpacaSettings
  extends Pick<LineSettings, "timeoutMs" | "clock" | "wait" | "fetch"> {
  readonly mode: Mode;
  readonly keys: Keys;
  /** Null for the hosts of the mode. */
  readonly tradingUrl: string | null;
  readonly dataUrl: string | null;
  readonly feed: "iex" | "sip";
  /** Asked directly before an order leaves. */
  readonly guard?: Guard | undefined;
}

/** A session as the venue has it. */
export interface VenueSession {
  readonly date: Millis;
  readonly open: Millis;
  readonly close: Millis;
}

/** Alpaca, with what it alone can tell. */
export interface AlpacaVenue extends Venue {
  /** Sessions whose date lies in [from, to), oldest first. */
  sessions(from: Millis, to: Millis): Promise<readonly VenueSession[]>;
}

const VENUE = "alpaca";
const ORDERS_PAGE = 500;
const FILLS_PAGE = 100;
const MOST_PAGES = 1_000;
/** Orders of parts of a share: Alpaca, "Fractional Trading". */
const FRACTION_STEP = "0.000000001";
const FRACTION_NOTIONAL = "1";

/** Equities at Alpaca by its own library, REST alone (FR-041). Nothing is loaded or asked before the first question. */
export function alpacaVenue(settings: AlpacaSettings): AlpacaVenue {
  const { mode, keys, guard } = settings;
  const ask = alpacaClient(keys, mode);
  const trade = openLine({
    ...settings,
    venue: VENUE,
    baseUrl: tradingUrl(VENUE, mode, settings.tradingUrl),
  });
  const prices = openLine({
    ...settings,
    venue: VENUE,
    baseUrl: dataUrl(VENUE, settings.dataUrl),
  });
  const get = <Shape extends z.ZodType>(
    what: string,
    shape: Shape,
    call: (alpaca: AlpacaLibrary) => Promise<unknown>,
    line: Line = trade,
  ) => read(line, { venue: VENUE, what, shape, question: () => ask(line, call) });
  const find = (clientOrderId: string): Promise<LookUpAnswer> =>
    lookUp(
      () => ask(trade, ({ trading }) => trading.orders.getOrderByClientOrderId({ clientOrderId })),
      { order: alpacaOrder, isMissing: isAlpacaMissing },
    );
  const findByVenueId = (orderId: string) =>
    lookUp(
      () => ask(trade, ({ trading }) => trading.orders.getOrderByOrderID({ orderId })),
      { order: alpacaOrder, isMissing: isAlpacaMissing },
    );
  const orders = orderPages((query) =>
    get("orders", z.custom(), ({ trading }) => trading.orders.getAllOrders(query))
  );
  const ownIds = new Map<string, string>();
  const clientIdOf = async (orderId: string): Promise<string> => {
    const known = ownIds.get(orderId);
    if (known !== undefined) return known;
    const order = alpacaOrder(
      await get(
        "the order of a fill",
        z.custom(),
        ({ trading }) => trading.orders.getOrderByOrderID({ orderId }),
      ),
    );
    ownIds.set(orderId, order.clientOrderId);
    return order.clientOrderId;
  };

  return {
    name: VENUE,
    mode,
    idsAreUnique: true,
    settleMs: { acceptance: settings.timeoutMs, visibility: 10_000 },
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
      const days = await get(
        "the calendar",
        CALENDAR,
        ({ trading }) => trading.calendar.legacyCalendar(query),
      );
      return days.map(({ date, open, close }) => ({
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
    async prices(symbols) {
      if (symbols.length === 0) return {};
      const query = { symbols: symbols.join(), feed: settings.feed };
      const found = await firstAnswer(
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
      );
      return Object.fromEntries(symbols.map((symbol) => {
        const price = Object.hasOwn(found, symbol) ? found[symbol] : undefined;
        if (price && Number(price) > 0) return [symbol, price];
        throw new Refusal(`Cannot price ${symbol} at alpaca: found no trade, expected the latest`);
      }));
    },
    async submit(request) {
      const { clientOrderId, symbol, side, quantity, limitPrice } = request;
      const postOrderRequest = {
        symbol,
        side,
        qty: quantity,
        timeInForce: "day",
        clientOrderId,
        ...(limitPrice === undefined ? { type: "market" } : { type: "limit", limitPrice }),
      };
      const answer = await submitOnce(
        trade,
        clientOrderId,
        () => ask(trade, ({ trading }) => trading.orders.postOrder({ postOrderRequest }), guard),
        {
          order: alpacaOrder,
          isRefusal: isAlpacaRefusal,
          isDuplicate: isAlpacaDuplicate,
          find: () => find(clientOrderId),
        },
      );
      if (answer.kind === "acknowledged") ownIds.set(answer.order.venueOrderId, clientOrderId);
      return answer;
    },
    find,
    openOrders: () => orders({ status: "open" }, undefined),
    ordersSince: (symbol, since) => orders({ status: "all", symbols: symbol }, since),
    async fillsSince(symbols, since) {
      const wanted = new Set(symbols);
      const fills = new Map<string, VenueFill>();
      let pageToken: string | undefined;
      for (let page = 0; page < MOST_PAGES; page++) {
        const query = {
          activityType: "FILL",
          after: at(since - 1), // strict
          direction: "asc",
          pageSize: FILLS_PAGE,
          ...(pageToken === undefined ? {} : { pageToken }),
        };
        const rows = await get(
          "fills",
          FILLS,
          ({ trading }) => trading.accountActivities.getAccountActivitiesByActivityType(query),
        );
        const fresh = rows.filter(({ id }) => !fills.has(id));
        for (const row of fresh) {
          fills.set(row.id, {
            tradeId: row.id,
            venueOrderId: row.order_id,
            clientOrderId: wanted.has(row.symbol) ? await clientIdOf(row.order_id) : "",
            symbol: row.symbol,
            side: row.side === "buy" ? "buy" : "sell",
            quantity: row.qty,
            price: row.price,
            // Fees of regulators are booked by day as activities of their own.
            fee: "0",
            feeAsset: "USD",
            time: row.transaction_time,
          });
        }
        if (fresh.length === 0 || rows.length < FILLS_PAGE) return inOrder(fills, wanted, since);
        pageToken = rows.map(({ id }) => id).sort().at(-1); // they begin with their time
      }
      throw endless("fills");
    },
    async cancel({ venueOrderId }) {
      await ask(
        trade,
        ({ trading }) => trading.orders.deleteOrderByOrderID({ orderId: venueOrderId }),
      );
      return await untilFinished(() => findByVenueId(venueOrderId), trade.wait);
    },
  };
}

/** Asks for orders page after page, each order once; times of pages overlap as many orders may have one time. */
function orderPages(ask: (query: Readonly<Record<string, unknown>>) => Promise<unknown>) {
  return async (
    query: Readonly<Record<string, string>>,
    since: Millis | undefined,
  ): Promise<readonly VenueOrder[]> => {
    const found = new Map<string, VenueOrder>();
    let after = since;
    for (let page = 0; page < MOST_PAGES; page++) {
      const body = await ask({
        ...query,
        direction: "asc",
        limit: ORDERS_PAGE,
        nested: false,
        ...(after === undefined ? {} : { after: formatTime(after - 1) }), // strict
      });
      const rows = rowsOf(body as Parameters<typeof rowsOf>[0]);
      const before = found.size;
      for (const order of rows.map(alpacaOrder)) found.set(order.venueOrderId, order);
      if (rows.length < ORDERS_PAGE) return [...found.values()];
      const latest = Math.max(...ORDERS.parse(rows).map((row) => row.submitted_at ?? -Infinity));
      if (found.size === before || latest === -Infinity) throw endless("orders");
      after = latest;
    }
    throw endless("orders");
  };
}

function inOrder(
  fills: ReadonlyMap<string, VenueFill>,
  wanted: ReadonlySet<string>,
  since: Millis,
): readonly VenueFill[] {
  return [...fills.values()]
    .filter(({ symbol, time }) => wanted.has(symbol) && time >= since)
    .sort((a, b) => a.time - b.time || (a.tradeId < b.tradeId ? -1 : 1));
}

function endless(what: string): Refusal {
  return new Refusal(
    `Cannot read ${what} at alpaca: found pages without an end, expected the last`,
  );
}

function at(time: Millis): Moment {
  return { toISOString: () => formatTime(time) };
}

function onDate(time: Millis): Moment {
  return { toISOString: () => formatDate(time) };
}
