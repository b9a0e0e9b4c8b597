import { z } from "zod";
import type { Venue, VenueFill } from "../../core/trading.ts";
import { activitiesSince } from "./alpaca_activities.ts";
import type { AlpacaDesk } from "./alpaca_desk.ts";
import { alpacaOrder, FILLS } from "./alpaca_shapes.ts";

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
    const rows = await activitiesSince(
      since,
      "fills",
      (query) =>
        get(
          "fills",
          FILLS,
          ({ trading }) =>
            trading.accountActivities.getAccountActivitiesByActivityType({
              activityType: "FILL",
              ...query,
            }),
        ),
    );
    const wanted = rows.filter((row) =>
      symbols.includes(row.symbol) && row.transaction_time >= since
    );
    const fills: VenueFill[] = [];
    for (const row of wanted) {
      fills.push({
        tradeId: row.id,
        venueOrderId: row.order_id,
        clientOrderId: await clientIdOf(row.order_id),
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
    return fills.sort((a, b) => a.time - b.time || (a.tradeId < b.tradeId ? -1 : 1));
  };
}
