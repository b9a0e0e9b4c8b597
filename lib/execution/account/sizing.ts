import type { DecimalText } from "../../core/ports.ts";
import type { OrderSide, VenueRules } from "../../core/trading.ts";
import { type Exact, exact, smaller, sumOf, textOf, wholeSteps, ZERO } from "./exact.ts";

/** Units that a weight is worth: weight × NAV ÷ price, cut toward zero to the venue's steps. */
export function targetUnits(
  weight: Exact,
  { nav, price, rules }: {
    readonly nav: Exact;
    readonly price: Exact;
    readonly rules: VenueRules;
  },
): Exact {
  if (price.lte(0)) throw new RangeError(`A price is above 0, found ${textOf(price)}`);
  return wholeSteps(weight.mul(nav).div(price), exact(rules.quantityStep));
}

/** Cash and what is held at its prices. A price must be known for everything held. */
export function navOf(
  { cash, positions }: {
    readonly cash: DecimalText;
    readonly positions: Readonly<Record<string, DecimalText>>;
  },
  prices: Readonly<Record<string, DecimalText>>,
): Exact {
  const values = Object.keys(positions).sort()
    .map((symbol) => exact(positions[symbol]!).mul(exact(prices[symbol] ?? "none")));
  return sumOf([exact(cash), ...values]);
}

/** Where a symbol stands on its way to its target. */
export interface Standing {
  readonly symbol: string;
  readonly target: Exact;
  /** Units that are held, by our fills. */
  readonly held: Exact;
  /** Units that working orders, and fills that do not show yet, will add; negative for sells. */
  readonly coming: Exact;
  readonly price: Exact;
  readonly rules: VenueRules;
}

/** What is to be done about one symbol. Dust is less than one step, and nobody's business. */
export type Change =
  | {
    readonly kind: "order";
    readonly symbol: string;
    readonly side: OrderSide;
    readonly quantity: Exact;
  }
  | {
    readonly kind: "below_minimum";
    readonly symbol: string;
    readonly side: OrderSide;
    readonly quantity: Exact;
  }
  | { readonly kind: "dust"; readonly symbol: string };

/** The order that takes a symbol to its target: target − (held + coming), on whole steps, never more sold than held. */
export function changeOf(standing: Standing): Change {
  const { symbol, target, held, coming, rules } = standing;
  const delta = target.sub(held).sub(coming);
  const side: OrderSide = delta.gt(0) ? "buy" : "sell";
  const free = coming.lt(0) ? held.add(coming) : held; // what working sells will take is not there to be sold again
  const wanted = side === "buy" ? delta : smaller(delta.abs(), free);
  const quantity = wholeSteps(wanted, exact(rules.quantityStep));
  if (quantity.lte(0)) return { kind: "dust", symbol };
  const kind = isBelowMinimum(quantity, standing) ? "below_minimum" : "order";
  return { kind, symbol, side, quantity };
}

/** Whether the venue would not take an order of that size. */
export function isBelowMinimum(
  quantity: Exact,
  { price, rules }: { readonly price: Exact; readonly rules: VenueRules },
): boolean {
  return quantity.lt(exact(rules.minQuantity)) ||
    quantity.mul(price).lt(exact(rules.minNotional));
}

/** A buy and what it is expected to cost a unit. */
export interface WantedBuy {
  readonly quantity: Exact;
  readonly price: Exact;
  readonly step: Exact;
}

/** Buys cut by one common factor to the cash, `costBps` of it left for fees and a price that moves. */
export function withinCash(
  buys: readonly WantedBuy[],
  { cash, costBps }: { readonly cash: Exact; readonly costBps: number },
): readonly Exact[] {
  const cost = exact(costBps).div(10_000).add(1);
  const needed = sumOf(buys.map(({ quantity, price }) => quantity.mul(price))).mul(cost);
  if (needed.lte(cash)) return buys.map(({ quantity }) => quantity);
  const factor = cash.gt(0) ? cash.div(needed) : ZERO;
  return buys.map(({ quantity, step }) => wholeSteps(quantity.mul(factor), step));
}
