import { type Exact, exact, textOf, ZERO } from "../../execution/account/exact.ts";
import type { StateEvent } from "../../execution/account/mod.ts";
import { MONEY } from "../../execution/account/state_projection.ts";

/** Money and raw units, in decimals that nothing is cut from. */
export interface Book {
  cash: Exact;
  readonly units: Map<string, Exact>;
}

/** How much of an order was filled and booked: fills that show after holdings were accepted change nothing. */
export interface OrderProgress {
  filled: Exact;
  booked: Exact;
  isAdopted: boolean;
}

/** A book of its own with the same contents. */
export function bookOf(
  from: Book | { readonly cash: string; readonly positions: Readonly<Record<string, string>> },
): Book {
  if ("units" in from) return { cash: from.cash, units: new Map(from.units) };
  const symbols = Object.keys(from.positions).sort();
  return {
    cash: exact(from.cash),
    units: new Map(symbols.map((symbol) => [symbol, exact(from.positions[symbol]!)])),
  };
}

/** Symbols held, in order, with their units as text. */
export function positionsOf({ units }: Book): Readonly<Record<string, string>> {
  const held = [...units].filter(([, one]) => !one.isZero());
  return Object.fromEntries(
    held.sort(([a], [b]) => a < b ? -1 : 1).map(([symbol, one]) => [symbol, textOf(one)]),
  );
}

/** A book as text: equal books give equal text. */
export function bookText(book: Book): string {
  return JSON.stringify([textOf(book.cash), positionsOf(book)]);
}

/** Units of a symbol, 0 where it is not held. */
export function heldIn({ units }: Book, symbol: string): Exact {
  return units.get(symbol) ?? ZERO;
}

/** Changes what is held of a symbol, negative for less; money stays. */
export function addUnits(book: Book, symbol: string, change: Exact): void {
  // A fee is about no symbol.
  if (!change.isZero()) book.units.set(symbol, heldIn(book, symbol).add(change));
}

/** Cash, and what is held at its prices. */
export function worthOf(book: Book, priceOf: (symbol: string) => Exact): Exact {
  return [...book.units].sort(([a], [b]) => a < b ? -1 : 1)
    .filter(([, units]) => !units.isZero())
    .reduce((sum, [symbol, units]) => sum.add(units.mul(priceOf(symbol))), book.cash);
}

/** Moves money and units for what happened, by the same rules as the account's own ledger. */
export function bookEvent(
  book: Book,
  event: StateEvent,
  progress: Map<string, OrderProgress>,
): void {
  switch (event.kind) {
    case "planned":
      progress.set(event.clientOrderId, { filled: ZERO, booked: ZERO, isAdopted: false });
      return;
    case "order": {
      const order = progress.get(event.clientOrderId);
      if (order) order.filled = exact(event.filled);
      return;
    }
    case "fill": {
      const order = progress.get(event.clientOrderId);
      if (order?.isAdopted) return;
      if (order) order.booked = order.booked.add(exact(event.quantity));
      return bookFill(book, event);
    }
    case "corporate_action":
      book.cash = book.cash.add(exact(event.cash));
      return addUnits(book, event.symbol, exact(event.units));
    case "adopted":
      for (const order of progress.values()) {
        if (order.filled.eq(order.booked)) continue;
        order.booked = order.filled;
        order.isAdopted = true;
      }
      return replace(book, bookOf(event.after));
    case "opened":
    case "anchored":
      return replace(book, bookOf(event));
    default:
      return;
  }
}

/** One fill: units one way, money the other, the fee out of what it was taken in. */
export function bookFill(
  book: Book,
  { symbol, side, quantity, price, fee, feeAsset }: Extract<StateEvent, { readonly kind: "fill" }>,
): void {
  const units = side === "buy" ? exact(quantity) : exact(quantity).neg();
  addUnits(book, symbol, units);
  book.cash = book.cash.sub(units.mul(exact(price)));
  if (MONEY.includes(feeAsset)) book.cash = book.cash.sub(exact(fee));
  else addUnits(book, feeAsset, exact(fee).neg());
}

function replace(book: Book, other: Book): void {
  book.cash = other.cash;
  book.units.clear();
  for (const [symbol, units] of other.units) book.units.set(symbol, units);
}
