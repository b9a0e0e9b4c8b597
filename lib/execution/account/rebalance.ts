import type { Millis } from "../../core/bars.ts";
import type { DecimalText } from "../../core/ports.ts";
import type { OrderSide, VenueRules } from "../../core/trading.ts";
import { clientOrderId, type OrderLeg } from "./client_order_id.ts";
import { type Countdown, countdown, type Desk, isBlocked, record } from "./desk.ts";
import { type Exact, exact, larger, smaller, sumOf, textOf, ZERO } from "./exact.ts";
import { syncFills } from "./fills.ts";
import { isAmbiguous, isTerminal } from "./order_machine.ts";
import { readAccount } from "./reconcile.ts";
import { cancelIntent, refresh } from "./resolve.ts";
import { changeOf, isBelowMinimum, withinCash } from "./sizing.ts";
import type { PlannedOrder } from "./state_events.ts";
import type { Intent } from "./state_rows.ts";
import { clockGate, type Gate, settleAmbiguous, submit } from "./submit.ts";

/** What a leg works towards. */
export interface LegPlan {
  readonly barCloseTime: Millis;
  readonly targets: Readonly<Record<string, DecimalText>>;
}

/** Symbols that have to wait for their market, with the reason. */
export type Waiting = ReadonlyMap<string, string>;

/** How a leg ended: all of its orders finished, but for symbols whose market is closed, or why not. */
export type LegEnd =
  | { readonly kind: "finished"; readonly waiting: Waiting }
  | { readonly kind: "unfinished"; readonly reason: string }
  | { readonly kind: "held"; readonly gate: Exclude<Gate, { kind: "open" }> };

const MAX_ATTEMPTS = 3;

interface PricedOrder extends PlannedOrder {
  readonly price: DecimalText;
}

/**
 * Sends the orders of one leg one after the other and waits until each is finished; what still works when time is over is
 * cancelled. An order that ended without any fill is tried again, as long as nobody refused it.
 */
export async function runLeg(
  desk: Desk,
  plan: LegPlan,
  { leg, limit }: { readonly leg: OrderLeg; readonly limit: Countdown },
): Promise<LegEnd> {
  const refused = new Set<string>();
  const waiting = new Map<string, string>();
  const open = () => intentsOf(desk, plan, leg).filter(({ state }) => !isTerminal(state));
  if (open().length > 0) await settle(desk, plan, { leg, limit }); // of a try that was cut short
  for (let round = 0; round < MAX_ATTEMPTS; round++) {
    if (isSuperseded(desk, plan)) {
      return { kind: "unfinished", reason: "a split has changed the units it was sized in" };
    }
    const orders = (await ordersOf(desk, plan, { leg, waiting }))
      .filter(({ symbol }) => !refused.has(symbol));
    if (orders.length === 0) break;
    for (const { price, ...order } of orders) {
      const gross = await grossOf(desk, order.symbol, price);
      const submission = await submit(desk, order, { price, gross });
      if (submission.kind === "held" && submission.gate.kind === "closed") {
        waiting.set(order.symbol, submission.gate.reason);
        continue;
      }
      if (submission.kind === "held" && submission.gate.kind !== "blocked") {
        await settle(desk, plan, { leg, limit });
        return { kind: "held", gate: submission.gate };
      }
      if (submission.kind === "skipped") skip(desk, order, submission.reason);
      if (submission.kind !== "sent" || submission.intent.state === "REFUSED") {
        refused.add(order.symbol);
      }
    }
    await settle(desk, plan, { leg, limit });
    if (limit.isOver()) break;
  }
  if (open().length === 0) return { kind: "finished", waiting };
  const reason = open().map(({ symbol, state }) => `${symbol} is ${state}`).join(", ");
  return { kind: "unfinished", reason };
}

/** Whether a split came while a decision was carried out: what it still wants is in units that are no more. */
function isSuperseded({ state }: Desk, { barCloseTime }: LegPlan): boolean {
  const newest = state.newestDecision();
  return newest?.barCloseTime === barCloseTime && newest.state === "superseded";
}

