import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { labelsOf } from "./labels.ts";
import { keysOf, REGIME_KEYS } from "./mod.ts";

Deno.test("FR-053 regime keys are the eleven of the configuration, in its order", () => {
  deepStrictEqual(REGIME_KEYS, [
    "equity_bull",
    "equity_neutral",
    "equity_bear",
    "vol_low",
    "vol_normal",
    "vol_high",
    "crypto_risk_on",
    "crypto_risk_off",
    "macro_expansion",
    "macro_slowdown",
    "macro_recession",
  ]);
});

Deno.test("FR-037 the 54 combinations of labels are frozen, distinct and name four keys each", () => {
  const seen = new Set<string>();
  for (const equity of [0, 1, 2]) {
    for (const volatility of [0, 1, 2]) {
      for (const crypto of [0, 1]) {
        for (const macro of [0, 1, 2]) {
          const labels = labelsOf(equity, volatility, crypto, macro);
          strictEqual(labelsOf(equity, volatility, crypto, macro), labels);
          ok(Object.isFrozen(labels));
          const codes = [equity, 3 + volatility, 6 + crypto, 8 + macro];
          deepStrictEqual(keysOf(labels), codes.map((code) => REGIME_KEYS[code]));
          seen.add(keysOf(labels).join());
        }
      }
    }
  }
  strictEqual(seen.size, 54);
});

Deno.test("FR-037 labels are spelled as their keys are", () => {
  const labels = {
    equity: "BULL",
    volatility: "LOW",
    crypto: "RISK_ON",
    macro: "EXPANSION",
  } as const;
  deepStrictEqual(labelsOf(0, 0, 0, 0), labels);
  deepStrictEqual(keysOf(labels), [
    "equity_bull",
    "vol_low",
    "crypto_risk_on",
    "macro_expansion",
  ]);
});
