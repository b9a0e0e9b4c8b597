import type { OrderOutcome, TargetWeights } from "../core/orders.ts";
import { purchaseWithin, unitsBetween, wholeLots } from "./lots.ts";
import { type Order, type SimulatedBook, simulatedBook } from "./simulated_book.ts";
import { type HeldOf, type SimulatedLegs, simulatedLegs } from "./simulated_legs.ts";
import {
  fillPrice,
  fillRow,
  marketMoment,
  type SimulatedAccount,
  type SimulatedMarket,
} from "./simulated_market.ts";

export type { HeldOf } from "./simulated_legs.ts";

/** The bars of one run, made to fill orders. */
export interface SimulatedVenue {
  fillMarket(targets: TargetWeights): readonly OrderOutcome[];
  fillLimits(targets: TargetWeights, heldOf?: HeldOf): readonly OrderOutcome[];
  runStops(targets: TargetWeights, heldOf: HeldOf): readonly OrderOutcome[];
  /** NAV at the closes known at decision `t`. */
  navAtCloses(t: number): number;
  /** Sized at the fill: by asset, NAV just before the moment at which it could fill last, whether it was traded or not. */
  readonly navAtFill: Float64Array;
}

/** A venue that trades `account` on `market`. */
export function simulatedVenue(market: SimulatedMarket, account: SimulatedAccount): SimulatedVenue {
  return new Venue(market, account);
}

/** Assets that can trade at one moment. */
type Moment = readonly [time: number, assets: readonly number[]];

const NO_MOMENTS: readonly Moment[] = [];

/** Executes one decision's targets against the bars that follow it. */
class Venue implements SimulatedVenue {
  readonly #market: SimulatedMarket;
  readonly #account: SimulatedAccount;
  readonly #book: SimulatedBook;
  readonly #legs: SimulatedLegs;
  readonly #sizesAtFill: boolean;
  readonly navAtFill: Float64Array;

  constructor(market: SimulatedMarket, account: SimulatedAccount) {
    this.#market = market;
    this.#account = account;
    this.#book = simulatedBook(market, account);
    this.#legs = simulatedLegs(market, account, this.#book);
    this.#sizesAtFill = market.sizing === "fill_price";
    this.navAtFill = new Float64Array(market.assets.length).fill(NaN);
  }