/** Waits until the orders of a leg are finished and their fills show, and cancels what works when time is over. */
async function settle(
  desk: Desk,
  plan: LegPlan,
  { leg, limit }: { readonly leg: OrderLeg; readonly limit: Countdown },
): Promise<void> {
  const open = () => intentsOf(desk, plan, leg).filter(({ state }) => !isTerminal(state));
  for (const intent of open().filter(({ state }) => isAmbiguous(state))) {
    const lookUpMs = larger(
      exact(desk.timing.pollMs),
      smaller(exact(limit.leftMs()), exact(desk.timing.lookUpMs)),
    );
    await settleAmbiguous(desk, intent, lookUpMs.toNumber());
  }
  const working = () => open().filter(({ state }) => !isAmbiguous(state));
  while (working().length > 0 && !limit.isOver()) {
    for (const intent of working()) await refresh(desk, intent);
    if (working().length > 0) await limit.pause();
  }
  for (const intent of working()) await cancelIntent(desk, intent);
  await bookFills(desk);
}

/** Reads fills until none of what orders say is missing, for as long as results may take to show. */
export async function bookFills(desk: Desk): Promise<void> {
  const isMissing = () =>
    desk.state.unsettledIntents().some(({ filled, booked }) => exact(filled).gt(exact(booked)));
  const limit = countdown(desk, desk.venue.settleMs.visibility);
  await syncFills(desk);
  while (isMissing() && !limit.isOver()) {
    await limit.pause();
    await syncFills(desk);
  }
}

/**
 * The orders that a leg still has to send: one for each symbol that has none yet, or whose last one came to nothing. Symbols
 * whose market is closed are put among `waiting`: they take no cash from those that can be bought now.
 */
async function ordersOf(
  desk: Desk,
  plan: LegPlan,
  { leg, waiting }: { readonly leg: OrderLeg; readonly waiting: Map<string, string> },
): Promise<readonly PricedOrder[]> {
  const side: OrderSide = leg === "buy" ? "buy" : "sell";
  const symbols = Object.keys(plan.targets).sort()
    .filter((symbol) =>
      !waiting.has(symbol) && !isBlocked(desk, symbol) &&
      nextAttempt(desk, plan, { symbol, leg }) > 0
    );
  if (symbols.length === 0) return [];
  const prices = await desk.venue.prices(symbols);
  const wanted: (PricedOrder & { readonly rules: VenueRules })[] = [];
  for (const symbol of symbols) {
    const rules = await desk.venue.rules(symbol);
    const price = prices[symbol] ?? "0";
    const change = changeOf({
      ...{ symbol, rules, target: exact(plan.targets[symbol]!), price: exact(price) },
      ...{ held: heldOf(desk, symbol), coming: comingOf(desk, symbol) },
    });
    if (change.kind === "dust" || change.side !== side) continue;
    const order = orderFor(desk, plan, { symbol, leg, side, quantity: change.quantity });
    if (change.kind === "below_minimum") skip(desk, order, "below_minimum");
    else {
      const gate = await clockGate(desk, symbol);
      if (gate.kind === "closed") waiting.set(symbol, gate.reason);
      else wanted.push({ ...order, price, rules });
    }
  }
  const orders = side === "buy" ? await affordable(desk, wanted) : wanted;
  return orders.map(({ rules: _, ...order }) => order);
}

/** Buys within the cash that is there by our books and by the venue's, less what working buys will take. */
async function affordable<Order extends PricedOrder & { readonly rules: VenueRules }>(
  desk: Desk,
  orders: readonly Order[],
): Promise<readonly Order[]> {
  if (orders.length === 0) return [];
  const cash = await freeCash(desk);
  const buys = orders.map(({ quantity, price, rules }) => ({
    ...{ quantity: exact(quantity), price: exact(price), step: exact(rules.quantityStep) },
  }));
  const quantities = withinCash(buys, { cash, costBps: desk.buyCostBps });
  return orders.flatMap((order, i) => {
    const quantity = quantities[i]!;
    if (!isBelowMinimum(quantity, { price: exact(order.price), rules: order.rules })) {
      return [{ ...order, quantity: textOf(quantity) }];
    }
    skip(desk, order, "no_cash");
    return [];
  });
}

