import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { h4 } from "../../features/mod.ts";
import { defineModel, type Model } from "../../models/model.ts";
import { type RegimeTimeline, regimeTimeline } from "../../regime/mod.ts";
import { planWith, seat, tradable } from "../fixtures.ts";
import { PLANTED_RULES, plantedRegimes } from "../leaks/market.ts";
import { LAY_OUT, type LayOutSteps, rehearsable, type RunRequest } from "../simulate.ts";
import { end, market, models, parameters, planUntil, start } from "../test_rich_market.ts";
import { audit } from "./audit.ts";
import { nothingCompared, shown, stateFindings } from "./compare.ts";
import { rehearse } from "./rehearse.ts";

const data = market(1);

/** What kinds of things differ in a run laid out by these steps. */
function differingKinds(request: RunRequest, models: readonly Model[], steps: LayOutSteps) {
  const run = rehearsable(request, models, { steps });
  return [...new Set(audit(run, models, { steps }).findings.map(({ what }) => what))];
}

Deno.test("SC-002 a feature's history from before the run is compared, too", () => {
  const plan = (models: readonly Model[]) =>
    planWith([tradable("AAA")], models.map((model) => seat(model)), { start, end });
  const fitted = defineModel({
    name: "Fitted_v1",
    version: "1.0.0",
    universe: ["AAA"],
    parameters,
    features: () => ({
      price: h4.close(),
      // Only its first value, long before the first decision, knows the last close.
      anchor: {
        name: "anchor()",
        timeframe: "h4",
        warmUp: 1,
        compute: ({ close }) => close.map((price, row) => row === 0 ? close.at(-1)! : price),
      },
    }),
    decide: () => ({ AAA: 0.5 }),
  });
  const request = { plan: plan([fitted]), data: data.slice(0, 1) };
  deepStrictEqual(differingKinds(request, [fitted], LAY_OUT), ["feature"]);
});

Deno.test("SC-002 labels are compared though no model looks at them and no budget depends on them", () => {
  const peeking: LayOutSteps = {
    ...LAY_OUT,
    regimes(times, told): RegimeTimeline {
      const timeline = regimeTimeline(times, told, PLANTED_RULES);
      const { volatility } = timeline;
      return { ...timeline, volatility: volatility.map((code, t) => volatility[t + 3] ?? code) };
    },
  };
  const request = { plan: planUntil(end), data, regimes: plantedRegimes(data) };
  deepStrictEqual(differingKinds(request, models, peeking), ["regime"]);
});

Deno.test("SC-002 whatever a run carries into the checkpoint is compared, and told by its path", () => {
  const run = rehearsable({ plan: planUntil(end), data }, models);
  const expected = rehearse(run, run.request, { index: 40, why: "seed", from: 20 }, models);
  const findingsWith = (state: typeof expected.state) =>
    stateFindings({ run, expected, found: { ...expected, state }, compared: nothingCompared() });
  const state = expected.state!;
  deepStrictEqual(findingsWith(structuredClone(state)), []);
  const risk = { ...state.memory.risk, peakNav: state.memory.risk.peakNav + 1 };
  const [finding] = findingsWith({ ...state, memory: { ...state.memory, risk } });
  strictEqual(finding?.what, "risk");
  strictEqual(finding.where, "state.memory.risk.peakNav");
  const live = state.memory.live.map((flag) => 1 - flag);
  strictEqual(findingsWith({ ...state, memory: { ...state.memory, live } })[0]?.what, "account");
});

Deno.test("SC-002 values are shown in few words", () => {
  strictEqual(shown(undefined), "nothing");
  strictEqual(shown(-0.5), "-0.5");
  strictEqual(shown({ a: 1 }), '{"a":1}');
  ok(shown({ text: "long".repeat(50) }).length <= 80);
});
