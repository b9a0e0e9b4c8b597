import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { REGIME } from "./model_fixtures.ts";
import { wakes } from "./schedule.ts";

Deno.test("FR-016 a schedule wakes a model while all labels that it names are in force", () => {
  const riskOff = { ...REGIME, crypto: "RISK_OFF" } as const;
  const panic = { ...riskOff, volatility: "HIGH" } as const;
  const either = { days: 7, orWhile: { crypto: "RISK_OFF" } } as const;
  const both = { days: 7, orWhile: { crypto: "RISK_OFF", volatility: "HIGH" } } as const;
  deepStrictEqual([REGIME, riskOff, panic].map((labels) => wakes(either, labels)), [
    false,
    true,
    true,
  ]);
  deepStrictEqual([REGIME, riskOff, panic].map((labels) => wakes(both, labels)), [
    false,
    false,
    true,
  ]);
});

Deno.test("FR-016 a schedule of days alone wakes nobody", () => {
  strictEqual(wakes({ days: 7 }, REGIME), false);
});
