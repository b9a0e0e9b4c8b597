import type { Millis } from "../core/bars.ts";
import { finiteOrNull } from "./moments.ts";

/** One execution, after slippage. */
export interface Fill {
  readonly time: Millis;
  readonly symbol: string;
  /** Units; negative is a sale. */
  readonly quantity: number;
  /** Money a unit, > 0. */
  readonly price: number;
  /** Money, ≥ 0. */
  readonly fee: number;
}

/** A piece of a position from its entry fill to its exit fill. */
export interface RoundTrip {
  readonly symbol: string;
  readonly side: "long" | "short";
  readonly openTime: Millis;
  readonly closeTime: Millis;
  /** Units, > 0. */
  readonly quantity: number;
  /** Money gained, after the fees of both sides. */
  readonly pnl: number;
  /** P&L as a share of what the piece was entered for. */
  readonly pnlFraction: number;
}

/** Part of an entry fill that is still held; its sign is the side. */
interface Lot {
  readonly fill: Fill;
  quantity: number;
}

// What float64 leaves of a quantity after sums and differences is not a position.
const DUST = 1e-9;

/**
 * Closed pieces in the order of their exits: a fill against the position closes the oldest lots
 * first, one round trip for each, and what is left of it opens a lot on the other side. Fees are
 * shared by quantity. Lots still open at the end make no round trip. Fills come in time order.
 * RangeError when a fill is not made of numbers.
 */
export function roundTrips(fills: readonly Fill[]): RoundTrip[] {
  const trips: RoundTrip[] = [];
  const lotsBySymbol = new Map<string, Lot[]>();
  for (const fill of fills) {
    checkFill(fill);
    let lots = lotsBySymbol.get(fill.symbol);
    if (lots === undefined) lotsBySymbol.set(fill.symbol, lots = []);
    const left = closeOldest(lots, fill, trips);
    if (left !== 0) lots.push({ fill, quantity: left });
  }
  return trips;
}

/** Closes opposite lots against `fill` and returns the signed quantity that found none. */
function closeOldest(lots: Lot[], fill: Fill, trips: RoundTrip[]): number {
  let left = fill.quantity;
  let closed = 0;
  while (
    left !== 0 && closed < lots.length && Math.sign(lots[closed]!.quantity) !== Math.sign(left)
  ) {
    const lot = lots[closed]!;
    const quantity = Math.min(Math.abs(lot.quantity), Math.abs(left));
    trips.push(roundTrip(lot, fill, quantity));
    lot.quantity = withoutDust(lot.quantity - Math.sign(lot.quantity) * quantity, lot.fill);
    left = withoutDust(left - Math.sign(left) * quantity, fill);
    if (lot.quantity === 0) closed++;
  }
  lots.splice(0, closed);
  return left;
}

function roundTrip(lot: Lot, exit: Fill, quantity: number): RoundTrip {
  const { fill: entry } = lot;
  const side = lot.quantity > 0 ? "long" : "short";
  const gain = (exit.price - entry.price) * quantity * (side === "long" ? 1 : -1);
  const fees = entry.fee * (quantity / Math.abs(entry.quantity)) +
    exit.fee * (quantity / Math.abs(exit.quantity));
  const pnl = gain - fees;
  return {
    symbol: entry.symbol,
    side,
    openTime: entry.time,
    closeTime: exit.time,
    quantity,
    pnl,
    pnlFraction: pnl / (entry.price * quantity),
  };
}

function checkFill({ symbol, time, quantity, price, fee }: Fill): void {
  if (Number.isFinite(quantity) && Number.isFinite(price) && price > 0 && Number.isFinite(fee)) {
    return;
  }
  throw new RangeError(
    `Cannot match the fill of "${symbol}" at ${time}: found ${quantity} units at ${price}, fee ${fee}`,
  );
}

function withoutDust(quantity: number, fill: Fill): number {
  return Math.abs(quantity) <= DUST * Math.abs(fill.quantity) ? 0 : quantity;
}

/** Share of round trips that gained after costs, 0 to 1; null when there is none. */
export function winRate(trips: readonly RoundTrip[]): number | null {
  return finiteOrNull(trips.filter((trip) => trip.pnl > 0).length / trips.length);
}

/** Money gained ÷ money lost over all round trips; null when nothing was lost. */
export function profitFactor(trips: readonly RoundTrip[]): number | null {
  let gains = 0;
  let losses = 0;
  for (const { pnl } of trips) {
    if (pnl > 0) gains += pnl;
    else losses -= pnl;
  }
  return losses > 0 ? finiteOrNull(gains / losses) : null;
}
