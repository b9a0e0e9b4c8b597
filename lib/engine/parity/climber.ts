import type { Millis, Timeframe } from "../../core/bars.ts";
import type { VenueAction } from "../../core/trading.ts";
import type { LinkedEvent, StateEvent } from "../../execution/account/mod.ts";
import {
  type Exact,
  exact,
  smaller,
  textOf,
  wholeSteps,
  ZERO,
} from "../../execution/account/exact.ts";
import type { PlannedAsset } from "../plan.ts";
import { endHalt, foldEvents, type TradingState } from "../trading/mod.ts";
import { addUnits, type Book, bookFill, bookOf, heldIn, worthOf } from "./book.ts";
import type { OpeningPrice, StoredPrices } from "./prices.ts";
import { placeOf } from "./rungs.ts";
import { backtestOrder, plannedFee, slipped, stepOf } from "./sizes.ts";

/** An order that is filled as a backtest does. */
export interface BacktestOrder {
  readonly key: string;
  readonly asset: PlannedAsset;
  readonly target: Exact;
  readonly bar: OpeningPrice;
}

/** One account on its way through the range, with all assumptions swapped up to its rung. */
export interface Climber {
  readonly rung: number;
  readonly book: Book;
  state: TradingState | undefined;
  /** Up to where it has lived. */
  time: Millis;
  seq: number;
  /** Units wanted before lots, and units ordered, by decision and symbol. */
  readonly targets: Map<string, Exact>;
  readonly ordered: Map<string, Exact>;
  /** Orders that wait for their bar. */
  pending: readonly BacktestOrder[];
}

/** What every climber works with. */
export interface ClimbTools {
  readonly prices: StoredPrices;
  readonly timeframe: Timeframe;
  slippageBps(symbol: string): number;
}

/** An account that begins on a rung with a book and a state of its own. */
export function climberAt(
  rung: number,
  { book, state, time, seq }: {
    readonly book: Book;
    readonly state: TradingState | undefined;
    readonly time: Millis;
    readonly seq: number;
  },
): Climber {
  return {
    ...{ rung, book: bookOf(book), state, time, seq, pending: [] },
    ...{ targets: new Map(), ordered: new Map() },
  };
}

/** Whether an assumption is the session's own on a climber's rung. */
export function hasSwapped(
  { rung }: Pick<Climber, "rung">,
  id: Parameters<typeof placeOf>[0],
): boolean {
  return rung >= placeOf(id);
}

/** Lets the models' state know of something that was booked. */
export function happen(
  climber: Climber,
  link: LinkedEvent,
  { timeframe, slippageBps }: ClimbTools,
): void {
  if (climber.state) {
    climber.state = foldEvents(climber.state, [link], { timeframe, slippageBps });
  }
}

/** A fill of a climber's own. */
export function fillOrder(
  climber: Climber,
  fill: Extract<StateEvent, { readonly kind: "fill" }>,
  tools: ClimbTools,
): void {
  bookFill(climber.book, fill);
  happen(climber, { seq: 0, time: fill.time, event: fill }, tools);
}

/** Fills what waits and whose bar has opened by `time`: at each moment sales first, then buys within the cash. */
export function fillPending(climber: Climber, time: Millis, tools: ClimbTools): void {
  const due = climber.pending.filter(({ bar }) => bar.time <= time);
  if (due.length === 0) return;
  climber.pending = climber.pending.filter(({ bar }) => bar.time > time);
  const moments = [...new Set(due.map(({ bar }) => bar.time))].sort((a, b) => a - b);
  for (const moment of moments) {
    fillMoment(
      climber,
      due.filter(({ bar }) => bar.time === moment),
      tools,
    );
  }
}

