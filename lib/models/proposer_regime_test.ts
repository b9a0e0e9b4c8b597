import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { type Decide, each } from "./model.ts";
import { columnOf, FLAT, inputsOf, modelThat, REGIME, smallProposer } from "./model_fixtures.ts";
import { proposer } from "./proposer.ts";

/** Five quiet decisions of BTC and ETH, with RISK_OFF at 2 and 3; `asked` counts what the model was asked. */
function throughRiskOff(decide: (tell: () => void) => Decide<unknown, "price" | "calm">) {
  const counted = { asked: 0 };
  const model = modelThat(decide(() => counted.asked++));
  const quiet = [columnOf(1, 1, 1, 1, 1)];
  const run = proposer(inputsOf(model, [quiet, quiet], {
    regimeAt: (t) => ({ ...REGIME, crypto: t === 2 || t === 3 ? "RISK_OFF" : "RISK_ON" }),
    regimeChanged: Uint8Array.of(1, 0, 1, 0, 1),
  }));
  return { run, counted };
}

/** Holds both assets while RISK_ON. */
const riskOnModels: Record<string, (tell: () => void) => Decide<unknown, "price" | "calm">> = {
  "at once": (tell) => ({ regime }) => {
    tell();
    return regime.crypto === "RISK_ON" ? { BTC: 0.5, ETH: 0.5 } : {};
  },
  "asset by asset": (tell) =>
    each((_, { regime }) => {
      tell();
      return regime.crypto === "RISK_ON" ? 0.5 : 0;
    }),
};
for (const [how, decide] of Object.entries(riskOnModels)) {
  Deno.test(`FR-037 a model that looked at the regime is asked when a label changed, ${how}`, () => {
    const { run, counted } = throughRiskOff(decide);
    const each = how === "at once" ? 1 : 2;
    const steps = [0, 1, 2, 3, 4].map((t) => {
      counted.asked = 0;
      return [run.propose(t, FLAT), counted.asked, run.quietUntil(t), run.weights[1]];
    });
    deepStrictEqual(steps, [
      [true, each, 2, 0.5],
      [false, 0, 2, 0.5],
      [true, each, 4, 0],
      [false, 0, 4, 0],
      [true, each, 5, 0.5],
    ]);
    deepStrictEqual(Array.from(run.changedPlaces), [0, 1]);
  });

  Deno.test(`FR-037 a change of label between two due decisions is not missed, ${how}`, () => {
    const { run } = throughRiskOff(decide);
    run.propose(1, FLAT);
    strictEqual(run.propose(3, FLAT), true);
    deepStrictEqual([...run.weights], [0, 0]);
  });
}

Deno.test("FR-037 a model that never looked at the regime is not asked when a label changed", () => {
  const { run, counted } = throughRiskOff((tell) => () => {
    tell();
    return { BTC: 1 };
  });
  run.propose(0, FLAT);
  strictEqual(run.quietUntil(0), 5);
  run.propose(2, FLAT);
  strictEqual(counted.asked, 1);
});

Deno.test("FR-037 without regimes the labels of warm-up hold", () => {
  const seen: unknown[] = [];
  const run = smallProposer(modelThat(({ regime }) => {
    seen.push(regime);
    return {};
  }));
  run.propose(0, FLAT);
  deepStrictEqual(seen, [
    { equity: "NEUTRAL", volatility: "NORMAL", crypto: "RISK_OFF", macro: "SLOWDOWN" },
  ]);
});

Deno.test("FR-037 where it is not told when labels change, they may have changed at every decision", () => {
  const model = modelThat(({ regime }) => regime.volatility === "HIGH" ? { BTC: 1 } : {});
  const quiet = [columnOf(1, 1, 1)];
  const run = proposer(inputsOf(model, [quiet, quiet], {
    regimeAt: (t) => ({ ...REGIME, volatility: t === 1 ? "HIGH" : "LOW" }),
  }));
  const steps = [0, 1, 2].map((t) => [run.propose(t, FLAT), run.quietUntil(t), run.weights[0]]);
  deepStrictEqual(steps, [[true, 1, 0], [true, 2, 1], [true, 3, 0]]);
});
