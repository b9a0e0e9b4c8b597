import { powerOfTen } from "../core/math.ts";
import type { OrderKind, OrderOutcome, SkipReason } from "../core/orders.ts";
import { slippedPrice } from "./costs.ts";
import { isTooSmall, purchaseWithin, unitsAfter } from "./lots.ts";
import {
  fillMoments,
  fillPrices,
  marketMoment,
  type SimulatedAccount,
  type SimulatedMarket,
} from "./simulated_market.ts";

/** One order on its way: what is to be traded on which bar, sized at its own moment. */
export interface Order {
  /** Place of its decision on the decision clock. */
  readonly index: number;
  readonly asset: number;
  readonly kind: OrderKind;
  /** The model whose own leg this is; -1 for the netted order of all. */
  readonly model: number;
  readonly row: number;
  /** The market's price before slippage. */
  readonly price: number;
  /** Signed units, and what the account holds once they are traded. */
  readonly quantity: number;
  readonly target: number;
  readonly sizingNav: number;
  readonly sizingPrice: number;
}

/** The account's side of the simulation: moves cash and units, and writes down what became of each order. */
export interface SimulatedBook {
  /** Lots per unit of each asset, 0 where there are none. */
  readonly lots: Float64Array;
  /** Price of one unit bought at the market, costs included. */
  unitCost(asset: number, price: number): number;
  /** Cash that purchases may use. */
  spendable(): number;
  /** The order cut to what cash allows at a unit cost. */
  affordable(order: Order, unitCost: number): number;
  /** Whether `quantity` of an order is no more than the rounding that led to it. */
  isNothing(order: Order, quantity: number): boolean;
  /** Why `quantity` of an order cannot be sent: it was under the minimum, or cash cut it so far. */
  obstacle(order: Order, quantity: number): SkipReason | undefined;
  fill(order: Order, quantity: number, at: { nav: number; pessimistic?: boolean }): void;
  skip(order: Order, reason: SkipReason): void;
  /** NAV at a moment after decision `t`: prices of the bars that fill by then, last closes for the rest. */
  navAt(t: number, moment: number): number;
  /** NAV at the closes known at decision `t`. */
  navAtCloses(t: number): number;
  /** What happened since the last call, in order. */
  takeOutcomes(): readonly OrderOutcome[];
}

const NOTHING: readonly never[] = [];

/** Share of NAV that is the rounding of sums: spending all cash may miss zero by it, and no order is as small. */
export const DUST = 1e-11;

/** A book over `account`, which it alone writes. */
export function simulatedBook(market: SimulatedMarket, account: SimulatedAccount): SimulatedBook {
  const { assets, allowBorrowing } = market;
  const lots = Float64Array.from(
    assets,
    ({ asset }) => asset.quantityPrecision === null ? 0 : powerOfTen(asset.quantityPrecision),
  );
  // Columns of what fills and when, side by side: NAV is asked for at every moment that trades.
  const prices = assets.map((traded) => fillPrices(market, traded));
  const moments = assets.map((traded) => fillMoments(market, traded));
  let outcomes: OrderOutcome[] | undefined;
  const record = (outcome: OrderOutcome) => (outcomes ??= []).push(outcome);
  const spendable = () => allowBorrowing ? Infinity : Math.max(0, account.cash);
  const isNothing = ({ price, sizingNav }: Order, quantity: number) =>
    Math.abs(quantity) * price <= DUST * sizingNav;
  return {
    lots,
    spendable,
    isNothing,
    unitCost(asset, price) {
      const { slippage, fee } = assets[asset]!.rates;
      return price * (1 + slippage) * (1 + fee);
    },
    affordable({ asset, quantity }, unitCost) {
      const cash = spendable();
      if (quantity * unitCost <= cash) return quantity;
      return purchaseWithin(account.quantity[asset]!, cash / unitCost, lots[asset]!);
    },
    obstacle(order, quantity) {
      const { minOrderSize } = assets[order.asset]!.asset;
      if (!isTooSmall(quantity, minOrderSize) && !isNothing(order, quantity)) return undefined;
      return isTooSmall(order.quantity, minOrderSize) ? "below_minimum" : "no_cash";
    },
    fill(order, quantity, { nav, pessimistic = false }) {
      const { asset, kind, row, price: referencePrice } = order;
      const traded = assets[asset]!;
      const price = kind === "limit"
        ? referencePrice
        : slippedPrice(referencePrice, quantity, traded.rates);
      const fee = Math.abs(quantity) * price * traded.rates.fee;
      const held = account.quantity[asset]!;
      account.quantity[asset] = unitsAfter(held, quantity, lots[asset]!);
      account.cash -= quantity * price + fee;
      if (!allowBorrowing && account.cash < 0 && account.cash > -DUST * nav) account.cash = 0;
      record({
        status: "filled",
        index: order.index,
        asset,
        kind,
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
        time: traded.bars.openTime[row]!,
        executedAt: kind === "market"
          ? marketMoment(market, traded, { row, index: order.index })
          : traded.tradableAt[row]!,
        nav,
        pessimistic,
      });
    },
    skip({ index, asset, kind, model, quantity, target, row }, reason) {
      record({
        status: "skipped",
        index,
        reason,
        asset,
        kind,
        model,
        quantity,
        target,
        held: account.quantity[asset]!,
        time: assets[asset]!.bars.openTime[row]!,
      });
    },
    navAt(t, moment) {
      const { quantity } = account;
      const atOpen = market.fill === "next_open";
      let nav = account.cash;
      for (let asset = 0; asset < quantity.length; asset++) {
        const units = quantity[asset]!;
        if (units === 0) continue;
        const { rowAt, closeAt } = assets[asset]!;
        const row = atOpen ? rowAt[t]! : t === 0 ? -1 : rowAt[t - 1]!;
        const trades = row >= 0 && moments[asset]![row]! <= moment;
        nav += units * (trades ? prices[asset]![row]! : closeAt[t]!);
      }
      return nav;
    },
    navAtCloses(t) {
      let nav = account.cash;
      for (let asset = 0; asset < assets.length; asset++) {
        const quantity = account.quantity[asset]!;
        if (quantity !== 0) nav += quantity * assets[asset]!.closeAt[t]!;
      }
      return nav;
    },
    takeOutcomes() {
      const taken = outcomes ?? NOTHING;
      outcomes = undefined;
      return taken;
    },
  };
}
