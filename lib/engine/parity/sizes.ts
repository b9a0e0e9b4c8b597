import type { DecimalText } from "../../core/ports.ts";
import { type Exact, exact, textOf, wholeSteps, ZERO } from "../../execution/account/exact.ts";
import type { PlannedAsset } from "../plan.ts";
import { PRICE_PLACES } from "./prices.ts";

/** Digits that units are kept to. */
const UNIT_PLACES = 18;
const FEE_PLACES = 24;

/** Units that a weight is worth, before any lots. */
export function unitsOf(
  weight: DecimalText,
  { nav, price }: { readonly nav: DecimalText; readonly price: DecimalText | undefined },
): Exact {
  if (exact(weight).isZero() || price === undefined) return ZERO;
  return cut(exact(weight).mul(exact(nav)).div(exact(price)));
}

/** The backtest's order: the target cut toward zero to lots, less what is held; nothing where that is less than the minimum. */
export function backtestOrder(target: Exact, held: Exact, asset: PlannedAsset): Exact {
  const order = wholeSteps(target, stepOf(asset)).sub(held);
  return order.abs().lt(exact(asset.minOrderSize)) ? ZERO : order;
}

/** One unit of the last place of an asset's quantities; 0 where there are no lots. */
export function stepOf({ quantityPrecision }: PlannedAsset): Exact {
  return quantityPrecision === null ? ZERO : exact(`1e-${quantityPrecision}`);
}

/** `part` of `whole`, for something of the size `of`; the same digits where `whole` and `of` are equal. */
export function inProportion(part: Exact, of: Exact, whole: Exact): Exact {
  if (of.eq(whole)) return part;
  return whole.isZero() ? ZERO : cut(part.mul(of).div(whole));
}

/** A fee in proportion to the units it was charged for. */
export function feeInProportion(fee: DecimalText, units: Exact, of: Exact): DecimalText {
  if (units.eq(of) || of.isZero()) return fee;
  return textOf(exact(fee).mul(units).div(of).toDecimalPlaces(FEE_PLACES));
}

/** The plan's fee on a trade. */
export function plannedFee(units: Exact, price: Exact, { feeBps }: PlannedAsset): DecimalText {
  return textOf(units.abs().mul(price).mul(exact(feeBps)).div(10_000));
}

/** A price that the plan's slippage has moved against us. */
export function slipped(price: Exact, side: "buy" | "sell", slippageBps: number): Exact {
  const slip = exact(slippageBps).div(10_000);
  return price.mul(side === "buy" ? slip.add(1) : slip.neg().add(1)).toDecimalPlaces(PRICE_PLACES);
}

function cut(units: Exact): Exact {
  return units.toDecimalPlaces(UNIT_PLACES);
}
