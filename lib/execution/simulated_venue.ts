import type {
  Fill,
  LimitLeg,
  OrderKind,
  OrderOutcome,
  SkipReason,
  TargetWeights,
} from "../core/orders.ts";
import { limitFill, slippedPrice, stopFill, stopHit, wholeLots } from "./costs.ts";
import type { SimulatedAccount } from "./simulated_broker.ts";
import {
  fillMoment,
  fillPrice,
  fillRow,
  type SimulatedMarket,
  type TradedAsset,
} from "./simulated_market.ts";

/** Units that a model holds of an asset. */
export type HeldOf = (model: number, asset: number) => number;

/** The bars of one run, made to fill orders. */
export interface SimulatedVenue {
  execute(targets: TargetWeights): readonly OrderOutcome[];
  runStops(targets: TargetWeights, heldOf: HeldOf): readonly OrderOutcome[];
  /** NAV at the closes known at decision `t`. */
  navAtCloses(t: number): number;
}

/** A venue that trades `account` on `market`. */
export function simulatedVenue(market: SimulatedMarket, account: SimulatedAccount): SimulatedVenue {
  return new Venue(market, account);
}

const NOTHING: readonly OrderOutcome[] = [];

/** One order on its way: what is to be traded, sized at its own moment. */
interface Order {
  readonly asset: number;
  readonly row: number;
  readonly price: number;
  readonly target: number;
  readonly sizingNav: number;
  readonly sizingPrice: number;
  quantity: number;
}

/** Executes one decision's targets against the bars that follow it. */
class Venue implements SimulatedVenue {
  readonly #market: SimulatedMarket;
  readonly #account: SimulatedAccount;
  readonly #lots: Float64Array;
  #outcomes: OrderOutcome[] = [];
  /** Limit legs of this step whose bar could have hit the same model's stop too. */
  #ambiguous: LimitLeg[] = [];

