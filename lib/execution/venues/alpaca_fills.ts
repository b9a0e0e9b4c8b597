import { z } from "zod";
import type { Millis } from "../../core/bars.ts";
import type { Venue, VenueFill } from "../../core/trading.ts";
import type { AlpacaDesk } from "./alpaca_desk.ts";
import { at, endless, MOST_PAGES } from "./alpaca_orders.ts";
import { alpacaOrder, FILLS } from "./alpaca_shapes.ts";

const PAGE = 100;

/** Fills from the activities of the account, which name the order and not its client's id. */
export function alpacaFills({ get }: AlpacaDesk): Venue["fillsSince"] {
  const known = new Map<string, string>();
  const clientIdOf = async (orderId: string): Promise<string> => {
    const cached = known.get(orderId);
    if (cached !== undefined) return cached;
    const body = await get(
      "the order of a fill",
      z.custom(),
      ({ trading }) => trading.orders.getOrderByOrderID({ orderId }),
    );
    const { clientOrderId } = alpacaOrder(body);
    known.set(orderId, clientOrderId);
    return clientOrderId;
  };
  return async (symbols, since) => {
    const wanted = new Set(symbols);
    const fills = new Map<string, VenueFill>();
    let pageToken: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const query = {
        activityType: "FILL",
        after: at(since - 1), // strict
        direction: "asc",
        pageSize: PAGE,
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
      if (fresh.length === 0 || rows.length < PAGE) return inOrder(fills, wanted, since);
      pageToken = rows.map(({ id }) => id).sort().at(-1); // they begin with their time
    }
    throw endless("fills");
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
