import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Config } from "../config/mod.ts";
import { regimeBudgets, regimeCombinations } from "../core/regime_budgets.ts";
import { planText } from "../engine/plan.ts";
import { keysOf, REGIME_KEYS } from "../regime/mod.ts";
import { labelsOf } from "../regime/labels.ts";
import { loadPlan } from "./load_plan.ts";
import { plannedBudgets, plannedLimits } from "./plan_regimes.ts";

const MODELS = { Trend: 0.6, Dip: 0.25 };

/** The part of a configuration that budgets by regime come from. */
function budgetConfig(regime_budgets: Config["regime_budgets"]): Config {
  const models = Object.fromEntries(
    Object.entries(MODELS).map(([name, budget_fraction]) => [name, { budget_fraction }]),
  );
  return { models, regime_budgets } as unknown as Config;
}

function limitConfig(regime_limits: Config["regime_limits"]): Config {
  const risk = {
    per_asset_cap: 0.4,
    class_caps: { equity: null, crypto: 0.2 },
    max_leverage: 1.2,
    max_net_leverage: null,
    per_trade_risk: null,
  };
  return { risk, regime_limits } as unknown as Config;
}

Deno.test("FR-053 the regimes' own keys are those that budgets are looked up by, 54 combinations of them", () => {
  const labelled: string[] = [];
  for (const equity of [0, 1, 2]) {
    for (const volatility of [0, 1, 2]) {
      for (const crypto of [0, 1]) {
        for (const macro of [0, 1, 2]) {
          labelled.push(keysOf(labelsOf(equity, volatility, crypto, macro)).join());
        }
      }
    }
  }
  deepStrictEqual(regimeCombinations(REGIME_KEYS).map((keys) => keys.join()), labelled);
});

Deno.test("FR-053 a plan holds what differs for its own models, in order of name", () => {
  const planned = plannedBudgets(budgetConfig({
    vol_high: { Trend: 0.3, Dip: 0.4 },
    equity_bull: { Trend: 0.6, Other: 0.9 },
    equity_bear: { Trend: 0.2, Dip: 0.3 },
    macro_recession: { Trend: 0.6 },
    crypto_risk_off: {},
  }));
  deepStrictEqual(planned, { equity_bear: { Dip: 0.3, Trend: 0.2 }, vol_high: { Trend: 0.3 } });
  deepStrictEqual(Object.keys(planned), ["equity_bear", "vol_high"]);
  deepStrictEqual(Object.keys(planned.equity_bear!), ["Dip", "Trend"]);
});

Deno.test("FR-032 a plan holds the limits that are tighter than its own", () => {
  deepStrictEqual(
    plannedLimits(limitConfig({
      vol_high: { max_leverage: 0.8, per_asset_cap: 0.4, class_caps: { equity: 0.5, crypto: 0.2 } },
      vol_low: { max_leverage: 1.2, per_trade_risk: null, class_caps: { crypto: 0.2 } },
      equity_bear: { max_net_leverage: 0, class_caps: {} },
    })),
    {
      equity_bear: { maxNetLeverage: 0 },
      vol_high: { maxLeverage: 0.8, classCaps: { equity: 0.5 } },
    },
  );
});

Deno.test("FR-060 property: what a plan leaves out makes no difference in any of the 54 regimes", () => {
  const share = fc.integer({ min: 0, max: 20 }).map((twentieths) => twentieths / 20);
  const entries = fc.dictionary(
    fc.constantFrom(...REGIME_KEYS),
    fc.dictionary(fc.constantFrom(...Object.keys(MODELS), "Other"), share),
  );
  const models = Object.entries(MODELS).map(([name, budgetFraction]) => ({ name, budgetFraction }));
  fc.assert(
    fc.property(entries, (written) => {
      const planned = plannedBudgets(budgetConfig(written));
      for (const keys of regimeCombinations(REGIME_KEYS)) {
        deepStrictEqual(
          regimeBudgets({ models, regimeBudgets: planned }, keys),
          regimeBudgets({ models, regimeBudgets: written }, keys),
        );
      }
    }),
    { seed: 1 },
  );
});

Deno.test("FR-060 regimes that change nothing leave the plan as it is; one that does changes it", async () => {
  const CROSS = "MovingAverageCrossModel_v1";
  const text = async (...sets: string[]) =>
    planText((await loadPlan([], { models: [CROSS], sets })).plan);
  const plain = await text();
  strictEqual(await text("regime_budgets.equity_bear.EquityTrendModel_v1=0.3"), plain);
  strictEqual(await text(`regime_budgets.vol_high.${CROSS}=1`), plain);
  strictEqual(await text("regime_limits.vol_low={}"), plain);
  const other = [
    await text(`regime_budgets.vol_high.${CROSS}=0.5`),
    await text("regime_limits.vol_low.max_leverage=0.5"),
  ];
  strictEqual(new Set([plain, ...other]).size, 3);
});