  constructor(market: SimulatedMarket, account: SimulatedAccount) {
    this.#market = market;
    this.#account = account;
    this.#lots = Float64Array.from(
      market.assets,
      ({ asset }) => asset.quantityPrecision === null ? 0 : 10 ** asset.quantityPrecision,
    );
  }

  execute(targets: TargetWeights): readonly OrderOutcome[] {
    const moments = this.#moments(targets);
    this.#ambiguous.length = 0;
    if (moments.length === 0 && targets.limits.length === 0) return NOTHING;
    this.#outcomes = [];
    for (const moment of moments) this.#fillMoment(targets, moment);
    for (const leg of targets.limits) this.#fillLimit(targets, leg);
    return this.#outcomes;
  }

  runStops(targets: TargetWeights, heldOf: HeldOf): readonly OrderOutcome[] {
    if (targets.stops.length === 0) return NOTHING;
    this.#outcomes = [];
    for (const { asset, model, stop } of targets.stops) {
      const held = heldOf(model, asset);
      if (held !== 0) this.#fillStop(targets, { asset, model, stop, held });
    }
    return this.#outcomes;
  }

  /** NAV at the closes known at decision `t`. */
  navAtCloses(t: number): number {
    let nav = this.#account.cash;
    for (let asset = 0; asset < this.#market.assets.length; asset++) {
      const quantity = this.#account.quantity[asset]!;
      if (quantity !== 0) nav += quantity * this.#market.assets[asset]!.closeAt[t]!;
    }
    return nav;
  }

  /** The tradable assets, grouped by the moment they can trade, earliest first. */
  #moments(targets: TargetWeights): number[][] {
    const { assets } = this.#market;
    const groups = new Map<number, number[]>();
    for (let asset = 0; asset < assets.length; asset++) {
      if (targets.trade[asset] !== 1) continue;
      const traded = assets[asset]!;
      const row = fillRow(this.#market, traded, targets.index);
      if (row < 0) continue;
      const moment = fillMoment(this.#market, traded, row);
      const group = groups.get(moment);
      if (group) group.push(asset);
      else groups.set(moment, [asset]);
    }
    if (groups.size < 2) return [...groups.values()];
    return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
  }

  /** All orders of one moment: sells first, then buys scaled together to the cash that is left. */
  #fillMoment(targets: TargetWeights, group: readonly number[]): void {
    const first = this.#market.assets[group[0]!]!;
    const moment = fillMoment(this.#market, first, fillRow(this.#market, first, targets.index));
    const nav = this.#navAt(targets.index, moment);
    const orders = group.map((asset) => this.#order(targets, asset, nav));
    for (const order of orders) {
      if (order.quantity < 0) this.#trade(order, nav, order.quantity);
    }
    const buys = orders.filter(({ quantity }) => quantity > 0);
    if (buys.length === 0) return;
    this.#sizeBuys(targets, buys, nav);
    const cost = buys.reduce((sum, order) => sum + order.quantity * this.#unitCost(order), 0);
    const cash = Math.max(0, this.#account.cash);
    const factor = this.#market.allowBorrowing || cost <= cash ? 1 : cash / cost;
    for (const order of buys) {
      const lots = this.#lots[order.asset]!;
      const quantity = factor === 1 ? order.quantity : wholeLots(order.quantity * factor, lots);
      this.#trade(order, nav, quantity);
    }
    this.#dropDust(nav);
  }

  /** With sizing at the fill a buy spends its money including costs, and never more than the cash that is there. */
  #sizeBuys(targets: TargetWeights, buys: readonly Order[], nav: number): void {
    if (this.#market.sizing !== "fill_price") return;
    const cash = Math.max(0, this.#account.cash);
    for (const order of buys) {
      const held = this.#account.quantity[order.asset]!;
      const wanted = targets.weights[order.asset]! * nav - held * order.price;
      const money = this.#market.allowBorrowing ? wanted : Math.min(wanted, cash);
      order.quantity = wholeLots(money / this.#unitCost(order), this.#lots[order.asset]!);
    }
  }

  /** The market order that would reach the target; a target of 0 sells all, lots or not. */
  #order(targets: TargetWeights, asset: number, nav: number): Order {
    const traded = this.#market.assets[asset]!;
    const row = fillRow(this.#market, traded, targets.index);
    const price = fillPrice(this.#market, traded, row);
    const atFill = this.#market.sizing === "fill_price";
    const sizingNav = atFill ? nav : targets.nav;
    const sizingPrice = atFill ? price : traded.closeAt[targets.index]!;
    const target = wholeLots(
      targets.weights[asset]! * sizingNav / sizingPrice,
      this.#lots[asset]!,
    );
    const quantity = target - this.#account.quantity[asset]!;
    return { asset, row, price, target, sizingNav, sizingPrice, quantity };
  }

  #unitCost({ asset, price }: Order): number {
    const { rates } = this.#market.assets[asset]!;
    return price * (1 + rates.slippage) * (1 + rates.fee);
  }

  #trade(order: Order, nav: number, quantity: number): void {
    const traded = this.#market.assets[order.asset]!;
    const { minOrderSize } = traded.asset;
    if (order.quantity === 0) return;
    if (Math.abs(quantity) < minOrderSize || quantity === 0) {
      const reason = Math.abs(order.quantity) < minOrderSize ? "below_minimum" : "no_cash";
      this.#skip(order, "market", -1, reason);
      return;
    }
    const executedAt = fillMoment(this.#market, traded, order.row);
    this.#fill({
      ...order,
      quantity,
      kind: "market",
      model: -1,
      executedAt,
      nav,
      pessimistic: false,
    });
  }

  /** A limit leg fills when the bar trades through its price, at the limit or a better open, without slippage. */
  #fillLimit(targets: TargetWeights, leg: LimitLeg): void {
    const traded = this.#market.assets[leg.asset]!;
    const row = traded.rowAt[targets.index]!;
    if (row < 0) return;
    const order = this.#limitOrder(targets, leg, row);
    const bar = barAt(traded, row);
    const price = limitFill(leg.limit, bar, order.quantity);
    if (Number.isNaN(price) || order.quantity === 0) return;
    if (this.#stopComesFirst(targets, leg, order.quantity, bar)) return;
    const wanted = order.quantity;
    if (wanted > 0 && !this.#market.allowBorrowing) {
      const affordable = Math.max(0, this.#account.cash) / (price * (1 + traded.rates.fee));
      order.quantity = wholeLots(Math.min(wanted, affordable), this.#lots[leg.asset]!);
    }
    const size = Math.abs(order.quantity);
    if (size < traded.asset.minOrderSize || size === 0) {
      const reason = Math.abs(wanted) < traded.asset.minOrderSize ? "below_minimum" : "no_cash";
      this.#skip({ ...order, quantity: wanted }, "limit", leg.model, reason);
      return;
    }
    const executedAt = traded.tradableAt[row]!;
    const nav = this.#navAt(targets.index, executedAt);
    const { model } = leg;
    this.#fill({ ...order, price, kind: "limit", model, executedAt, nav, pessimistic: false });
  }

  #limitOrder(targets: TargetWeights, leg: LimitLeg, row: number): Order {
    const sizingPrice = this.#market.assets[leg.asset]!.closeAt[targets.index]!;
    const lots = this.#lots[leg.asset]!;
    const target = wholeLots(leg.weight * targets.nav / sizingPrice, lots);
    const quantity = target === 0 ? -leg.held : wholeLots(target - leg.held, lots);
    const { asset } = leg;
    return { asset, row, price: leg.limit, target, sizingNav: targets.nav, sizingPrice, quantity };
  }

  /** One bar reached both the limit and the stop: an exit is taken at the stop, an entry is stopped out after it. */
  #stopComesFirst(
    targets: TargetWeights,
    leg: LimitLeg,
    quantity: number,
    bar: { high: number; low: number },
  ): boolean {
    const stop = targets.stops.find(({ asset, model }) =>
      asset === leg.asset && model === leg.model
    );
    const exits = leg.held !== 0 && quantity > 0 !== leg.held > 0;
    const direction = exits ? -leg.held : -quantity;
    if (!stop || !stopHit(stop.stop, bar, direction)) return false;
    this.#ambiguous.push(leg);
    return exits;
  }

  /** A stop gives up what the model holds when the bar reaches it. */
  #fillStop(
    targets: TargetWeights,
    leg: { asset: number; model: number; stop: number; held: number },
  ): void {
    const { asset, model, stop, held } = leg;
    const traded = this.#market.assets[asset]!;
    const row = traded.rowAt[targets.index]!;
    if (row < 0 || !stopHit(stop, barAt(traded, row), -held)) return;
    const executedAt = traded.tradableAt[row]!;
    const order: Order = {
      asset,
      row,
      price: stopFill(stop, traded.bars.open[row]!, -held),
      target: 0,
      sizingNav: targets.nav,
      sizingPrice: traded.closeAt[targets.index]!,
      quantity: -held,
    };
    if (Math.abs(held) < traded.asset.minOrderSize) {
      this.#skip(order, "stop", model, "below_minimum");
      return;
    }
    const pessimistic = this.#ambiguous.some((limit) =>
      limit.asset === asset && limit.model === model
    );
    const nav = this.#navAt(targets.index, executedAt);
    this.#fill({ ...order, kind: "stop", model, executedAt, nav, pessimistic });
  }

  #fill(
    order: Order & {
      kind: OrderKind;
      model: number;
      executedAt: number;
      nav: number;
      pessimistic: boolean;
    },
  ): void {
    const { asset, row, quantity, price: referencePrice } = order;
    const { rates, bars } = this.#market.assets[asset]!;
    const price = order.kind === "limit"
      ? referencePrice
      : slippedPrice(referencePrice, quantity, rates);
    const fee = Math.abs(quantity) * price * rates.fee;
    const held = this.#account.quantity[asset]!;
    // A sale of everything leaves nothing, whatever the last bit of the subtraction says.
    this.#account.quantity[asset] = quantity === -held ? 0 : held + quantity;
    this.#account.cash -= quantity * price + fee;
    const fill: Fill = {
      status: "filled",
      asset,
      kind: order.kind,
      model: order.model,
      quantity,
      price,
      referencePrice,
      fee,
      slippage: Math.abs(quantity * (price - referencePrice)),
      target: order.target,
      held,
      sizingNav: order.sizingNav,
      sizingPrice: order.sizingPrice,
      row,
      time: bars.openTime[row]!,
      executedAt: order.executedAt,
      nav: order.nav,
      pessimistic: order.pessimistic,
    };
    this.#outcomes.push(fill);
  }

  #skip(order: Order, kind: OrderKind, model: number, reason: SkipReason): void {
    this.#outcomes.push({
      status: "skipped",
      reason,
      asset: order.asset,
      kind,
      model,
      quantity: order.quantity,
      target: order.target,
      held: this.#account.quantity[order.asset]!,
      time: this.#market.assets[order.asset]!.bars.openTime[order.row]!,
    });
  }

  /** NAV at a moment after decision `t`: prices of the bars that fill by then, last closes for the rest. */
  #navAt(t: number, moment: number): number {
    let nav = this.#account.cash;
    const { assets } = this.#market;
    for (let asset = 0; asset < assets.length; asset++) {
      const quantity = this.#account.quantity[asset]!;
      if (quantity === 0) continue;
      const traded = assets[asset]!;
      const row = fillRow(this.#market, traded, t);
      const trades = row >= 0 && fillMoment(this.#market, traded, row) <= moment;
      nav += quantity * (trades ? fillPrice(this.#market, traded, row) : traded.closeAt[t]!);
    }
    return nav;
  }

  /** Spending all cash may miss zero by a rounding, which is not a debt. */
  #dropDust(nav: number): void {
    const { cash } = this.#account;
    if (!this.#market.allowBorrowing && cash < 0 && cash > -1e-9 * Math.abs(nav)) {
      this.#account.cash = 0;
    }
  }
}

function barAt(traded: TradedAsset, row: number): { open: number; high: number; low: number } {
  const { bars } = traded;
  return { open: bars.open[row]!, high: bars.high[row]!, low: bars.low[row]! };
}
