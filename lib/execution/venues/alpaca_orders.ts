import { z } from "zod";
import type { Millis } from "../../core/bars.ts";
import { formatTime } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { LookUpAnswer, Venue, VenueOrder } from "../../core/trading.ts";
import type { AlpacaLibrary, Moment } from "./alpaca_client.ts";
import type { AlpacaDesk } from "./alpaca_desk.ts";
import {
  alpacaOrder,
  isAlpacaDuplicate,
  isAlpacaMissing,
  isAlpacaRefusal,
  ORDERS,
  rowsOf,
} from "./alpaca_shapes.ts";
import { lookUp, submitOnce } from "./asking.ts";
import type { Guard } from "./through_library.ts";
import { untilFinished } from "./until_finished.ts";

type Orders = AlpacaLibrary["trading"]["orders"];

const PAGE = 500;
/** More pages than this are no answer. */
export const MOST_PAGES = 1_000;

/** Sends, finds, lists and cancels orders. */
export function alpacaOrders(
  desk: AlpacaDesk,
  guard: Guard | undefined,
): Pick<Venue, "submit" | "find" | "openOrders" | "ordersSince" | "cancel"> {
  const { ask, trade, get } = desk;
  const look = (call: (orders: Orders) => Promise<unknown>): Promise<LookUpAnswer> =>
    lookUp(() => ask(trade, ({ trading }) => call(trading.orders)), {
      order: alpacaOrder,
      isMissing: isAlpacaMissing,
    });
  const find = (clientOrderId: string) =>
    look((orders) => orders.getOrderByClientOrderId({ clientOrderId }));
  const pages = orderPages((query) =>
    get("orders", z.custom(), ({ trading }) => trading.orders.getAllOrders(query))
  );
  return {
    find,
    openOrders: () => pages({ status: "open" }, undefined),
    ordersSince: (symbol, since) => pages({ status: "all", symbols: symbol }, since),
    submit(request) {
      const { clientOrderId, symbol, side, quantity, limitPrice } = request;
      const postOrderRequest = {
        symbol,
        side,
        qty: quantity,
        timeInForce: "day",
        clientOrderId,
        ...(limitPrice === undefined ? { type: "market" } : { type: "limit", limitPrice }),
      };
      return submitOnce(
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
    },
    async cancel({ venueOrderId }) {
      await ask(
        trade,
        ({ trading }) => trading.orders.deleteOrderByOrderID({ orderId: venueOrderId }),
      );
      return await untilFinished(
        () => look((orders) => orders.getOrderByOrderID({ orderId: venueOrderId })),
        trade.wait,
      );
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
        limit: PAGE,
        nested: false,
        ...(after === undefined ? {} : { after: formatTime(Math.floor(after) - 1) }), // strict
      });
      const rows = rowsOf(body as Parameters<typeof rowsOf>[0]);
      const before = found.size;
      for (const order of rows.map(alpacaOrder)) found.set(order.venueOrderId, order);
      if (rows.length < PAGE) return [...found.values()];
      const latest = Math.max(...ORDERS.parse(rows).map((row) => row.submitted_at ?? -Infinity));
      if (found.size === before || latest === -Infinity) throw endless("orders");
      after = latest;
    }
    throw endless("orders");
  };
}

/** A moment as a query has it. */
export function at(time: Millis): Moment {
  return { toISOString: () => formatTime(Math.floor(time)) };
}

/** Pages went round in a circle. */
export function endless(what: string): Refusal {
  return new Refusal(
    `Cannot read ${what} at alpaca: found pages without an end, expected the last`,
  );
}