async function freeCash(desk: Desk): Promise<Exact> {
  const { state, venue } = desk;
  const booked = exact(state.balances().cash);
  const limit = countdown(desk, venue.settleMs.visibility);
  // Right after sales the venue may still show the cash of before.
  let found = exact((await readAccount(desk)).cash);
  while (found.lt(booked.sub(exact("0.01").mul(state.fillsSinceMark()))) && !limit.isOver()) {
    await limit.pause();
    found = exact((await readAccount(desk)).cash);
  }
  const buys = state.unsettledIntents().filter(({ side }) => side === "buy");
  if (buys.length === 0) return smaller(found, booked);
  const prices = await venue.prices([...new Set(buys.map(({ symbol }) => symbol))].sort());
  const reserved = sumOf(
    buys.map((intent) => unitsToCome(intent).mul(exact(prices[intent.symbol] ?? "0"))),
  );
  return smaller(found, booked).sub(reserved.mul(exact(desk.buyCostBps).div(10_000).add(1)));
}

/** Money in everything that is held and about to be bought. */
async function grossOf(desk: Desk, symbol: string, price: DecimalText): Promise<DecimalText> {
  if (desk.limits.maxGrossNotional === undefined) return "0";
  const held = desk.symbols.filter((other) => !heldOf(desk, other).isZero() || other === symbol);
  const prices = { ...await desk.venue.prices(held), [symbol]: price };
  return textOf(
    sumOf(
      held.map((other) =>
        heldOf(desk, other).add(larger(comingOf(desk, other), ZERO)).mul(
          exact(prices[other] ?? "0"),
        )
      ),
    ),
  );
}

function heldOf({ state }: Desk, symbol: string): Exact {
  return exact(state.balances().positions[symbol] ?? "0");
}

/** Units that orders on their way, and fills that do not show yet, will add. */
function comingOf({ state }: Desk, symbol: string): Exact {
  return sumOf(
    state.unsettledIntents().filter((intent) => intent.symbol === symbol)
      .map((intent) => intent.side === "buy" ? unitsToCome(intent) : unitsToCome(intent).neg()),
  );
}

function unitsToCome({ state, quantity, filled, booked }: Intent): Exact {
  return larger(exact(isTerminal(state) ? filled : quantity).sub(exact(booked)), ZERO);
}

/** Number of the order that may be sent for a symbol, or 0 when none may: only what bought or sold nothing is tried again. */
function nextAttempt(
  desk: Desk,
  plan: LegPlan,
  { symbol, leg }: { readonly symbol: string; readonly leg: OrderLeg },
): number {
  const last = intentsOf(desk, plan, leg).filter((intent) => intent.symbol === symbol).at(-1);
  if (!last) return 1;
  const isNothing = isTerminal(last.state) && exact(last.filled).isZero() &&
    exact(last.booked).isZero();
  return isNothing && last.attempt < MAX_ATTEMPTS ? last.attempt + 1 : 0;
}

function orderFor(
  desk: Desk,
  plan: LegPlan,
  { symbol, leg, side, quantity }: {
    readonly symbol: string;
    readonly leg: OrderLeg;
    readonly side: OrderSide;
    readonly quantity: Exact;
  },
): PlannedOrder {
  const { barCloseTime } = plan;
  const attempt = nextAttempt(desk, plan, { symbol, leg });
  const { accountNumber } = desk.state.opening()!;
  const purpose = { accountNumber, barCloseTime, symbol, leg, attempt };
  return {
    ...{ clientOrderId: clientOrderId(purpose), barCloseTime, symbol, leg, attempt, side },
    ...{ quantity: textOf(quantity), limitPrice: null },
  };
}

function intentsOf({ state }: Desk, { barCloseTime }: LegPlan, leg: OrderLeg): readonly Intent[] {
  return state.intentsOf(barCloseTime).filter((intent) => intent.leg === leg);
}

/** Logged once per decision and symbol. */
function skip(desk: Desk, { barCloseTime, symbol, quantity }: PlannedOrder, reason: string): void {
  if (desk.state.isSkipped(barCloseTime, symbol)) return;
  record(desk, { kind: "skipped", barCloseTime, symbol, reason, quantity });
}
