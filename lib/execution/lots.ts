// A quantity that misses a whole lot by less than this share of itself is that lot: 0.29 × 100 is 28.999999999999996.
const ROUNDING = 1e-12;

/** A quantity cut toward zero to whole lots; `lotsPerUnit` is 10^precision, or 0 for no lots. */
export function wholeLots(quantity: number, lotsPerUnit: number): number {
  if (lotsPerUnit === 0) return quantity;
  const lots = quantity * lotsPerUnit;
  return Math.trunc(nearWhole(lots, lots)) / lotsPerUnit + 0; // + 0 makes −0 a 0
}

/** The largest purchase of at most `quantity` that leaves the holding on whole lots; 0 when there is none. */
export function purchaseWithin(held: number, quantity: number, lotsPerUnit: number): number {
  if (lotsPerUnit === 0) return quantity;
  const lots = (held + quantity) * lotsPerUnit;
  const after = Math.floor(nearWhole(lots, lots)) / lotsPerUnit;
  return Math.max(0, unitsBetween(held, after, lotsPerUnit));
}

/** Units from `held` to `target`; between two whole lots that is whole lots, whatever the last bit says. */
export function unitsBetween(held: number, target: number, lotsPerUnit: number): number {
  const difference = target - held;
  if (lotsPerUnit === 0 || target === 0) return difference;
  const size = (Math.abs(held) + Math.abs(target)) * lotsPerUnit;
  return nearWhole(difference * lotsPerUnit, size) / lotsPerUnit;
}

/** Units held after a trade of `quantity`: exactly 0 when it leaves no more than the rounding of a subtraction. */
export function unitsAfter(held: number, quantity: number, lotsPerUnit: number): number {
  const after = held + quantity;
  if (Math.abs(after) <= ROUNDING * Math.abs(held)) return 0;
  if (lotsPerUnit === 0) return after;
  const size = (Math.abs(held) + Math.abs(quantity)) * lotsPerUnit;
  return nearWhole(after * lotsPerUnit, size) / lotsPerUnit;
}

/** Whether an order is smaller than the venue takes, or nothing at all. */
export function isTooSmall(quantity: number, minOrderSize: number): boolean {
  return quantity === 0 || Math.abs(quantity) < minOrderSize * (1 - ROUNDING);
}

/** `lots` as a whole number where it misses one by the rounding of numbers of that size. */
function nearWhole(lots: number, size: number): number {
  const whole = Math.round(lots);
  return Math.abs(lots - whole) <= ROUNDING * Math.abs(size) ? whole : lots;
}
