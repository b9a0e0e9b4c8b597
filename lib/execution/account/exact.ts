import { Decimal } from "decimal.js";
import type { DecimalText } from "../../core/ports.ts";

/** Money and quantities to sixty decimal digits, never in binary. */
export type Exact = Decimal;

const Sixty = Decimal.clone({ precision: 60, toExpNeg: -60, toExpPos: 60 });

export const ZERO: Exact = new Sixty(0);

/** The number that a text, or a float as it prints, stands for. RangeError for anything that is not finite. */
export function exact(value: DecimalText | number): Exact {
  if (typeof value === "string" && !/^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$/.test(value)) {
    throw new RangeError(`"${value}" is not a decimal number`);
  }
  const number = new Sixty(value);
  if (!number.isFinite()) throw new RangeError(`${value} is not a finite number`);
  return number;
}

/** Digits without an exponent and without a sign before zero. */
export function textOf(value: Exact): DecimalText {
  return value.isZero() ? "0" : value.toFixed();
}

/** Cut toward zero to a whole multiple of `step`; a step of 0 leaves it whole. */
export function wholeSteps(value: Exact, step: Exact): Exact {
  return step.isZero() ? value : value.div(step).trunc().mul(step);
}

export function sumOf(values: readonly Exact[]): Exact {
  return values.reduce((total, value) => total.add(value), ZERO);
}

export function smaller(a: Exact, b: Exact): Exact {
  return a.lt(b) ? a : b;
}

export function larger(a: Exact, b: Exact): Exact {
  return a.gt(b) ? a : b;
}
