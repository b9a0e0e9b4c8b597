import { deepStrictEqual } from "node:assert/strict";
import { momentum } from "./momentum.ts";

Deno.test("FR-002 momentum() is the simple return over n bars", () => {
  deepStrictEqual(
    momentum(Float64Array.of(4, 5, 8, 5), 2),
    Float64Array.of(NaN, NaN, 1, 0),
  );
  deepStrictEqual(momentum(Float64Array.of(4, 5), 3), Float64Array.of(NaN, NaN));
});

Deno.test("FR-002 momentum() misses only where one of its two values does", () => {
  deepStrictEqual(
    momentum(Float64Array.of(NaN, 2, 3, NaN, 6), 1),
    Float64Array.of(NaN, NaN, 0.5, NaN, NaN),
  );
});
