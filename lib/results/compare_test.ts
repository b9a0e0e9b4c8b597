import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { compareCards } from "./compare.ts";
import { deriveRun } from "./derive.ts";
import { cardParts, FIXTURE_ID, handMadeRecord } from "./record_fixture.ts";
import { type RunCard, runCard } from "./run_card.ts";

function cardOf(plan: unknown, changes: Partial<RunCard> = {}): RunCard {
  const record = handMadeRecord();
  const parts = cardParts({ plan });
  const derived = deriveRun(record);
  return { ...runCard({ id: FIXTURE_ID, record, derived, parts, artefacts: {} }), ...changes };
}

const plan = {
  start: 1_577_836_800_000,
  seed: 1,
  models: [
    { name: "A", parameters: { slow: 200, weights: [1, 2] } },
    { name: "B", parameters: {} },
  ],
  assets: [{ symbol: "BTC", feeBps: 10 }],
};

Deno.test("FR-065 plans that differ are told by key path with the values of each; a missing one is undefined", () => {
  const other = {
    ...plan,
    start: 1_577_923_200_000,
    models: [{ name: "A", parameters: { slow: 150, weights: [1, 3] } }],
    assets: [{ symbol: "BTC", feeBps: 10 }, { symbol: "ETH", feeBps: 10 }],
  };
  deepStrictEqual(compareCards([cardOf(plan), cardOf(other)]).plan, [
    { path: "assets.ETH.feeBps", values: [undefined, 10] },
    { path: "models.A.parameters.slow", values: [200, 150] },
    { path: "models.A.parameters.weights", values: [[1, 2], [1, 3]] },
    { path: "models.B.parameters", values: [{}, undefined] },
    { path: "start", values: ["2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"] },
  ]);
});

Deno.test("FR-065 models in another order are the same plan", () => {
  const turned = { ...plan, models: plan.models.toReversed() };
  deepStrictEqual(compareCards([cardOf(plan), cardOf(turned)]).plan, []);
});

Deno.test("FR-065 figures stand side by side, the difference of two is the second less the first", () => {
  const one = cardOf(plan);
  const { portfolio, models } = one.statistics;
  const two = cardOf(plan, {
    statistics: {
      ...one.statistics,
      portfolio: { ...portfolio, final_nav: 1100, cagr: null },
      models: { A: models.A! },
    },
  });
  const found = compareCards([one, two]);
  const row = (figure: string) => found.portfolio.find((row) => row.figure === figure)!;
  deepStrictEqual(row("final_nav"), { figure: "final_nav", values: [1051, 1100], difference: 49 });
  deepStrictEqual(row("cagr"), {
    figure: "cagr",
    values: [portfolio.cagr, null],
    difference: null,
  });
  strictEqual(row("start").difference, null);
  deepStrictEqual(Object.keys(found.models), ["A"]);
  const [first] = compareCards([one, two, one]).portfolio.filter(({ figure }) =>
    figure === "final_nav"
  );
  deepStrictEqual(first, { figure: "final_nav", values: [1051, 1100, 1051], difference: null });
});

Deno.test("FR-065 equal data and code are said to be equal", () => {
  const one = cardOf(plan);
  const two = cardOf(plan, { code: { ...one.code, fingerprint: "other" } });
  const { data, code } = compareCards([one, two]);
  deepStrictEqual(data, { equal: true, fingerprints: ["data", "data"] });
  deepStrictEqual(code, { equal: false, fingerprints: ["code", "other"] });
  throws(() => compareCards([one]), RangeError);
});
