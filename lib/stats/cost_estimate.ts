import { seededRandom } from "../core/random.ts";
import { moments } from "./moments.ts";

/** One fill with the price that the decision was sized at. */
export interface PricedFill {
  /** What asked for it: the fills of one order are one observation. */
  readonly order: string;
  /** What costs are kept by, such as `equity`. */
  readonly assetClass: string;
  /** Units: bought above 0, sold below. */
  readonly quantity: number;
  /** What was paid or got, and the market's price that it is measured against; both raw. */
  readonly price: number;
  readonly reference: number;
  /** Money. */
  readonly fee: number;
}

/** One kind of cost of one class, in basis points of the money traded. */
export interface CostEstimate {
  readonly assetClass: string;
  readonly kind: "fee" | "slippage";
  readonly orders: number;
  /** Over orders, each counting alike; null without any. */
  readonly meanBps: number | null;
  /** Of that mean; null for fewer than two orders. */
  readonly standardErrorBps: number | null;
  /** What chance makes of that mean, by drawing orders anew; null for fewer than two. */
  readonly lowBps: number | null;
  readonly highBps: number | null;
  /** All money of this cost ÷ all money traded: what the account felt. */
  readonly weightedBps: number | null;
}

/** How estimates are made. */
export interface CostOptions {
  readonly seed: number;
  readonly resamples?: number;
  /** Share of resamples inside the interval. */
  readonly confidence?: number;
}

/** Fees and slippage by class, in order of class: percentile intervals (Efron) from orders drawn with replacement. */
export function estimateCosts(
  fills: readonly PricedFill[],
  options: CostOptions,
): readonly CostEstimate[] {
  const orders = ordersOf(fills);
  const classes = [...new Set(orders.map(({ assetClass }) => assetClass))].sort();
  return classes.flatMap((assetClass) => {
    const own = orders.filter((order) => order.assetClass === assetClass);
    return (["fee", "slippage"] as const).map((kind) => estimate(own, kind, options));
  });
}

interface OrderCosts {
  readonly assetClass: string;
  /** Money traded, at the reference price. */
  readonly traded: number;
  readonly fee: number;
  readonly slippage: number;
}

/** Costs by order, in the order in which orders first filled. */
function ordersOf(fills: readonly PricedFill[]): readonly OrderCosts[] {
  const groups = Map.groupBy(fills, ({ order, assetClass }) => JSON.stringify([assetClass, order]));
  return [...groups.values()].map((group) => {
    for (const fill of group) refuseOdd(fill);
    const total = (amount: (fill: PricedFill) => number) =>
      group.reduce((sum, fill) => sum + amount(fill), 0);
    return {
      assetClass: group[0]!.assetClass,
      traded: total(({ quantity, reference }) => Math.abs(quantity) * reference),
      fee: total(({ fee }) => fee),
      slippage: total(({ quantity, price, reference }) => quantity * (price - reference)),
    };
  });
}

function refuseOdd({ order, quantity, price, reference, fee }: PricedFill): void {
  const isSound = quantity !== 0 && price > 0 && reference > 0 &&
    [quantity, price, reference, fee].every(Number.isFinite);
  if (isSound) return;
  throw new RangeError(
    `A fill of order ${order} needs a quantity, prices above 0 and a fee, ` +
      `found ${quantity} at ${price} against ${reference}, fee ${fee}`,
  );
}

function estimate(
  orders: readonly OrderCosts[],
  kind: "fee" | "slippage",
  { seed, resamples = 2_000, confidence = 0.95 }: CostOptions,
): CostEstimate {
  const { assetClass } = orders[0]!;
  const bps = Float64Array.from(orders, (order) => 1e4 * order[kind] / order.traded);
  const { mean, deviation, count } = moments(bps);
  const random = seededRandom(seed).fork(`costs/${assetClass}/${kind}`);
  const means = Float64Array.from({ length: count < 2 ? 0 : resamples }, () => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += bps[random.integer(count)]!;
    return sum / count;
  }).sort();
  const outside = (1 - confidence) / 2;
  const total = (name: "traded" | "fee" | "slippage") =>
    orders.reduce((sum, order) => sum + order[name], 0);
  return {
    ...{ assetClass, kind },
    orders: count,
    meanBps: mean,
    standardErrorBps: count < 2 ? null : deviation / Math.sqrt(count),
    lowBps: quantile(means, outside),
    highBps: quantile(means, 1 - outside),
    weightedBps: 1e4 * total(kind) / total("traded"),
  };
}

/** Linear interpolation at p·(n − 1); null of nothing. */
function quantile(sorted: Float64Array, p: number): number | null {
  if (sorted.length === 0) return null;
  const place = p * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (place - low) * (sorted[high]! - sorted[low]!);
}

/**
 * A mean drawn toward what was believed before, which weighs as much as `priorOrders` orders: (n·mean + k·prior) ÷ (n + k).
 * Few orders then move a setting little.
 */
export function shrunkBps(
  { orders, meanBps }: Pick<CostEstimate, "orders" | "meanBps">,
  { prior, priorOrders }: { readonly prior: number; readonly priorOrders: number },
): number {
  if (meanBps === null) return prior;
  return (orders * meanBps + priorOrders * prior) / (orders + priorOrders);
}
