import type { Millis } from "../../core/bars.ts";
import type { Session } from "../../core/calendar.ts";
import { type Amount, amount, floorTo } from "./test_decimal.ts";
import { type BookOrder, isOpen, type Ledger, type OrderWish } from "./test_ledger.ts";
import type { Prices } from "./test_prices.ts";
import type { OrderFate } from "./test_schedule.ts";

/** Trading hours: the session that is on at a moment, and the next to open after it. */
export interface Hours {
  current(time: Millis): Session | undefined;
  next(time: Millis): Session;
}

export interface MatchingOptions {
  readonly ledger: Ledger;
  readonly prices: Prices;
  /** Undefined where the market never closes. */
  readonly hours?: Hours | undefined;
  /** Least part of a unit that a fill of this order has. */
  quantityStep(wish: OrderWish): Amount;
  /** Half of the distance between bid and ask, a share of the price. */
  readonly halfSpread: Amount;
  /** Whether a buy may cost more than there is, as when a price ran away overnight. */
  readonly credit: boolean;
  venueId(number: number): string;
  nextFate(): OrderFate | undefined;
}

/** Orders and what becomes of them as the clock goes on. */
export interface Matching {
  bid(symbol: string, now: Millis): Amount;
  ask(symbol: string, now: Millis): Amount;
  /** Takes an order; fills that come at once come with the next `progress`. */
  accept(wish: OrderWish, now: Millis): BookOrder;
  /** Carries out all that is due. */
  progress(now: Millis): void;
  /** Fills the rest of a working order at once. */
  fillRest(number: number, now: Millis): void;
}

interface Due {
  readonly at: Millis;
  readonly number: number;
  readonly action: "open" | "first" | "rest" | "cancel" | "reject" | "expire";
  readonly fate?: OrderFate | undefined;
}

const CENT = amount("0.01");
const ONE = amount("1");

/** The matching of one market. */
export function openMatching(options: MatchingOptions): Matching {
  const { ledger, prices, hours, halfSpread } = options;
  let due: readonly Due[] = [];
  const plan = (step: Due) => {
    // Behind what is due at the same time: orders are served in their order.
    const index = due.findIndex(({ at }) => at > step.at);
    due = due.toSpliced(index < 0 ? due.length : index, 0, step);
  };
  const bid = (symbol: string, now: Millis) => {
    const price = prices.at(symbol, now);
    return floorTo(price - price * halfSpread / ONE, CENT);
  };
  const ask = (symbol: string, now: Millis) => {
    const price = prices.at(symbol, now);
    return -floorTo(-(price + price * halfSpread / ONE), CENT);
  };
  const touch = ({ symbol, side }: OrderWish, now: Millis) =>
    side === "buy" ? ask(symbol, now) : bid(symbol, now);
  const find = (number: number) => ledger.book.orders.find((order) => order.number === number);
  const mayFill = (order: BookOrder, now: Millis) => {
    if (hours && !hours.current(now)) return false;
    if (order.limit === undefined) return true;
    const price = touch(order, now);
    return order.side === "buy" ? price <= order.limit : price >= order.limit;
  };
  const fill = (order: BookOrder, quantity: Amount, now: Millis) => {
    ledger.execute(
      order.number,
      affordable(ledger, order, quantity, touch(order, now), options),
      touch(order, now),
      now,
    );
    const after = find(order.number);
    // What a market order cannot get any more is not left waiting.
    const short = after && isOpen(after) && after.filled - order.filled < quantity;
    if (short && order.type === "market") ledger.move(order.number, "expired", now);
  };

  const act = ({ number, action, fate, at }: Due) => {
    const order = find(number);
    if (!order || !isOpen(order)) return;
    if (action === "reject") return ledger.move(number, "rejected", at);
    if (action === "cancel") return ledger.move(number, "canceled", at);
    if (action === "expire") return ledger.move(number, "expired", at);
    const session = hours?.current(at);
    if (hours && !session) return plan({ number, action, fate, at: hours.next(at).open });
    if (action === "open") {
      if (order.status === "parked") ledger.move(number, "new", at);
      if (session && order.timeInForce === "day") {
        plan({ number, action: "expire", at: session.close });
      }
      return begin(order, fate, at);
    }
    if (!mayFill(order, at)) return;
    const part = action === "first" ? partOf(order, fate, options) : order.quantity - order.filled;
    if (part > 0n) fill(order, part, at);
  };

  const begin = ({ number, timeInForce }: BookOrder, fate: OrderFate | undefined, at: Millis) => {
    if (fate?.kind === "rejected") plan({ number, action: "reject", at });
    else if (fate?.kind === "delayed") plan({ number, action: "rest", at: at + fate.ms });
    else if (fate?.kind === "canceled") {
      plan({ number, action: "first", fate, at });
      plan({ number, action: "cancel", at });
    } else if (fate?.kind === "partial") {
      plan({ number, action: "first", fate, at });
      if (fate.restMs === "never") plan({ number, action: "cancel", at });
      else plan({ number, action: "rest", at: at + fate.restMs });
    } else plan({ number, action: "rest", at });
    const atOnce = timeInForce === "ioc" || timeInForce === "fok";
    if (atOnce && fate === undefined) plan({ number, action: "expire", at });
  };

  return {
    bid,
    ask,
    accept(wish, now) {
      const open = !hours || hours.current(now) !== undefined;
      const order = ledger.accept(wish, {
        venueId: options.venueId(ledger.accepted.length + 1),
        status: open ? "new" : "parked",
        reserve: wish.limit ?? touch(wish, now),
      }, now);
      const fate = wish.owner ? undefined : options.nextFate();
      plan({ number: order.number, action: "open", fate, at: open ? now : hours!.next(now).open });
      return order;
    },
    progress(now) {
      while (due[0] !== undefined && due[0].at <= now) {
        const [step] = due;
        due = due.slice(1);
        act(step);
      }
      const waits = new Set(
        due.filter(({ action }) => action !== "expire").map((step) => step.number),
      );
      for (const order of ledger.book.orders) {
        const rests = order.type === "limit" && isOpen(order) && !waits.has(order.number);
        if (rests && mayFill(order, now)) fill(order, order.quantity - order.filled, now);
      }
    },
    fillRest(number, now) {
      const order = find(number);
      if (order && isOpen(order) && mayFill(order, now)) {
        fill(order, order.quantity - order.filled, now);
      }
    },
  };
}

/** What is filled at once of an order whose fate splits it. */
function partOf(order: BookOrder, fate: OrderFate | undefined, options: MatchingOptions): Amount {
  const tenths = fate?.kind === "partial" || fate?.kind === "canceled" ? fate.tenths : 10;
  return floorTo(order.quantity * BigInt(tenths) / 10n, options.quantityStep(order));
}

/** As much as holdings allow now; at a price that ran away less than was ordered. Nobody sells short. */
function affordable(
  ledger: Ledger,
  order: BookOrder,
  quantity: Amount,
  price: Amount,
  options: MatchingOptions,
): Amount {
  if (order.side === "buy" && options.credit) return quantity;
  const { rules, book } = ledger;
  const asset = order.side === "sell" ? rules.assetOf(order.symbol) : rules.cashAsset;
  const held = book.balances[asset] ?? 0n;
  const most = order.side === "sell" ? held : held * ONE / price;
  if (quantity <= most) return quantity;
  return most <= 0n ? 0n : floorTo(most, options.quantityStep(order));
}
