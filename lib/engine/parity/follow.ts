import type { Millis } from "../../core/bars.ts";
import type { LinkedEvent, StateEvent } from "../../execution/account/mod.ts";
import { type Exact, exact, textOf, wholeSteps, ZERO } from "../../execution/account/exact.ts";
import type { PlannedAsset } from "../plan.ts";
import { addUnits, type Book, bookOf, heldIn, worthOf } from "./book.ts";
import {
  type Climber,
  type ClimbTools,
  endOwnHalt,
  fillOrder,
  happen,
  hasSwapped,
  moveByAction,
  withinCash,
} from "./climber.ts";
import { isRejected, isSkewed, referenceOf } from "./orders.ts";
import {
  type JournalledDecision,
  type JournalledOrder,
  orderKey,
  type SessionJournal,
} from "./session_journal.ts";
import {
  backtestOrder,
  feeInProportion,
  inProportion,
  plannedFee,
  slipped,
  stepOf,
  unitsOf,
} from "./sizes.ts";

/** What a climber needs to go along with what happened in the session. */
export interface FollowTools extends ClimbTools {
  readonly journal: SessionJournal;
  readonly decisionAt: ReadonlyMap<Millis, JournalledDecision>;
  readonly assets: ReadonlyMap<string, PlannedAsset>;
  /** Whether fills of a decision were simulated on stored bars. */
  isSimulated(decision: Millis): boolean;
}

/** Whether a climber's orders of a decision reach the market as the session's did. */
export function goesAlong(climber: Climber, decision: JournalledDecision): boolean {
  return hasSwapped(climber, isSkewed(decision) ? "skew" : "delay");
}

/** Takes over what happened in the session, as far as the climber's rung goes. */
export function follow(climber: Climber, link: LinkedEvent, tools: FollowTools): void {
  const { event } = link;
  switch (event.kind) {
    case "planned":
      return plan(climber, event, tools);
    case "fill":
      return fill(climber, { ...link, event }, tools);
    case "corporate_action":
      if (hasSwapped(climber, "actions")) followAction(climber, { ...link, event }, tools);
      return;
    case "adopted":
      return adopt(climber, { ...link, event }, tools);
    case "anchored": {
      if (!hasSwapped(climber, "cash")) return;
      return move(climber.book, changeOf(tools.journal.bookBefore.get(link.seq)!, bookOf(event)));
    }
    case "halt_ended": {
      const real = tools.journal.bookBefore.get(link.seq)!;
      const worth = (book: Book) =>
        worthOf(book, (symbol) => tools.prices.lastClose(symbol, link.time) ?? ZERO);
      const own = worth(climber.book);
      const nav = own.eq(worth(real)) ? Number(event.nav) : own.toNumber();
      return endOwnHalt(climber, nav);
    }
    default:
      return;
  }
}

function plan(
  climber: Climber,
  { barCloseTime, symbol }: Extract<StateEvent, { readonly kind: "planned" }>,
  tools: FollowTools,
): void {
  const { journal, decisionAt, assets } = tools;
  const key = orderKey(barCloseTime, symbol);
  const decision = decisionAt.get(barCloseTime);
  const asset = assets.get(symbol);
  const order = journal.orders.get(key);
  const target = climber.targets.get(key);
  if (!decision || !asset || !order || !target || !goesAlong(climber, decision)) return;
  if (climber.ordered.has(key)) return; // a later attempt of the same order
  const units = orderedUnits(climber, { decision, asset, order, target }, tools);
  climber.ordered.set(key, units);
  const isFilledAnyway = order.filled.isZero() &&
    !hasSwapped(climber, isRejected(order) ? "rejects" : "partial");
  if (!isFilledAnyway || units.isZero()) return;
  const side = units.gt(0) ? "buy" : "sell";
  const bar = tools.prices.openAt(symbol, order.plannedAt)?.open;
  const quoted = order.arrivalPrice === undefined ? bar : exact(order.arrivalPrice);
  const isSimulated = tools.isSimulated(barCloseTime);
  const reference = hasSwapped(climber, "quote") && !isSimulated ? quoted ?? bar : bar ?? quoted;
  if (!reference) return;
  const price = slipped(reference, side, asset.slippageBps);
  fillOrder(climber, {
    ...{ kind: "fill", tradeId: key, venueOrderId: "", clientOrderId: key, symbol, side },
    ...{ quantity: textOf(units.abs()), price: textOf(price), feeAsset: "USD" },
    ...{ fee: plannedFee(units, price, asset), time: order.plannedAt },
  }, tools);
}