  fillMarket(targets: TargetWeights): readonly OrderOutcome[] {
    for (const moment of this.#moments(targets)) this.#fillMoment(targets, moment);
    return this.#book.takeOutcomes();
  }

  fillLimits(targets: TargetWeights, heldOf?: HeldOf): readonly OrderOutcome[] {
    this.#legs.fillLimits(targets, heldOf);
    return this.#book.takeOutcomes();
  }

  runStops(targets: TargetWeights, heldOf: HeldOf): readonly OrderOutcome[] {
    this.#legs.fillStops(targets, heldOf);
    return this.#book.takeOutcomes();
  }

  navAtCloses(t: number): number {
    return this.#book.navAtCloses(t);
  }

  /** The assets to trade, and those whose NAV is of interest, grouped by the moment they can, earliest first. */
  #moments({ index, trade }: TargetWeights): readonly Moment[] {
    const { assets } = this.#market;
    let open: number[] | undefined;
    for (let asset = 0; asset < assets.length; asset++) {
      if (!this.#sizesAtFill && trade[asset] !== 1) continue;
      if (fillRow(this.#market, assets[asset]!, index) < 0) continue;
      (open ??= []).push(asset);
    }
    if (!open) return NO_MOMENTS;
    const groups = Map.groupBy(open, (asset) => {
      const traded = assets[asset]!;
      const row = fillRow(this.#market, traded, index);
      return marketMoment(this.#market, traded, { row, index });
    });
    return [...groups].sort(([a], [b]) => a - b);
  }

  /** All orders of one moment: sells first, then buys from the cash that is left. */
  #fillMoment(targets: TargetWeights, [time, assets]: Moment): void {
    const nav = this.#book.navAt(targets.index, time);
    for (const asset of assets) this.navAtFill[asset] = nav;
    const orders = assets.filter((asset) => targets.trade[asset] === 1)
      .map((asset) => this.#order(targets, asset, nav))
      .filter((order) => this.#isWorthSending(order));
    for (const order of orders) {
      if (order.quantity < 0) this.#book.fill(order, order.quantity, { nav });
    }
    this.#buy(orders.filter(({ quantity }) => quantity > 0), nav);
  }

  /** Buys scaled together by one factor to the cash there is, costs included. */
  #buy(orders: readonly Order[], nav: number): void {
    const cash = this.#book.spendable();
    const onItsOwn = this.#market.sizing === "fill_price";
    const costs = orders.map(({ asset, price, quantity }) => {
      const cost = quantity * this.#book.unitCost(asset, price);
      return onItsOwn ? Math.min(cost, cash) : cost;
    });
    const cost = costs.reduce((sum, cost) => sum + cost, 0);
    const factor = cost <= cash ? 1 : cash / cost;
    for (const [i, order] of orders.entries()) {
      const quantity = this.#purchase(order, costs[i]! * factor);
      const obstacle = this.#book.obstacle(order, quantity);
      if (obstacle) this.#book.skip(order, obstacle);
      else this.#book.fill(order, quantity, { nav });
    }
  }

  /** Units that `money` buys, at most those ordered. */
  #purchase({ asset, price, quantity }: Order, money: number): number {
    const unitCost = this.#book.unitCost(asset, price);
    if (quantity * unitCost <= money) return quantity;
    return purchaseWithin(
      this.#account.quantity[asset]!,
      money / unitCost,
      this.#book.lots[asset]!,
    );
  }

  /** The market order that would reach the target; a target of 0 sells all, lots or not. */
  #order(targets: TargetWeights, asset: number, nav: number): Order {
    const traded = this.#market.assets[asset]!;
    const row = fillRow(this.#market, traded, targets.index);
    const price = fillPrice(this.#market, traded, row);
    const atFill = this.#market.sizing === "fill_price";
    const sizingNav = atFill ? nav : targets.nav;
    const sizingPrice = atFill ? price : traded.closeAt[targets.index]!;
    const held = this.#account.quantity[asset]!;
    const lots = this.#book.lots[asset]!;
    const waiting = targets.limits.length === 0 ? 0 : unitsWaiting(targets, asset);
    // What waits for its price is no part of this order: its share of the weight stands for the units held.
    const weight = waiting === 0
      ? targets.weights[asset]!
      : targets.weights[asset]! - waiting * traded.closeAt[targets.index]! / targets.nav;
    let units = weight * sizingNav / sizingPrice + waiting;
    // Sized at the fill, the money for a purchase covers its costs; but what is left of a short must keep its cap.
    if (atFill && units > 0 && units > held) {
      units = held + (units - held) * price / this.#book.unitCost(asset, price);
    }
    const target = wholeLots(units, lots);
    const quantity = unitsBetween(held, target, lots);
    return {
      index: targets.index,
      asset,
      kind: "market",
      model: -1,
      row,
      price,
      quantity,
      target,
      sizingNav,
      sizingPrice,
    };
  }

  /** FR-043: a difference under the minimum is not sent, and is noted. */
  #isWorthSending(order: Order): boolean {
    if (this.#book.isNothing(order, order.quantity)) return false;
    const obstacle = this.#book.obstacle(order, order.quantity);
    if (obstacle) this.#book.skip(order, obstacle);
    return obstacle === undefined;
  }
}

/** Units held by models whose change of the asset waits for a price. */
function unitsWaiting({ limits }: TargetWeights, asset: number): number {
  return limits.reduce((sum, leg) => leg.asset === asset ? sum + leg.held : sum, 0);
}
