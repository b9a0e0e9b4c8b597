import type { Millis } from "../../core/bars.ts";
import type { OrderSide } from "../../core/trading.ts";
import { type Amount, floorTo, times } from "./test_decimal.ts";

/** Where an order stands; `parked` waits for the market to open. */
export type BookStatus =
  | "parked"
  | "new"
  | "partial"
  | "filled"
  | "canceled"
  | "expired"
  | "rejected";

/** What is asked of an order. */
export interface OrderWish {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly type: "market" | "limit";
  readonly quantity: Amount;
  readonly limit?: Amount;
  /** Money, where the order was given in money. */
  readonly notional?: Amount;
  readonly timeInForce: "day" | "gtc" | "ioc" | "fok";
  /** Sent by hand, by whom the account belongs to. */
  readonly owner?: boolean;
}

/** An order that was accepted. */
export interface BookOrder extends OrderWish {
  /** From 1, never used twice. */
  readonly number: number;
  readonly venueId: string;
  readonly status: BookStatus;
  readonly filled: Amount;
  /** Money of all fills, without fees. */
  readonly value: Amount;
  /** What one unit was worth on acceptance; holds back cash for a market order. */
  readonly reserve: Amount;
  readonly acceptedAt: Millis;
  readonly changedAt: Millis;
}

/** One execution. */
export interface BookFill {
  /** From 1, never used twice. */
  readonly number: number;
  readonly order: BookOrder;
  readonly quantity: Amount;
  readonly price: Amount;
  readonly fee: Amount;
  readonly feeAsset: string;
  readonly time: Millis;
}

/** The account at one moment. */
export interface Book {
  readonly since: Millis;
  /** Amount by asset, cash among them; what became 0 stays. */
  readonly balances: Readonly<Record<string, Amount>>;
  /** Money paid for what is held, by asset. */
  readonly costs: Readonly<Record<string, Amount>>;
  readonly orders: readonly BookOrder[];
  readonly fills: readonly BookFill[];
}

/** Why a balance changed; every change there ever was is on record. */
export interface Entry {
  readonly asset: string;
  readonly change: Amount;
  readonly reason: "start" | "trade" | "fee" | "deposit" | "reset" | "split" | "dividend" | "tax";
  readonly time: Millis;
}

/** How a venue books. */
export interface LedgerRules {
  readonly cashAsset: string;
  assetOf(symbol: string): string;
  /** Share of what is received that is kept as a fee, and the step to which a fee is cut off. */
  readonly feeShare: Amount;
  readonly feeStep: Amount;
}

/** One account, exact to the last digit, with all of its past. */
export interface Ledger {
  readonly rules: LedgerRules;
  readonly book: Book;
  readonly entries: readonly Entry[];
  /** All orders ever accepted as they were then, those before a reset, too. */
  readonly accepted: readonly BookOrder[];
  /** All fills there ever were. */
  readonly executed: readonly BookFill[];
  /** How things stood at a moment. */
  asOf(time: Millis): Book;
  accept(
    wish: OrderWish,
    accepted: Pick<BookOrder, "venueId" | "status" | "reserve">,
    now: Millis,
  ): BookOrder;
  /** Fills part of an order, at most what is left of it. */
  execute(number: number, quantity: Amount, price: Amount, now: Millis): void;
  /** A change of status without a fill; nothing happens to a finished order. */
  move(number: number, status: BookStatus, now: Millis): void;
  adjust(asset: string, change: Amount, reason: Entry["reason"], now: Millis): void;
  /** Back to the balances of the first day, without orders and fills. */
  reset(now: Millis): void;
}

/** Whether an order may still fill. */
export function isOpen({ status }: BookOrder): boolean {
  return status === "parked" || status === "new" || status === "partial";
}

/** Opens an account with balances. */
export function openLedger(
  rules: LedgerRules,
  start: Readonly<Record<string, Amount>>,
  now: Millis,
): Ledger {
  const entries: Entry[] = [];
  const accepted: BookOrder[] = [];
  const executed: BookFill[] = [];
  const history: Book[] = [{ since: now, balances: {}, costs: {}, orders: [], fills: [] }];
  const book = () => history.at(-1)!;
  const keep = (change: Partial<Book>, now: Millis) => {
    history.push({ ...book(), ...change, since: now });
  };
  const adjust: Ledger["adjust"] = (asset, change, reason, now) => {
    entries.push({ asset, change, reason, time: now });
    keep(
      { balances: { ...book().balances, [asset]: (book().balances[asset] ?? 0n) + change } },
      now,
    );
  };
  const put = (order: BookOrder, now: Millis) => {
    keep({ orders: book().orders.map((old) => old.number === order.number ? order : old) }, now);
  };
  const find = (number: number) => book().orders.find((order) => order.number === number);
  for (const asset of Object.keys(start).sort()) adjust(asset, start[asset]!, "start", now);

  return {
    rules,
    entries,
    accepted,
    executed,
    get book() {
      return book();
    },
    asOf: (time) => history.findLast(({ since }) => since <= time) ?? history[0]!,
    accept(wish, how, now) {
      const order = {
        ...wish,
        ...how,
        number: accepted.length + 1,
        filled: 0n,
        value: 0n,
        acceptedAt: now,
        changedAt: now,
      };
      accepted.push(order);
      keep({ orders: [...book().orders, order] }, now);
      return order;
    },
    execute(number, wanted, price, now) {
      const order = find(number);
      if (!order || !isOpen(order)) return;
      const left = order.quantity - order.filled;
      const quantity = wanted < left ? wanted : left;
      if (quantity <= 0n) return;
      const money = times(quantity, price);
      const filled = order.filled + quantity;
      const after: BookOrder = {
        ...order,
        filled,
        value: order.value + money,
        status: filled === order.quantity ? "filled" : "partial",
        changedAt: now,
      };
      const asset = rules.assetOf(order.symbol);
      const buys = order.side === "buy";
      const feeAsset = buys ? asset : rules.cashAsset;
      const fee = floorTo(times(buys ? quantity : money, rules.feeShare), rules.feeStep);
      const held = book().balances[asset] ?? 0n;
      const cost = book().costs[asset] ?? 0n;
      put(after, now);
      adjust(asset, buys ? quantity : -quantity, "trade", now);
      adjust(rules.cashAsset, buys ? -money : money, "trade", now);
      if (fee > 0n) adjust(feeAsset, -fee, "fee", now);
      const nextCost = buys ? cost + money : held > quantity ? cost - cost * quantity / held : 0n;
      const fill = {
        number: executed.length + 1,
        order: after,
        quantity,
        price,
        fee,
        feeAsset,
        time: now,
      };
      executed.push(fill);
      keep({ costs: { ...book().costs, [asset]: nextCost }, fills: [...book().fills, fill] }, now);
    },
    move(number, status, now) {
      const order = find(number);
      if (order && isOpen(order)) put({ ...order, status, changedAt: now }, now);
    },
    adjust,
    reset(now) {
      const { balances } = book();
      const assets = [...new Set([...Object.keys(balances), ...Object.keys(start)])].sort();
      for (const asset of assets) {
        const change = (start[asset] ?? 0n) - (balances[asset] ?? 0n);
        if (change !== 0n) adjust(asset, change, "reset", now);
      }
      keep({ orders: [], fills: [], costs: {} }, now);
    },
  };
}