function orderedUnits(
  climber: Climber,
  { decision, asset, order, target }: {
    readonly decision: JournalledDecision;
    readonly asset: PlannedAsset;
    readonly order: JournalledOrder;
    readonly target: Exact;
  },
  { prices }: FollowTools,
): Exact {
  const { symbol } = asset;
  const held = heldIn(climber.book, symbol);
  const want = target.sub(held);
  const { weights, nav, prices: sized } = decision;
  const meant = unitsOf(weights[symbol] ?? "0", { nav, price: sized[symbol] });
  const wanted = meant.sub(order.held);
  if (hasSwapped(climber, "rounding")) {
    if (want.eq(wanted)) return order.ordered;
    const isUsual = backtestOrder(meant, order.held, asset).eq(order.ordered);
    if (!isUsual && !wanted.isZero() && want.gt(0) === wanted.gt(0)) {
      return notMoreThanHeld(
        inLotsOf(inProportion(order.ordered, want, wanted), order, asset),
        held,
      );
    }
  }
  const units = backtestOrder(target, held, asset);
  const price = prices.openAt(symbol, order.plannedAt)?.open ?? exact(order.arrivalPrice ?? "0");
  if (!units.gt(0) || price.isZero()) return units;
  return withinCash(climber, units, slipped(price, "buy", asset.slippageBps), asset);
}

/** Whole lots where the session's own order was of whole lots. */
function inLotsOf(units: Exact, { ordered }: JournalledOrder, asset: PlannedAsset): Exact {
  const step = stepOf(asset);
  return wholeSteps(ordered, step).eq(ordered) ? wholeSteps(units, step) : units;
}

function notMoreThanHeld(units: Exact, held: Exact): Exact {
  return units.lt(0) && units.abs().gt(held) ? held.neg() : units;
}

function fill(
  climber: Climber,
  link: LinkedEvent & { readonly event: Extract<StateEvent, { readonly kind: "fill" }> },
  tools: FollowTools,
): void {
  const { event } = link;
  const { journal, decisionAt, assets, prices, slippageBps } = tools;
  if (journal.idleFills.has(link.seq)) {
    if (hasSwapped(climber, "transfers")) happen(climber, link, tools);
    return;
  }
  const order = orderOfFill(journal, event.clientOrderId, event.symbol);
  const decision = order && decisionAt.get(order.time);
  const asset = assets.get(event.symbol);
  if (!order || !decision || !asset || !goesAlong(climber, decision)) return;
  const units = climber.ordered.get(orderKey(order.time, event.symbol));
  if (!units || units.isZero()) return;
  const whole = hasSwapped(climber, "partial") ? order.ordered : order.filled;
  const part = exact(event.quantity);
  const quantity = inProportion(part, units.abs(), whole.abs());
  if (quantity.isZero()) return;
  const reference = hasSwapped(climber, "quote")
    ? referenceOf(link, order, {
      ...{ isSimulated: tools.isSimulated(order.time), slippageBps: slippageBps(event.symbol) },
      prices,
    })
    : prices.openAt(event.symbol, event.time)?.open ?? exact(event.price);
  const side = units.gt(0) ? "buy" : "sell";
  const price = hasSwapped(climber, "slippage")
    ? priceFor(side, event, reference)
    : textOf(slipped(reference, side, asset.slippageBps));
  const isUsual = event.feeAsset === "USD" &&
    plannedFee(part, exact(event.price), asset) === event.fee;
  const charged = hasSwapped(climber, "fees") && !isUsual
    ? { fee: feeInProportion(event.fee, quantity, part), feeAsset: event.feeAsset }
    : { fee: plannedFee(quantity, exact(price), asset), feeAsset: "USD" };
  const same = quantity.eq(part) ? event.quantity : textOf(quantity);
  fillOrder(climber, { ...event, side, quantity: same, price, ...charged }, tools);
}

/** What was paid, or for an order the other way what the same slippage makes of it. */
function priceFor(
  side: "buy" | "sell",
  event: Extract<StateEvent, { readonly kind: "fill" }>,
  reference: Exact,
): string {
  return side === event.side ? event.price : textOf(reference.mul(2).sub(exact(event.price)));
}

