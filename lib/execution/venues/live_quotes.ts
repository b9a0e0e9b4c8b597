import type { AssetClass } from "../../core/asset.ts";
import { isOpen } from "../../core/calendar.ts";
import type { DecimalText } from "../../core/ports.ts";
import { exact } from "../account/exact.ts";
import { type Quotes, WAITS } from "./quotes.ts";

/** Fills at the newest price of the moment, while New York trades: what a book would have cost is added as slippage. */
export function sessionQuotes(priceOf: (symbol: string) => Promise<DecimalText>): Quotes {
  return {
    last: priceOf,
    async meet({ symbol, side, quantity, limitPrice }, _since, until) {
      if (!isOpen(until)) return WAITS;
      const price = await priceOf(symbol);
      const met = { time: until, quantity, price, slips: limitPrice === undefined };
      const away = limitPrice !== undefined &&
        (side === "buy" ? exact(price).gte(limitPrice) : exact(price).lte(limitPrice));
      return away ? WAITS : { trades: [met], rest: "works" };
    },
  };
}

/** Each asset's prices from those of its class. */
export function quotesByClass(
  classOf: (symbol: string) => AssetClass | undefined,
  quotes: Readonly<Record<AssetClass, Quotes>>,
): Quotes {
  return {
    last(symbol, time) {
      const assetClass = classOf(symbol);
      return assetClass && quotes[assetClass].last(symbol, time);
    },
    meet(want, since, until) {
      const assetClass = classOf(want.symbol);
      return assetClass ? quotes[assetClass].meet(want, since, until) : WAITS;
    },
  };
}
