import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type RegimeBudgets, regimeBudgets, regimeCombinations } from "./regime_budgets.ts";

const EQUITY = ["equity_bull", "equity_neutral", "equity_bear"];
const VOLATILITY = ["vol_low", "vol_normal", "vol_high"];
const CRYPTO = ["crypto_risk_on", "crypto_risk_off"];
const MACRO = ["macro_expansion", "macro_slowdown", "macro_recession"];
const KEYS = [...EQUITY, ...VOLATILITY, ...CRYPTO, ...MACRO];

/** Budgets of Trend 0.6 and Dip 0.25 under some keys. */
function budgets(entries: RegimeBudgets, keys: readonly string[]): number[] {
  const models = [{ name: "Trend", budgetFraction: 0.6 }, { name: "Dip", budgetFraction: 0.25 }];
  return [...regimeBudgets({ models, regimeBudgets: entries }, keys)];
}

const BEAR = ["equity_bear", "vol_high", "crypto_risk_on", "macro_recession"];

Deno.test("FR-053 a regime that names no model leaves the budgets as they are", () => {
  deepStrictEqual(budgets({}, BEAR), [0.6, 0.25]);
  deepStrictEqual(budgets({ equity_bull: { Trend: 0.1 }, vol_high: {} }, BEAR), [0.6, 0.25]);
});

Deno.test("FR-053 the equity entry replaces what it names, upwards too; the others only lower", () => {
  const equity = { equity_bear: { Trend: 0.2, Dip: 0.4 } };
  deepStrictEqual(budgets(equity, BEAR), [0.2, 0.4]);
  deepStrictEqual(budgets({ ...equity, vol_high: { Trend: 0.5, Dip: 0.3 } }, BEAR), [0.2, 0.3]);
  deepStrictEqual(budgets({ ...equity, macro_recession: { Dip: 0 } }, BEAR), [0.2, 0]);
  deepStrictEqual(budgets({ vol_high: { Dip: 0.2 }, crypto_risk_on: { Dip: 0.1 } }, BEAR), [
    0.6,
    0.1,
  ]);
});

Deno.test("FR-053 the eleven keys make 54 combinations of four, each once", () => {
  const combinations = regimeCombinations(KEYS);
  strictEqual(combinations.length, 54);
  strictEqual(new Set(combinations.map((keys) => keys.join())).size, 54);
  deepStrictEqual(combinations[0], [
    "equity_bull",
    "vol_low",
    "crypto_risk_on",
    "macro_expansion",
  ]);
  deepStrictEqual(combinations[1]![3], "macro_slowdown");
  ok(
    combinations.every(([equity, volatility, crypto, macro]) =>
      EQUITY.includes(equity!) && VOLATILITY.includes(volatility!) && CRYPTO.includes(crypto!) &&
      MACRO.includes(macro!)
    ),
  );
});

const share = fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10);
const entries = fc.dictionary(
  fc.constantFrom(...KEYS),
  fc.dictionary(fc.constantFrom("A", "B", "C"), share, { noNullPrototype: true }),
  { noNullPrototype: true },
);

Deno.test("FR-053 property: every combination agrees with the rule written out, in any order of keys", () => {
  fc.assert(
    fc.property(entries, fc.array(share, { minLength: 3, maxLength: 3 }), (table, plain) => {
      const models = ["A", "B", "C"].map((name, i) => ({ name, budgetFraction: plain[i]! }));
      const expected: number[][] = [];
      for (const equity of EQUITY) {
        for (const volatility of VOLATILITY) {
          for (const crypto of CRYPTO) {
            for (const macro of MACRO) {
              expected.push(models.map(({ name, budgetFraction }) => {
                let budget = budgetFraction;
                if (table[equity] && name in table[equity]) budget = table[equity][name]!;
                for (const key of [volatility, crypto, macro]) {
                  const named = table[key]?.[name];
                  if (named !== undefined && named < budget) budget = named;
                }
                return budget;
              }));
            }
          }
        }
      }
      const combinations = regimeCombinations(KEYS);
      const under = (keys: readonly string[]) => [
        ...regimeBudgets({ models, regimeBudgets: table }, keys),
      ];
      deepStrictEqual(combinations.map(under), expected);
      deepStrictEqual(combinations.map((keys) => under(keys.toReversed())), expected);
    }),
    { seed: 1 },
  );
});