/** The order that a fill is of, by its id. */
function orderOfFill(
  { orders, keyOfOrder }: SessionJournal,
  clientOrderId: string,
  symbol: string,
): JournalledOrder | undefined {
  const key = keyOfOrder.get(clientOrderId);
  const order = key === undefined ? undefined : orders.get(key);
  return order?.symbol === symbol ? order : undefined;
}

function followAction(
  climber: Climber,
  { seq, event }: LinkedEvent & {
    readonly event: Extract<StateEvent, { readonly kind: "corporate_action" }>;
  },
  tools: FollowTools,
): void {
  const { symbol, action, time } = event;
  const real = heldIn(tools.journal.bookBefore.get(seq)!, symbol);
  const own = heldIn(climber.book, symbol);
  const share = (text: string) =>
    real.isZero() ? exact(text) : inProportion(exact(text), own, real);
  const [cash, units] = [share(event.cash), share(event.units)];
  moveByAction(climber, { symbol, action, time, cash, units }, tools);
}

/** What came or went by hand, apart into trades and money. */
interface ByHand {
  readonly trade: Change;
  readonly transfer: Change;
}

interface Change {
  readonly cash: Exact;
  readonly units: ReadonlyMap<string, Exact>;
}

/** Money that a trade by hand may have cost or saved against the last price known, as a share of what was traded. */
const TRADE_TOLERANCE = exact("0.05");

function adopt(
  climber: Climber,
  { seq, time, event }: LinkedEvent & {
    readonly event: Extract<StateEvent, { readonly kind: "adopted" }>;
  },
  tools: FollowTools,
): void {
  const change = changeOf(tools.journal.bookBefore.get(seq)!, bookOf(event.after));
  const { trade, transfer } = byHand(
    change,
    (symbol) => tools.prices.lastClose(symbol, time) ?? ZERO,
  );
  const [hasTrade, hasTransfer] = [hasSwapped(climber, "manual"), hasSwapped(climber, "transfers")];
  if (hasTrade) move(climber.book, trade);
  if (hasTransfer) move(climber.book, transfer);
  // With all of it swapped the models are told in the very words of the session.
  if (hasTransfer) return happen(climber, { seq, time, event }, tools);
  if (!hasTrade) return;
  const positions = Object.fromEntries(
    [...trade.units].map(([symbol, units]) => [symbol, textOf(units)]),
  );
  const none = { cash: "0", positions: {} };
  const part = { ...event, before: none, after: { cash: textOf(trade.cash), positions } };
  happen(climber, { seq, time, event: part }, tools);
}

/**
 * Units that changed are a trade at the last price known; what money is left over belongs to the trade where it is little
 * against it, as a price that was not quite that, else to a deposit or withdrawal.
 */
export function byHand({ cash, units }: Change, priceOf: (symbol: string) => Exact): ByHand {
  const none = { cash: ZERO, units: new Map<string, Exact>() };
  if (units.size === 0) return { trade: none, transfer: { cash, units } };
  let worth = ZERO;
  let turnover = ZERO;
  for (const [symbol, moved] of units) {
    worth = worth.add(moved.mul(priceOf(symbol)));
    turnover = turnover.add(moved.mul(priceOf(symbol)).abs());
  }
  const rest = cash.add(worth);
  const isOfTrade = rest.abs().lte(turnover.mul(TRADE_TOLERANCE));
  if (isOfTrade) return { trade: { cash, units }, transfer: none };
  return { trade: { cash: worth.neg(), units }, transfer: { ...none, cash: rest } };
}

/** What is between two accounts. */
export function changeOf(before: Book, after: Book): Change {
  const symbols = [...new Set([...before.units.keys(), ...after.units.keys()])].sort();
  const units = symbols.map((symbol) =>
    [symbol, heldIn(after, symbol).sub(heldIn(before, symbol))] as const
  )
    .filter(([, moved]) => !moved.isZero());
  return { cash: after.cash.sub(before.cash), units: new Map(units) };
}

function move(book: Book, { cash, units }: Change): void {
  book.cash = book.cash.add(cash);
  for (const [symbol, moved] of units) addUnits(book, symbol, moved);
}
