import { deepStrictEqual } from "node:assert/strict";
import { heldIntervals } from "./holding.ts";

/** A day lasts ten. */
const MARKS = Float64Array.of(0, 10, 20, 30, 40, 50);

const fill = (time: number, quantity: number, symbol = "BTC") => ({
  ...{ time, symbol, quantity, price: 1, fee: 0, slippage: 0 },
});

/** By day, from when to when. */
function held(...fills: readonly ReturnType<typeof fill>[]): readonly (readonly number[])[] {
  const { start, end } = heldIntervals(fills, MARKS);
  return Array.from(start, (from, day) => [from, end[day]!]);
}

Deno.test("FR-045 days without a position reach no further than themselves", () => {
  deepStrictEqual(held(), [[1, 10], [11, 20], [21, 30], [31, 40], [41, 50]]);
});

Deno.test("FR-045 a day reaches from the entry of the oldest position held on it to the exit of the last", () => {
  deepStrictEqual(held(fill(14, 2), fill(33, -2)), [
    [1, 10],
    [11, 33],
    [15, 33],
    [15, 40],
    [41, 50],
  ]);
  // Two assets: the second is entered while the first is held, and outlasts it.
  deepStrictEqual(held(fill(5, 1), fill(12, 1, "ETH"), fill(18, -1), fill(31, -1, "ETH")), [
    [1, 18],
    [6, 31],
    [13, 31],
    [13, 40],
    [41, 50],
  ]);
});

Deno.test("FR-045 what is never closed is held to the last mark, and a fill at midnight belongs to the day it begins", () => {
  deepStrictEqual(held(fill(20, -3)), [[1, 10], [11, 20], [21, 50], [21, 50], [21, 50]]);
  deepStrictEqual(held(fill(10, 1), fill(20, -1)), [
    [1, 10],
    [11, 20],
    [21, 30],
    [31, 40],
    [41, 50],
  ]);
});
