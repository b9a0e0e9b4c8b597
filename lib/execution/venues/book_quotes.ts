import type { Millis } from "../../core/bars.ts";
import type { Awaitable, DecimalText } from "../../core/ports.ts";
import { exact, smaller, textOf, ZERO } from "../account/exact.ts";
import { type Met, type Quotes, WAITS, type Want } from "./quotes.ts";

/** A price, and the units that are offered or wanted at it. */
export interface Level {
  readonly price: DecimalText;
  readonly quantity: DecimalText;
}

/** What is offered and wanted at this moment, best first. */
export interface OrderBook {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/**
 * Fills on a live order book: an order takes what is there, level by level. It does not move the market, and what a limit
 * order would have got in the queue nobody knows, so it fills only when the other side comes to it.
 */
export function bookQuotes(bookOf: (symbol: string) => Awaitable<OrderBook>): Quotes {
  return {
    async last(symbol) {
      const { bids, asks } = await bookOf(symbol);
      const [bid, ask] = [bids[0], asks[0]];
      if (!bid || !ask) return undefined;
      return textOf(exact(bid.price).add(ask.price).div(2));
    },
    async meet(want, _since, until) {
      const { bids, asks } = await bookOf(want.symbol);
      const trades = taken(want, want.side === "buy" ? asks : bids, until);
      if (trades.length === 0) return WAITS;
      // A limit order's rest stays in the book, a market order's has nowhere to be.
      return { trades, rest: want.limitPrice === undefined ? "expires" : "works" };
    },
  };
}

function taken(
  { side, quantity, limitPrice }: Want,
  levels: readonly Level[],
  time: Millis,
): readonly Met[] {
  const trades: Met[] = [];
  let left = exact(quantity);
  for (const level of levels) {
    if (left.isZero()) break;
    const beyond = limitPrice !== undefined &&
      (side === "buy" ? exact(level.price).gt(limitPrice) : exact(level.price).lt(limitPrice));
    if (beyond) break;
    const part = smaller(left, exact(level.quantity));
    if (part.lte(ZERO)) continue;
    trades.push({ time, quantity: textOf(part), price: level.price, slips: false });
    left = left.sub(part);
  }
  return trades;
}
