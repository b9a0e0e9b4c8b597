import type { LimitLeg, StopLeg, TargetWeights } from "../core/orders.ts";
import { limitFill, stopFill, stopHit } from "./costs.ts";
import { unitsAfter, wholeLots } from "./lots.ts";
import type { Order, SimulatedBook } from "./simulated_book.ts";
import type { SimulatedAccount, SimulatedMarket, TradedAsset } from "./simulated_market.ts";

/** Orders of single models that trigger inside the bar after the decision. */
export interface SimulatedLegs {
  /** `heldOf` knows each model's units once everything before has been settled; the legs' own are from before. */
  fillLimits(targets: TargetWeights, heldOf?: HeldOf): void;
  fillStops(targets: TargetWeights, heldOf: HeldOf): void;
}

/** Units that a model holds of an asset. */
export type HeldOf = (model: number, asset: number) => number;

/** Limit and stop legs on the bars of `market`, traded through `book`. */
export function simulatedLegs(
  market: SimulatedMarket,
  account: SimulatedAccount,
  book: SimulatedBook,
): SimulatedLegs {
  /** Limit legs of this step whose bar could have hit the same model's stop too. */
  const ambiguous: LimitLeg[] = [];

  /** A limit leg fills when the bar trades through its price, at the limit or a better open, without slippage. */
  function fillLimit(targets: TargetWeights, leg: LimitLeg): void {
    const traded = market.assets[leg.asset]!;
    const row = traded.rowAt[targets.index]!;
    if (row < 0) return;
    const bar = barAt(traded, row);
    const quantity = limitQuantity(targets, leg);
    const price = limitFill(leg.limit, bar, quantity);
    if (Number.isNaN(price)) return;
    const stop = targets.stops.find(({ asset, model }) =>
      asset === leg.asset && model === leg.model
    );
    const exits = leg.held !== 0 && quantity > 0 !== leg.held > 0;
    if (stop && stopHit(stop.stop, bar, exits ? -leg.held : -quantity)) {
      ambiguous.push(leg);
      // The worse order of events: an exit is taken at the stop, an entry is stopped out after it.
      if (exits) return;
    }
    const order = legOrder(targets, leg, { kind: "limit", row, price, quantity });
    if (book.isNothing(order, quantity)) return;
    send(targets, order, { unitCost: price * (1 + traded.rates.fee) });
  }

  /** The model's own change, sized like every order of its decision. */
  function limitQuantity({ index, nav }: TargetWeights, { asset, weight, held }: LimitLeg): number {
    const lots = book.lots[asset]!;
    const target = wholeLots(weight * nav / market.assets[asset]!.closeAt[index]!, lots);
    return target === 0 ? -held : wholeLots(target - held, lots);
  }

  /** A stop gives up what the model holds when the bar reaches it. */
  function fillStop(targets: TargetWeights, leg: StopLeg, held: number): void {
    const { asset, model, stop } = leg;
    const traded = market.assets[asset]!;
    const row = traded.rowAt[targets.index]!;
    if (row < 0 || !stopHit(stop, barAt(traded, row), -held)) return;
    const price = stopFill(stop, traded.bars.open[row]!, -held);
    const order = legOrder(targets, leg, { kind: "stop", row, price, quantity: -held });
    const pessimistic = ambiguous.some((limit) => limit.asset === asset && limit.model === model);
    send(targets, order, { unitCost: book.unitCost(asset, price), pessimistic });
  }

  function legOrder(
    { index, nav }: TargetWeights,
    { asset, model }: { asset: number; model: number },
    order: Pick<Order, "kind" | "row" | "price" | "quantity">,
  ): Order {
    return {
      ...order,
      index,
      asset,
      model,
      target: unitsAfter(account.quantity[asset]!, order.quantity, book.lots[asset]!),
      sizingNav: nav,
      sizingPrice: market.assets[asset]!.closeAt[index]!,
    };
  }

  function send(
    { index }: TargetWeights,
    order: Order,
    { unitCost, pessimistic }: { unitCost: number; pessimistic?: boolean },
  ): void {
    const quantity = book.affordable(order, unitCost);
    const obstacle = book.obstacle(order, quantity);
    if (obstacle) return book.skip(order, obstacle);
    const nav = book.navAt(index, market.assets[order.asset]!.tradableAt[order.row]!);
    book.fill(order, quantity, { nav, pessimistic: pessimistic ?? false });
  }

  return {
    fillLimits(targets, heldOf) {
      ambiguous.length = 0;
      for (const leg of targets.limits) {
        fillLimit(targets, heldOf ? { ...leg, held: heldOf(leg.model, leg.asset) } : leg);
      }
    },
    fillStops(targets, heldOf) {
      for (const leg of targets.stops) {
        const held = heldOf(leg.model, leg.asset);
        if (held !== 0) fillStop(targets, leg, held);
      }
      ambiguous.length = 0;
    },
  };
}

function barAt(traded: TradedAsset, row: number): { open: number; high: number; low: number } {
  const { bars } = traded;
  return { open: bars.open[row]!, high: bars.high[row]!, low: bars.low[row]! };
}
