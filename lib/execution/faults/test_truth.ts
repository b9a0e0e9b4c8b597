import { HOUR_MS, type Millis } from "../../core/bars.ts";
import { formatTime } from "../../core/clock.ts";
import type { DecimalText } from "../../core/ports.ts";
import type { OrderSide } from "../../core/trading.ts";
import { type Amount, amountText } from "./test_decimal.ts";
import type { BookFill, BookOrder, BookStatus, Ledger } from "./test_ledger.ts";

/** What the broker knows, and nobody can read over the wire unspoilt. */
export interface Truth {
  readonly time: Millis;
  readonly cash: DecimalText;
  /** Units by symbol, other than 0. */
  readonly positions: Readonly<Record<string, DecimalText>>;
  readonly balances: Readonly<Record<string, DecimalText>>;
  /** Orders of the account; a reset forgets them. */
  readonly orders: readonly TruthOrder[];
  /** All fills there ever were, oldest first. */
  readonly fills: readonly TruthFill[];
  /** How many orders were ever accepted under each client order id, without the owner's: above 1 is a duplicate. */
  readonly acceptedByClientId: Readonly<Record<string, number>>;
  /** What was ever accepted for a decision about a symbol, without the owner's. */
  readonly acceptedByDecision: Readonly<Record<string, TruthDecision>>;
}

/** One order. */
export interface TruthOrder {
  readonly venueOrderId: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly quantity: DecimalText;
  readonly filled: DecimalText;
  readonly status: BookStatus;
  readonly owner: boolean;
  readonly acceptedAt: Millis;
}

/** One fill. */
export interface TruthFill {
  readonly tradeId: string;
  readonly venueOrderId: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly quantity: DecimalText;
  readonly price: DecimalText;
  readonly fee: DecimalText;
  readonly feeAsset: string;
  readonly owner: boolean;
  readonly time: Millis;
}

/** Orders of one decision. */
export interface TruthDecision {
  readonly orders: number;
  /** Units asked for, over all orders. */
  readonly asked: DecimalText;
  /** Units bought less units sold. */
  readonly executed: DecimalText;
}

/** Which decision an order belongs to. */
export type DecisionOf = (order: TruthOrder) => string;

/** The four-hour bar that closed last when the order was accepted. */
export const byLastBar: DecisionOf = ({ acceptedAt }) =>
  formatTime(Math.floor(acceptedAt / (4 * HOUR_MS)) * 4 * HOUR_MS);

/** The whole truth of a ledger. */
export function truthOf(
  ledger: Ledger,
  { symbols, now, decisionOf, tradeId }: {
    readonly symbols: readonly string[];
    readonly now: Millis;
    readonly decisionOf: DecisionOf;
    readonly tradeId: (fill: BookFill) => string;
  },
): Truth {
  const { book, rules, accepted, executed } = ledger;
  const amountOf = (asset: string) => book.balances[asset] ?? 0n;
  const held = symbols.filter((symbol) => amountOf(rules.assetOf(symbol)) !== 0n);
  const ours = accepted.filter(({ owner }) => !owner);
  const decisions = grouped(ours, (order) => `${decisionOf(orderOf(order))} ${order.symbol}`);
  return {
    time: now,
    cash: amountText(amountOf(rules.cashAsset)),
    positions: Object.fromEntries(
      held.map((symbol) => [symbol, amountText(amountOf(rules.assetOf(symbol)))]),
    ),
    balances: Object.fromEntries(
      Object.keys(book.balances).sort().map((asset) => [asset, amountText(amountOf(asset))]),
    ),
    orders: book.orders.map(orderOf),
    fills: executed.map((fill) => fillOf(fill, tradeId(fill))),
    acceptedByClientId: Object.fromEntries(
      grouped(ours, ({ clientOrderId }) => clientOrderId).map(([id, all]) => [id, all.length]),
    ),
    acceptedByDecision: Object.fromEntries(decisions.map(([key, all]) => {
      const numbers = new Set(all.map(({ number }) => number));
      const fills = executed.filter(({ order }) => numbers.has(order.number));
      const net = fills.map(({ order, quantity }) => order.side === "buy" ? quantity : -quantity);
      return [key, {
        orders: all.length,
        asked: amountText(total(all.map(({ quantity }) => quantity))),
        executed: amountText(total(net)),
      }];
    })),
  };
}

function grouped(
  orders: readonly BookOrder[],
  keyOf: (order: BookOrder) => string,
): readonly (readonly [string, readonly BookOrder[]])[] {
  const groups = Map.groupBy(orders, keyOf);
  return [...groups].sort(([a], [b]) => a < b ? -1 : 1);
}

function total(amounts: readonly Amount[]): Amount {
  return amounts.reduce((sum, value) => sum + value, 0n);
}

function orderOf(order: BookOrder): TruthOrder {
  const { venueId, clientOrderId, symbol, side, quantity, filled, status, owner } = order;
  return {
    venueOrderId: venueId,
    clientOrderId,
    symbol,
    side,
    quantity: amountText(quantity),
    filled: amountText(filled),
    status,
    owner: owner ?? false,
    acceptedAt: order.acceptedAt,
  };
}

function fillOf(fill: BookFill, tradeId: string): TruthFill {
  const { order, quantity, price, fee, feeAsset, time } = fill;
  return {
    tradeId,
    venueOrderId: order.venueId,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    quantity: amountText(quantity),
    price: amountText(price),
    fee: amountText(fee),
    feeAsset,
    owner: order.owner ?? false,
    time,
  };
}
