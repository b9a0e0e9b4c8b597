import { type Book, bookTraded } from "./books.ts";
import { type Exact, total, ZERO } from "./exact.ts";
import type { FillingBar, Listing } from "./market.ts";
import {
  affordable,
  type Decision,
  type Due,
  missing,
  orderOf,
  priced,
  type Rules,
} from "./orders.ts";
import type { ReferenceFill } from "./settings.ts";

/** Account, ledgers and what came of them so far. */
export interface Books {
  readonly account: Book;
  readonly ledgers: readonly Book[];
  readonly fills: ReferenceFill[];
}

/** What trades at one moment, and the newest price of everything then. */
export interface Moment {
  readonly trading: readonly { asset: number; listing: Listing; bar: FillingBar }[];
  readonly prices: readonly (Exact | undefined)[];
}

/** Fills everything whose bar trades at one moment: sells first, then buys by one common factor. */
export function settleMoment(
  decision: Decision,
  { trading, prices }: Moment,
  { books, rules }: { books: Books; rules: Rules },
): void {
  const { account } = books;
  const { settings, mistakes } = rules;
  const held = prices.map((price, asset) => account.held[asset]!.times(price ?? ZERO));
  const nav = mistakes.has("decision_nav_at_fill") ? decision.nav : account.cash.plus(total(held));
  const due = trading.map((one): Due => ({
    ...one,
    target: decision.targets[one.asset]!,
    sizing: settings.sizing === "fill_price"
      ? { nav, price: one.bar.price }
      : { nav: decision.nav, price: decision.closes[one.asset]! },
  }));
  // Taken before anything fills, sales from purchases too: each is a matter of the moment.
  const ordered = due.filter(({ asset }) => decision.traded[asset]);
  const sales = ordered.filter((one) => missing(one, account).lt(0));
  const purchases = ordered.filter((one) => missing(one, account).gt(0));
  const traded = new Map<Due, Exact>();
  const fill = (one: Due, quantity: Exact) => {
    traded.set(one, quantity);
    pay(one, quantity, books, rules);
  };
  const sell = () => sales.forEach((one) => fill(one, orderOf(one, account, rules)));
  const buy = () => {
    const wanted = purchases.map((one) => ({ due: one, quantity: orderOf(one, account, rules) }))
      .filter(({ quantity }) => !quantity.isZero());
    affordable(wanted, account.cash, rules)
      .forEach((quantity, index) => fill(wanted[index]!.due, quantity));
  };
  const inOrder = mistakes.has("buys_before_sells") ? [buy, sell] : [sell, buy];
  for (const part of inOrder) part();
  for (const one of due) bookMoved(decision, one, traded.get(one) ?? ZERO, { books, rules });
}

/** Tells one asset's trade, or what models trade with each other beside it, apart by model. */
function bookMoved(
  decision: Decision,
  due: Due,
  quantity: Exact,
  { books: { ledgers }, rules }: { books: Books; rules: Rules },
): void {
  const { witness, mistakes } = rules;
  const { asset, bar, sizing } = due;
  if (quantity.isZero() && mistakes.has("no_crosses_when_left_alone")) return;
  const stale = quantity.isZero() && mistakes.has("left_alone_at_decision_nav");
  const nav = stale ? decision.nav : sizing.nav;
  const wishes = decision.parts[asset]!.map((part, model) =>
    part.times(nav).div(sizing.price).minus(ledgers[model]!.held[asset]!)
  );
  const trade = { asset, quantity, reference: bar.price, ...priced(due, quantity, rules) };
  bookTraded(ledgers, wishes, trade, witness);
}

function pay(due: Due, quantity: Exact, { account, fills }: Books, rules: Rules): void {
  if (quantity.isZero()) return;
  const { asset, bar, listing } = due;
  const { price, fee } = priced(due, quantity, rules);
  account.cash = account.cash.minus(quantity.times(price)).minus(fee);
  account.held[asset] = account.held[asset]!.plus(quantity);
  rules.witness.saw(quantity.lt(0) ? "sold" : "bought");
  if (account.held[asset]!.lt(0)) rules.witness.saw("short_held");
  fills.push({
    time: bar.openTime,
    symbol: listing.asset.symbol,
    quantity: quantity.toNumber(),
    price: price.toNumber(),
    fee: fee.toNumber(),
  });
}
