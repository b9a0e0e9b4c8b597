import type { Millis } from "../../core/bars.ts";
import type { Awaitable, DecimalText } from "../../core/ports.ts";
import type { OrderSide } from "../../core/trading.ts";

/** What an order wants of a market. */
export interface Want {
  readonly symbol: string;
  readonly side: OrderSide;
  /** Units that are still to be traded. */
  readonly quantity: DecimalText;
  /** A limit order where given. */
  readonly limitPrice?: DecimalText | undefined;
}

/** Units that a market would have traded with an order. */
export interface Met {
  readonly time: Millis;
  readonly quantity: DecimalText;
  /** Before slippage. */
  readonly price: DecimalText;
  /** Whether slippage is still to be added: a book shows its own, a limit has none. */
  readonly slips: boolean;
}

/** Prices that a venue of ours fills on: recorded or of this moment, it cannot tell. */
export interface Quotes {
  /** The newest price known at `time`; undefined before the first. */
  last(symbol: string, time: Millis): Awaitable<DecimalText | undefined>;
  /**
   * What an order that was sent at `since` has met by `until`: nothing while it waits. `rest` says what becomes of units
   * that are left.
   */
  meet(
    want: Want,
    since: Millis,
    until: Millis,
  ): Awaitable<{ readonly trades: readonly Met[]; readonly rest: "works" | "expires" }>;
}

/** An order that has met nothing yet. */
export const WAITS = { trades: [], rest: "works" } as const;
