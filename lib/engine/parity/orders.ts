import { DEFAULT_TIMING } from "../../execution/account/desk.ts";
import { type Exact, exact } from "../../execution/account/exact.ts";
import type { PlannedAsset } from "../plan.ts";
import { heldIn } from "./book.ts";
import { PRICE_PLACES, type StoredPrices } from "./prices.ts";
import {
  type JournalledDecision,
  type JournalledOrder,
  type LinkedFill,
  orderKey,
  type SessionJournal,
} from "./session_journal.ts";
import { stepOf } from "./sizes.ts";

/** What became of a wish: an order, a size too small to send, nothing although it should have been, or no wish at all. */
export type OrderFate = "sent" | "small" | "unsent" | "none";

/** What the session did about one symbol after a decision. */
export function fateOf(
  { orders, skips }: SessionJournal,
  { time, targets, book }: JournalledDecision,
  asset: PlannedAsset,
): OrderFate {
  const { symbol, minOrderSize } = asset;
  const key = orderKey(time, symbol);
  if (orders.has(key)) return "sent";
  if (targets[symbol] === undefined) return "none";
  if (skips.has(key)) return "small";
  const change = exact(targets[symbol]).sub(heldIn(book, symbol)).abs();
  const isDust = change.lt(exact(minOrderSize)) || change.lt(stepOf(asset)) || change.isZero();
  return isDust ? "small" : "unsent";
}

/** Whether the venue refused an order whole. */
export function isRejected({ state, filled }: JournalledOrder): boolean {
  return filled.isZero() && (state === "REFUSED" || state === "REJECTED");
}

/** Whether our clock and the venue's were so far apart that nothing is sent. */
export function isSkewed({ skewMs }: Pick<JournalledDecision, "skewMs">): boolean {
  return skewMs !== null && Math.abs(skewMs) >= DEFAULT_TIMING.skewStopMs;
}

/**
 * What the market asked before slippage: the open of the bar where fills are simulated on stored bars, else what the venue
 * quoted when the order left, else the price without the slippage that the venue is known to add.
 */
export function referenceOf(
  { event }: LinkedFill,
  { arrivalPrice }: Pick<JournalledOrder, "arrivalPrice">,
  { isSimulated, slippageBps, prices }: {
    readonly isSimulated: boolean;
    readonly slippageBps: number;
    readonly prices: StoredPrices;
  },
): Exact {
  const { side, symbol, time, price } = event;
  const bar = isSimulated ? prices.openAt(symbol, time)?.open : undefined;
  if (bar) return bar;
  if (!isSimulated && arrivalPrice !== undefined) return exact(arrivalPrice);
  const slip = exact(slippageBps).div(10_000);
  return exact(price).div(side === "buy" ? slip.add(1) : slip.neg().add(1))
    .toDecimalPlaces(PRICE_PLACES);
}
