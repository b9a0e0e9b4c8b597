import { exp, log } from "../../core/math.ts";
import type { Choice, Dimension, ParameterValue } from "../../core/search_space.ts";

/** A place in the unit cube, one coordinate in [0, 1) for each dimension. Any such place is a combination. */
export type Point = Float64Array;

/** The value at coordinate `unit` of a choice: lists and whole numbers have cells of one width, or of one ratio. */
export function valueAt(choice: Choice, unit: number): ParameterValue {
  if (choice.kind === "list") {
    return choice
      .values[Math.min(Math.floor(unit * choice.values.length), choice.values.length - 1)]!;
  }
  const { low, high, whole, log: isLog } = choice;
  // A whole number owns the stretch from itself to the next.
  const end = whole ? high + 1 : high;
  const value = isLog ? exp(log(low) + unit * (log(end) - log(low))) : low + unit * (end - low);
  return Math.min(Math.max(whole ? Math.floor(value) : value, low), high);
}

/** The value of every dimension at a point, whether it is set or not. */
export function valuesAt(dimensions: readonly Dimension[], point: Point): ParameterValue[] {
  return dimensions.map(({ choice }, i) => valueAt(choice, point[i]!));
}

/** The coordinate of a value in the middle of its cell. RangeError for a value that the choice does not have. */
export function unitOf(choice: Choice, value: ParameterValue): number {
  if (choice.kind === "list") {
    const index = choice.values.indexOf(value);
    if (index < 0) throw new RangeError(`A choice does not have the value ${String(value)}`);
    return (index + 0.5) / choice.values.length;
  }
  const { low, high, whole, log: isLog } = choice;
  if (typeof value !== "number" || !(value >= low && value <= high)) {
    throw new RangeError(`A range from ${low} to ${high} does not have the value ${String(value)}`);
  }
  const [end, at] = whole ? [high + 1, value + 0.5] : [high, value];
  return isLog ? (log(at) - log(low)) / (log(end) - log(low)) : (at - low) / (end - low);
}

/** How many values a choice has; Infinity for a continuous range. */
export function sizeOf(choice: Choice): number {
  if (choice.kind === "list") return choice.values.length;
  return choice.whole ? choice.high - choice.low + 1 : Infinity;
}
