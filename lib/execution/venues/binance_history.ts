import { z } from "zod";
import { DAY_MS, type Millis } from "../../core/bars.ts";
import { Refusal } from "../../core/errors.ts";
import type { Venue, VenueFill } from "../../core/trading.ts";
import type { BinanceDesk } from "./binance_desk.ts";
import { assetOf, binanceOrder, coinOf, marketOf, ORDERS, TRADES } from "./binance_shapes.ts";

const PAGE = 1_000;
/** After more time than this the newest page is looked at before all the days between are gone through. */
const LONG_MS = 7 * DAY_MS;

/** What is asked of a list: less than a day with its ends included, or the newest rows. */
type Span = Readonly<
  Record<"startTime" | "endTime" | "limit", number> | Record<"limit", number>
>;

/** Lists of orders and fills since a time. */
export function binanceHistory(
  desk: BinanceDesk,
): Pick<Venue, "ordersSince" | "fillsSince"> {
  const { get } = desk;
  const clientIdOf = clientIds(desk);
  return {
    async ordersSince(symbol, since) {
      const market = marketOf(symbol);
      const rows = await historyOf(
        desk,
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
        const trades = await historyOf(
          desk,
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
  };
}

/**
 * Rows of a symbol from `since` on, each once: the venue answers for a day at a time, and for so many rows; without times,
 * with the newest.
 */
async function historyOf<Row extends { readonly time: Millis }>(
  { timed, stamp }: BinanceDesk,
  since: Millis,
  page: (span: Span) => Promise<readonly Row[]>,
  keyOf: (row: Row) => number,
): Promise<readonly Row[]> {
  await timed();
  const rows: Row[] = [];
  const now = stamp();
  if (now - since > LONG_MS) {
    const newest = await page({ limit: PAGE });
    const reachesBack = newest.length < PAGE || newest.some(({ time }) => time < since);
    if (reachesBack) return inOrder(newest.filter(({ time }) => time >= since), keyOf);
  }
  for (let startTime = Math.floor(since); startTime <= now;) {
    const endTime = startTime + DAY_MS - 1;
    const found = await page({ startTime, endTime, limit: PAGE });
    rows.push(...found);
    if (found.length < PAGE) startTime = endTime + 1;
    else {
      const next = Math.max(...found.map(({ time }) => time));
      if (next <= startTime) throw tooMany(); // all of one moment: what lies behind cannot be seen
      startTime = next;
    }
  }
  return inOrder(rows, keyOf);
}

function inOrder<Row extends { readonly time: Millis }>(
  rows: readonly Row[],
  keyOf: (row: Row) => number,
): readonly Row[] {
  const unique = new Map(rows.map((row) => [keyOf(row), row]));
  return [...unique.values()].sort((a, b) => a.time - b.time || keyOf(a) - keyOf(b));
}

/** The client's ids of orders, each asked for once. */
function clientIds({ get }: BinanceDesk) {
  const known = new Map<string, string>();
  return async (symbol: string, orderId: string): Promise<string> => {
    const key = `${symbol}/${orderId}`;
    const cached = known.get(key);
    if (cached !== undefined) return cached;
    const query = { symbol: marketOf(symbol), orderId };
    const body = await get(
      "the order of a fill",
      z.custom(),
      (exchange) => exchange.privateGetOrder(query),
    );
    const { clientOrderId } = binanceOrder(body);
    known.set(key, clientOrderId);
    return clientOrderId;
  };
}

function tooMany(): Refusal {
  return new Refusal(
    `Cannot read history at binance: found ${PAGE} rows of one moment, expected fewer`,
  );
}
