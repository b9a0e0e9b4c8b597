import type { Fill } from "../core/orders.ts";
import type { RunRecord } from "../core/run_record.ts";
import { type CostRates, slippedPrice } from "../execution/costs.ts";
import { unitsAfter } from "../execution/lots.ts";
import { DUST } from "../execution/simulated_book.ts";
import { type EnvelopeOrder, lotsPerUnit } from "./envelope_orders.ts";
import type { Market } from "./market.ts";

/** The account of a run as other fills would have left it. */
export interface Replay {
  /** At each mark; 0 from the mark on at which nothing was left. */
  readonly nav: Float64Array;
  readonly cash: Float64Array;
  readonly fills: readonly Fill[];
}

/** What every member of an envelope is replayed on. */
export interface ReplayGround {
  readonly record: RunRecord;
  readonly market: Market;
  /** Interest on a unit of cash, paid at each mark for the time since the last. */
  readonly interest: Float64Array;
}

/**
 * Plays orders through an account of their own. Each leads to the target that its decision had, as the same share of the
 * account's own NAV at that decision; lots and minimums are not asked again. Orders come in the order of execution.
 */
export function replay(
  { record, market, interest }: ReplayGround,
  orders: readonly EnvelopeOrder[],
  rates: readonly CostRates[],
): Replay {
  const { closes, nav: runNav } = record;
  const marks = record.markTimes.length;
  const nav = new Float64Array(marks);
  const cash = new Float64Array(marks);
  const fills: Fill[] = [];
  const account = new ReplayAccount(market, { cash: record.cash[0]!, rates, fills });
  const { units } = account;
  const scaleOf = (index: number) => nav[index]! / runNav[index]!;
  let next = 0;
  for (let mark = 0; mark < marks; mark++) {
    account.cash += account.cash * interest[mark]!;
    let value = account.cash;
    for (let asset = 0; asset < units.length; asset++) {
      if (units[asset] !== 0) value += units[asset]! * closes[asset]![mark]!;
    }
    if (!(value > 0)) break;
    nav[mark] = value;
    cash[mark] = account.cash;
    while (next < orders.length && orders[next]!.index === mark) {
      const end = endOfMoment(orders, next);
      account.trade(orders.slice(next, end), scaleOf);
      next = end;
    }
  }
  return { nav, cash, fills };
}

/** Market orders of one moment share the cash; a leg stands alone. */
function endOfMoment(orders: readonly EnvelopeOrder[], from: number): number {
  const { kind, index, executedAt } = orders[from]!;
  let end = from + 1;
  if (kind !== "market") return end;
  const joins = (order: EnvelopeOrder | undefined) =>
    order?.kind === kind && order.index === index && order.executedAt === executedAt;
  while (joins(orders[end])) end++;
  return end;
}

/** Own NAV ÷ the run's NAV at a decision. */
type ScaleOf = (index: number) => number;

/** Cash and units of one member. */
class ReplayAccount {
  cash: number;
  readonly units: Float64Array;
  readonly #market: Market;
  readonly #rates: readonly CostRates[];
  readonly #lots: Float64Array;
  readonly #fills: Fill[];

  constructor(
    market: Market,
    given: { cash: number; rates: readonly CostRates[]; fills: Fill[] },
  ) {
    this.cash = given.cash;
    this.units = new Float64Array(market.assets.length);
    this.#market = market;
    this.#rates = given.rates;
    this.#fills = given.fills;
    this.#lots = Float64Array.from(market.assets, lotsPerUnit);
  }

  /** Orders of one moment: sales first, then purchases cut by one factor to the cash there is. */
  trade(orders: readonly EnvelopeOrder[], scaleOf: ScaleOf): void {
    const sized = orders.map((order) => {
      const scale = scaleOf(order.fill.index);
      return { order, scale, quantity: this.#quantity(order, scale) };
    });
    for (const { order, scale, quantity } of sized) {
      if (quantity < 0) this.#book(order, quantity, scale);
    }
    const purchases = sized.filter(({ quantity }) => quantity > 0);
    const factor = this.#affordable(purchases);
    for (const { order, scale, quantity } of purchases) {
      this.#book(order, quantity * factor, scale);
    }
  }

  /** Units to trade. What cash left of the run's own order is left of this one too; a target of 0 sells all. */
  #quantity({ fill, part }: EnvelopeOrder, scale: number): number {
    const { target, held, quantity } = fill;
    const own = this.units[fill.asset]!;
    if (target === 0 && quantity === -held) return -own * part;
    const order = target - held;
    const filled = order === 0 ? 1 : quantity / order;
    // As a difference from the run's own order: nothing is rounded where nothing differs.
    const wanted = quantity + (target * scale - own - order) * filled;
    // A leg goes one way only: where the account has gone past its target already, there is nothing to do.
    return fill.model >= 0 && wanted * quantity < 0 ? 0 : wanted * part;
  }

  #affordable(
    purchases: readonly { order: EnvelopeOrder; quantity: number; scale: number }[],
  ): number {
    if (this.#market.allowBorrowing) return 1;
    let cost = 0;
    let dust = 0;
    for (const { order, quantity, scale } of purchases) {
      const price = this.#price(order, quantity);
      cost += quantity * price * (1 + this.#rates[order.fill.asset]!.fee);
      dust = DUST * order.fill.nav * scale;
    }
    const cash = Math.max(0, this.cash);
    return cost <= cash + dust ? 1 : cash / cost;
  }

  #price({ fill, kind, buyAt, sellAt }: EnvelopeOrder, quantity: number): number {
    const price = quantity > 0 ? buyAt : sellAt;
    return kind === "limit" ? price : slippedPrice(price, quantity, this.#rates[fill.asset]!);
  }

  #book(order: EnvelopeOrder, quantity: number, scale: number): void {
    const { fill, kind, index, row, executedAt, part } = order;
    const { asset } = fill;
    const referencePrice = quantity > 0 ? order.buyAt : order.sellAt;
    const sizingNav = fill.sizingNav * scale;
    if (Math.abs(quantity) * referencePrice <= DUST * sizingNav) return;
    const price = this.#price(order, quantity);
    const fee = Math.abs(quantity) * price * this.#rates[asset]!.fee;
    const held = this.units[asset]!;
    const nav = fill.nav * scale;
    this.units[asset] = unitsAfter(held, quantity, this.#lots[asset]!);
    this.cash -= quantity * price + fee;
    if (!this.#market.allowBorrowing && this.cash < 0 && this.cash > -DUST * nav) this.cash = 0;
    this.#fills.push({
      ...fill,
      index,
      kind,
      quantity,
      price,
      referencePrice,
      fee,
      slippage: Math.abs(quantity * (price - referencePrice)),
      target: part === 1 ? fill.target * scale : held + quantity,
      held,
      sizingNav,
      row,
      time: this.#market.assets[asset]!.bars.openTime[row]!,
      executedAt,
      nav,
      pessimistic: fill.pessimistic && kind === fill.kind,
    });
  }
}