function fillMoment(climber: Climber, orders: readonly BacktestOrder[], tools: ClimbTools): void {
  const sized = orders.map((order) => {
    const { asset, target, bar } = order;
    const units = backtestOrder(target, heldIn(climber.book, asset.symbol), asset);
    const price = slipped(bar.open, units.gt(0) ? "buy" : "sell", asset.slippageBps);
    return { order, units, price };
  });
  for (const { order, units, price } of sized) {
    if (units.lt(0)) fillWhole(climber, order, { units, price }, tools);
  }
  const buys = sized.filter(({ units }) => units.gt(0));
  const cost = buys.reduce(
    (sum, { order, units, price }) => sum.add(costOf(units, price, order.asset)),
    ZERO,
  );
  const { cash } = climber.book;
  const share = cost.gt(cash) ? (cash.gt(0) ? cash.div(cost) : ZERO) : exact(1);
  for (const { order, units, price } of buys) {
    const part = share.eq(1)
      ? units
      : wholeSteps(units.mul(share), stepOf(order.asset)).toDecimalPlaces(18);
    if (part.gt(0) && part.gte(exact(order.asset.minOrderSize))) {
      fillWhole(climber, order, { units: part, price }, tools);
    }
  }
}

/** As many units of a purchase as the cash is enough for. */
export function withinCash(
  climber: Climber,
  units: Exact,
  price: Exact,
  asset: PlannedAsset,
): Exact {
  const { cash } = climber.book;
  const cost = costOf(units, price, asset);
  if (cost.lte(cash)) return units;
  const most = cash.gt(0) ? units.mul(cash).div(cost) : ZERO;
  return smaller(units, wholeSteps(most, stepOf(asset)).toDecimalPlaces(18));
}

function costOf(units: Exact, price: Exact, { feeBps }: PlannedAsset): Exact {
  return units.mul(price).mul(exact(feeBps).div(10_000).add(1));
}

function fillWhole(
  climber: Climber,
  { key, asset, bar }: BacktestOrder,
  { units, price }: { readonly units: Exact; readonly price: Exact },
  tools: ClimbTools,
): void {
  climber.ordered.set(key, units);
  fillOrder(climber, {
    ...{ kind: "fill", tradeId: key, venueOrderId: "", clientOrderId: key, symbol: asset.symbol },
    ...{ side: units.gt(0) ? "buy" : "sell", quantity: textOf(units.abs()), price: textOf(price) },
    ...{ fee: plannedFee(units, price, asset), feeAsset: "USD", time: bar.time },
  }, tools);
}

/** Books dividends and splits on their ex-date, as far as `time`. */
export function bookOwnActions(climber: Climber, time: Millis, tools: ClimbTools): void {
  for (const { symbol, kind, value, exDate } of tools.prices.actionsIn(climber.time, time)) {
    const held = heldIn(climber.book, symbol);
    if (held.isZero()) continue;
    const cash = kind === "dividend" ? held.mul(exact(value)) : ZERO;
    const units = kind === "split"
      ? wholeSteps(held.mul(exact(value)), exact("0.000000001")).sub(held)
      : ZERO;
    moveByAction(climber, { symbol, cash, units, action: kind, time: exDate }, tools);
  }
}

/** Cash and units that a dividend or split brings. */
export function moveByAction(
  climber: Climber,
  { symbol, cash, units, action, time }: {
    readonly symbol: string;
    readonly cash: Exact;
    readonly units: Exact;
    readonly action: VenueAction["action"];
    readonly time: Millis;
  },
  tools: ClimbTools,
): void {
  climber.book.cash = climber.book.cash.add(cash);
  addUnits(climber.book, symbol, units);
  const event = {
    ...{ kind: "corporate_action", actionId: "", action, symbol, time } as const,
    ...{ cash: textOf(cash), units: textOf(units) },
  };
  happen(climber, { seq: 0, time, event }, tools);
}

/** An operator has ended a halt; the peak begins anew at the account's own NAV. */
export function endOwnHalt(climber: Climber, nav: number): void {
  if (climber.state) climber.state = endHalt(climber.state, nav);
}

/** NAV at the last closes known at a time. */
export function navAt({ book }: Pick<Climber, "book">, time: Millis, prices: StoredPrices): Exact {
  return worthOf(book, (symbol) => prices.lastClose(symbol, time) ?? ZERO);
}
