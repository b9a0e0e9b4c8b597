import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson } from "../core/hash.ts";
import { type Plan, planText } from "../engine/plan.ts";
import { type CardPlan, cardPlan, cardPlanShape, planFromCard } from "./card_plan.ts";
import { loadPlan } from "./load_plan.ts";
import { randomRequest } from "./verify_test_configs.ts";

/** The plan that comes back from a card that was written and read. */
function comesBack(plan: Plan): Plan {
  const written = canonicalJson(cardPlan(plan));
  const read: unknown = JSON.parse(written);
  strictEqual(cardPlanShape.complaint(read, "plan"), undefined);
  return planFromCard(read as CardPlan);
}

Deno.test("FR-060 a card spells a plan as YAML does, with its first and last date", async () => {
  const { plan } = await loadPlan([], { start: "2024-02-01", end: "2024-02-29" });
  const card = cardPlan(plan);
  deepStrictEqual([card.start, card.end], ["2024-02-01", "2024-02-29"]);
  strictEqual(card.initial_nav, 100_000);
  strictEqual(card.risk.drawdown.resume_days, 30);
  deepStrictEqual(card.regime_limits, { vol_high: { max_leverage: 0.8 } });
  ok(!/"[a-z]+[A-Z][A-Za-z]*":/.test(canonicalJson(card).replaceAll(/"[A-Z]\w*":/g, "")));
});

Deno.test("FR-060 the plan in a card is the plan that was run, to the byte of its text", async () => {
  const { plan } = await loadPlan();
  strictEqual(planText(comesBack(plan)), planText(plan));
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const { plan } = await loadPlan([], randomRequest(seed));
      strictEqual(planText(comesBack(plan)), planText(plan));
    }),
    { seed: 1, numRuns: 40 },
  );
});

Deno.test("FR-060 names and parameters keep their spelling, whatever it looks like", async () => {
  const { plan } = await loadPlan();
  const names = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,12}$/);
  const parameters = fc.dictionary(names, fc.jsonValue({ noUnicodeString: true }));
  fc.assert(
    fc.property(
      names,
      parameters,
      fc.double({ noNaN: true, min: 0, max: 1 }),
      (name, given, cap) => {
        const odd: Plan = {
          ...plan,
          assets: plan.assets.map((asset) => ({ ...asset, symbol: name })),
          models: plan.models.map((model) => ({ ...model, name, parameters: given })),
          risk: { ...plan.risk, classCaps: { [name]: cap } },
          regimeBudgets: { [name]: { [name]: cap } },
          regimeLimits: { [name]: { perAssetCap: cap, classCaps: { [name]: null } } },
        };
        strictEqual(planText(comesBack(odd)), planText(odd));
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("FR-060 a plan in a card with a key too many, one too few or an odd value is refused", async () => {
  const card = cardPlan((await loadPlan()).plan);
  const { fill: _, ...short } = card;
  const broken: readonly (readonly [value: unknown, message: string])[] = [
    [{ ...card, colour: "red" }, 'plan.colour: found "red", expected no such key'],
    [short, "plan.fill: found nothing, expected it"],
    [
      { ...card, start: "2024-02-30" },
      'plan.start: found "2024-02-30", expected a date like 2020-01-01',
    ],
    [{ ...card, initial_nav: "9" }, 'plan.initial_nav: found "9", expected a number'],
    [{ ...card, models: [] }, "plan.models: found [], expected a list that is not empty"],
    [
      { ...card, risk: { ...card.risk, drawdown: {} } },
      "plan.risk.drawdown.trigger: found nothing, expected it",
    ],
    [
      { ...card, regime_budgets: { equity_bull: 1 } },
      "plan.regime_budgets.equity_bull: found 1, expected an object",
    ],
    [{ ...card, timeframe: "h1" }, 'plan.timeframe: found "h1", expected "h4" or "daily"'],
    [[], "plan: found [], expected an object"],
  ];
  for (const [value, message] of broken) {
    strictEqual(cardPlanShape.complaint(value, "plan"), message);
  }
});
