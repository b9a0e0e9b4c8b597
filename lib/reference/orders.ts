import type { Book } from "./books.ts";
import {
  DUST,
  type Exact,
  floored,
  fraction,
  larger,
  lotMargin,
  ONE,
  smaller,
  total,
  truncated,
  ZERO,
} from "./exact.ts";
import type { FillingBar, Listing } from "./market.ts";
import type { Mistake, Settings } from "./settings.ts";
import type { Witness } from "./witness.ts";

/** A decision after risk, as its orders need it. */
export interface Decision {
  readonly nav: Exact;
  readonly closes: readonly (Exact | undefined)[];
  /** Share of NAV per asset. */
  readonly targets: readonly Exact[];
  /** The models' parts of each target, by asset and model. */
  readonly parts: readonly (readonly Exact[])[];
  readonly traded: readonly boolean[];
}

/** What an order follows, and who watches. */
export interface Rules {
  readonly settings: Settings;
  readonly witness: Witness;
  readonly mistakes: ReadonlySet<Mistake>;
}

/** One asset whose bar fills, with the target that its order is to reach. */
export interface Due {
  readonly asset: number;
  readonly listing: Listing;
  readonly bar: FillingBar;
  /** Share of NAV. */
  readonly target: Exact;
  /** NAV and price that turn the share into units. */
  readonly sizing: { readonly nav: Exact; readonly price: Exact };
}

/** Units by which an asset misses its target; negative is too many. */
export function missing({ asset, target, sizing }: Due, account: Book): Exact {
  return target.times(sizing.nav).div(sizing.price).minus(account.held[asset]!);
}

/** The order that brings an asset to its truncated target; a target of 0 takes all there is. */
export function orderOf(due: Due, account: Book, rules: Rules): Exact {
  const held = account.held[due.asset]!;
  if (due.target.isZero()) return worthSending(held.neg(), due, rules);
  const change = missing(due, account);
  const isSizedWithCosts = rules.settings.sizing === "fill_price" && change.gt(0) &&
    // Buying a short back at less than the whole gap would leave it above its cap.
    held.plus(change).gt(0);
  const units = isSizedWithCosts ? change.times(due.bar.price).div(unitCost(due, rules)) : change;
  const order = toWholeLots(held, held.plus(units), due, rules);
  // Truncation toward zero may turn a small purchase around, never a sale into one.
  return worthSending(change.gt(0) ? larger(ZERO, order) : smaller(ZERO, order), due, rules);
}

function toWholeLots(held: Exact, target: Exact, { listing }: Due, rules: Rules): Exact {
  const { quantityPrecision } = listing.asset;
  const { witness, mistakes } = rules;
  witness.margin(lotMargin(target, quantityPrecision));
  if (mistakes.has("order_truncated")) return floored(target.minus(held), quantityPrecision);
  const cut = mistakes.has("floored_shorts") ? floored : truncated;
  return cut(target, quantityPrecision).minus(held);
}

/** Purchases scaled by one factor to the cash that is there, each then cut to whole lots. */
export function affordable(
  purchases: readonly { due: Due; quantity: Exact }[],
  cash: Exact,
  rules: Rules,
): readonly Exact[] {
  const { settings, witness, mistakes } = rules;
  const there = larger(ZERO, cash);
  const whole = purchases.map(({ due, quantity }) => quantity.times(unitCost(due, rules)));
  if (settings.allowBorrowing || total(whole).lte(there)) {
    return purchases.map(({ quantity }) => quantity);
  }
  witness.saw(purchases.length > 1 ? "several_buys_scaled" : "buy_scaled");
  // Sized at the fill, each purchase is bounded by the cash before they share it.
  const atFill = settings.sizing === "fill_price";
  const bills = atFill ? whole.map((bill) => smaller(bill, there)) : whole;
  const factor = there.isZero() ? ZERO : there.div(total(bills));
  let left = there;
  return purchases.map(({ due, quantity }, index) => {
    const { quantityPrecision } = due.listing.asset;
    const inTurn = smaller(left, bills[index]!);
    left = left.minus(inTurn);
    const spent = mistakes.has("buys_scaled_apart") ? inTurn : bills[index]!.times(factor);
    const scaled = quantity.times(spent).div(whole[index]!);
    witness.margin(lotMargin(scaled, quantityPrecision));
    return worthSending(truncated(scaled, quantityPrecision), due, rules);
  });
}

/** Nothing in place of an order under the minimum. */
function worthSending(order: Exact, { listing, bar }: Due, { witness, mistakes }: Rules): Exact {
  const { minOrderSize, quantityPrecision } = listing.asset;
  if (order.abs().lt(DUST)) return ZERO;
  if (minOrderSize === 0) return order;
  const distance = order.abs().minus(minOrderSize).abs();
  // In whole lots "equal to the minimum" is exact on both sides and no knife's edge.
  if (quantityPrecision !== null && distance.isZero()) witness.saw("order_at_minimum");
  else witness.margin(distance.div(larger(order.abs(), ONE.div(bar.price))));
  if (order.abs().gte(minOrderSize) || mistakes.has("minimum_ignored")) return order;
  witness.saw("below_minimum");
  return ZERO;
}

/** The slipped price of an order and its fee, on the slipped notional. */
export function priced({ listing, bar }: Due, quantity: Exact, rules: Rules) {
  const { feeBps, slippageBps } = rules.settings.costs[listing.asset.assetClass];
  const slippage = fraction(slippageBps).times(quantity.lt(0) ? -1 : 1);
  const price = bar.price.times(ONE.plus(slippage));
  const noted = rules.mistakes.has("fee_before_slippage") ? bar.price : price;
  return { price, fee: quantity.abs().times(noted).times(fraction(feeBps)) };
}

/** What one unit bought costs, slippage and fee included. */
function unitCost(due: Due, rules: Rules): Exact {
  const { price, fee } = priced(due, ONE, rules);
  return price.plus(fee);
}
