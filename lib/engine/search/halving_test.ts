import { deepStrictEqual, throws } from "node:assert/strict";
import { halvingRungs, survivors } from "./halving.ts";

Deno.test("FR-046 each rung has one in so many of the trials on so many times the range", () => {
  deepStrictEqual(halvingRungs(81, { rungs: 3, factor: 3 }), [
    { trials: 81, share: 1 / 3 / 3 },
    { trials: 27, share: 1 / 3 },
    { trials: 9, share: 1 },
  ]);
  deepStrictEqual(halvingRungs(5, { rungs: 4, factor: 2 }).map(({ trials }) => trials), [
    ...[5, 3, 2, 1],
  ]);
  throws(() => halvingRungs(0, { rungs: 2, factor: 2 }), RangeError);
});

Deno.test("FR-046 the best survive, in their order; of equals the earlier, and never one without a score", () => {
  deepStrictEqual(survivors([1, 5, NaN, 5, 9, 0], 2), Uint32Array.of(1, 4));
  deepStrictEqual(survivors([1, 5, NaN, 5, 9, 0], 3), Uint32Array.of(1, 3, 4));
  deepStrictEqual(survivors([NaN, -Infinity], 5), Uint32Array.of(1));
});
