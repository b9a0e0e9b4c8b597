import type { Fill } from "../core/orders.ts";
import type { WishRecord } from "../core/run_record.ts";
import { limitFill } from "../execution/costs.ts";
import { wholeLots } from "../execution/lots.ts";
import { asRecorded, barAt, bothAt, type EnvelopeOrder, lotsPerUnit } from "./envelope_orders.ts";
import type { Market } from "./market.ts";

/** An exit that its bar could have taken at the limit, where the run took the stop. */
export interface LimitExit {
  /** True for an exit from a long: the bar reaches its limit first when it reaches its high first. */
  readonly atHigh: boolean;
  /** The limit's part, then the stop for the rest. */
  readonly orders: readonly EnvelopeOrder[];
}

/** The exits whose order of events inside the bar decides; an entry that is stopped out is none. */
export function limitExits(
  market: Market,
  fills: readonly Fill[],
  wishes: ReadonlyMap<Fill, WishRecord>,
): ReadonlyMap<Fill, LimitExit> {
  const exits = new Map<Fill, LimitExit>();
  for (const fill of fills) {
    const wish = fill.pessimistic ? wishes.get(fill) : undefined;
    if (!wish) continue;
    const traded = market.assets[fill.asset]!;
    const quantity = limitUnits(fill, wish.share, lotsPerUnit(traded));
    if (quantity * fill.quantity <= 0) continue;
    const price = limitFill(wish.limit, barAt(traded.bars, fill.row), quantity);
    if (Number.isNaN(price)) continue;
    const [stop] = asRecorded(fill);
    const part = Math.min(1, quantity / fill.quantity);
    const limit: EnvelopeOrder = { ...stop, kind: "limit", ...bothAt(price), part };
    exits.set(fill, { atHigh: quantity < 0, orders: part === 1 ? [limit] : [limit, stop] });
  }
  return exits;
}

/** Units that the limit beside a stop would have traded: the stop gave up all that its model held. */
function limitUnits({ quantity, sizingNav, sizingPrice }: Fill, share: number, lots: number) {
  const target = wholeLots(share * sizingNav / sizingPrice, lots);
  return target === 0 ? quantity : wholeLots(target + quantity, lots);
}
