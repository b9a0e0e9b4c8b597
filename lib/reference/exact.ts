import { Decimal } from "decimal.js";

/** Numbers of the reference: sixty decimal digits, so that rounding never shows beside a float's sixteen. */
export const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_EVEN });

/** A number of the reference. */
export type Exact = Decimal;

/** Below this a number is the rounding of the last of sixty digits. */
export const DUST: Exact = new Exact("1e-40");

export const ZERO: Exact = new Exact(0);
export const ONE: Exact = new Exact(1);

/** The decimal that a float prints as. */
export function exact(value: number): Exact {
  return new Exact(value);
}

export function total(values: readonly Exact[]): Exact {
  return values.reduce((sum, value) => sum.plus(value), ZERO);
}

export function smaller(a: Exact, b: Exact): Exact {
  return a.lt(b) ? a : b;
}

export function larger(a: Exact, b: Exact): Exact {
  return a.gt(b) ? a : b;
}

/** Basis points as a fraction. */
export function fraction(bps: number): Exact {
  return exact(bps).div(10_000);
}

/** Toward zero to so many decimal places; null leaves the quantity whole. */
export function truncated(quantity: Exact, decimals: number | null): Exact {
  return decimals === null ? quantity : quantity.toDecimalPlaces(decimals, Decimal.ROUND_DOWN);
}

/** Toward minus infinity: what a short must not be rounded with. */
export function floored(quantity: Exact, decimals: number | null): Exact {
  return decimals === null ? quantity : quantity.toDecimalPlaces(decimals, Decimal.ROUND_FLOOR);
}

/** Distance from the nearest whole lot, relative to the quantity or one lot: where a float may fall to either side. */
export function lotMargin(quantity: Exact, decimals: number | null): Exact | undefined {
  if (decimals === null || quantity.isZero()) return undefined;
  const lots = quantity.times(new Exact(10).pow(decimals));
  return lots.minus(lots.round()).abs().div(larger(ONE, lots.abs()));
}
