import { z } from "zod";
import { Refusal } from "../../core/errors.ts";
import type { LookUpAnswer, Venue, VenueOrder } from "../../core/trading.ts";
import { lookUp, submitOnce } from "./asking.ts";
import type { BinanceDesk } from "./binance_desk.ts";
import {
  binanceOrder,
  isBinanceDuplicate,
  isBinanceMissing,
  isBinanceRefusal,
  marketOf,
} from "./binance_shapes.ts";
import type { Guard } from "./through_library.ts";
import { untilFinished } from "./until_finished.ts";

/** Sends, finds and cancels orders. */
export function binanceOrders(
  { ask, askInTime, line, timed, get }: BinanceDesk,
  guard: Guard | undefined,
): Pick<Venue, "submit" | "find" | "openOrders" | "cancel"> {
  const lookUpBy = async (query: Readonly<Record<string, string>>): Promise<LookUpAnswer> => {
    try {
      await timed();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { kind: "unknown", message: error.message };
    }
    return await lookUp(
      () => askInTime((exchange) => exchange.privateGetOrder(query)),
      { order: binanceOrder, isMissing: isBinanceMissing },
    );
  };
  const find = (clientOrderId: string, symbol: string) =>
    lookUpBy({ symbol: marketOf(symbol), origClientOrderId: clientOrderId });

  return {
    find,
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
    async openOrders() {
      const list = z.array(z.custom());
      const body = await get("orders", list, (exchange) => exchange.privateGetOpenOrders({}));
      return unique(body.map(binanceOrder));
    },
    async cancel({ symbol, venueOrderId }) {
      const query = { symbol: marketOf(symbol), orderId: venueOrderId };
      await timed();
      await askInTime((exchange) => exchange.privateDeleteOrder(query));
      return await untilFinished(() => lookUpBy(query), line.wait);
    },
  };
}

function unique(orders: readonly VenueOrder[]): readonly VenueOrder[] {
  return [...new Map(orders.map((order) => [order.venueOrderId, order])).values()];
}
