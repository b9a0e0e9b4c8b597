import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { shareInterval } from "./share_interval.ts";

Deno.test("FR-049 the interval of a share is where its score test would not refuse the truth", () => {
  for (const [count, of] of [[6, 200], [50, 100], [1, 10]] as const) {
    for (const bound of shareInterval(count, of)) {
      const score = Math.abs(count / of - bound) / Math.sqrt(bound * (1 - bound) / of);
      ok(Math.abs(score - 1.959963984540054) < 1e-9, `${count} of ${of}: ${score}`);
    }
  }
});

Deno.test("FR-049 none and all of them leave one bound at the end", () => {
  deepStrictEqual(shareInterval(0, 0), [0, 1]);
  // Without any seen the upper bound is z² ÷ (n + z²).
  const squared = 1.959963984540054 * 1.959963984540054;
  const [low, high] = shareInterval(0, 100);
  deepStrictEqual(low, 0);
  ok(Math.abs(high - squared / (100 + squared)) < 1e-15);
  ok(Math.abs(shareInterval(100, 100)[0] - (1 - high)) < 1e-15);
  deepStrictEqual(shareInterval(100, 100)[1], 1);
  throws(() => shareInterval(3, 2), /A share is 3 of 2/);
});
