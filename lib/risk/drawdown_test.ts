import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS } from "../core/bars.ts";
import { applyRules } from "./apply_rules.ts";
import { type DrawdownLimits, initialRiskState, modeRule, nextRiskState } from "./drawdown.ts";

const limits: DrawdownLimits = {
  trigger: 0.15,
  deriskingFactor: 0.5,
  recover: 0.1,
  halt: 0.2,
  resumeDays: 30,
};

/** Modes of an account that starts at 100,000, one decision a day. */
function modes(navs: readonly number[], changes: Partial<DrawdownLimits> = {}): string {
  let state = initialRiskState(100_000);
  return navs.map((nav, day) => {
    state = nextRiskState(state, { ...limits, ...changes }, { nav, time: day * DAY_MS });
    return state.mode;
  }).join(" ");
}

Deno.test("SC-004 a drawdown of exactly 15 % reduces and one of exactly 20 % halts", () => {
  strictEqual(1 - 80_000 / 100_000 < 0.2, true); // the reason for the care taken
  strictEqual(modes([85_001, 85_000]), "NORMAL REDUCED");
  strictEqual(modes([80_001, 80_000]), "REDUCED HALT");
});

Deno.test("FR-031 a reduction lasts until the drawdown is below the recovery", () => {
  strictEqual(modes([85_000, 89_999, 90_000, 90_001]), "REDUCED REDUCED REDUCED NORMAL");
  strictEqual(modes([85_000, 120_000]), "REDUCED NORMAL");
});

Deno.test("FR-031 drawdown is measured from the highest NAV so far, the initial one included", () => {
  strictEqual(modes([99_000, 200_000, 171_000, 170_000]), "NORMAL NORMAL NORMAL REDUCED");
});

Deno.test("FR-031 a fall of 20 % halts at once, from NORMAL and from REDUCED", () => {
  strictEqual(modes([70_000]), "HALT");
  strictEqual(modes([84_000, 79_000]), "REDUCED HALT");
});

Deno.test("FR-031 a halt is latched whatever NAV does, and ends after its days with a new peak", () => {
  const days = Array.from({ length: 31 }, (_, day) => day === 0 ? 80_000 : 95_000);
  deepStrictEqual(modes(days).split(" ").indexOf("NORMAL"), 30);
  let state = initialRiskState(100_000);
  state = nextRiskState(state, limits, { nav: 80_000, time: 0 });
  state = nextRiskState(state, limits, { nav: 78_000, time: 30 * DAY_MS });
  deepStrictEqual(state, { mode: "NORMAL", peakNav: 78_000, haltedAt: NaN });
  state = nextRiskState(state, limits, { nav: 66_300, time: 31 * DAY_MS });
  strictEqual(state.mode, "REDUCED");
});

Deno.test("FR-031 without resume days a halt is for ever", () => {
  const years = Array.from({ length: 1000 }, (_, day) => day === 0 ? 80_000 : 200_000);
  strictEqual(new Set(modes(years, { resumeDays: null }).split(" ")).size, 1);
});

Deno.test("FR-031 either step can be switched off", () => {
  strictEqual(modes([84_000, 80_000], { trigger: null }), "NORMAL HALT");
  strictEqual(modes([84_000, 10_000], { halt: null }), "REDUCED REDUCED");
  strictEqual(modes([10_000], { trigger: null, halt: null }), "NORMAL");
});

Deno.test("FR-031 a state in which nothing moved is the same object", () => {
  const state = initialRiskState(100);
  strictEqual(nextRiskState(state, limits, { nav: 99, time: 1 }), state);
  const halted = nextRiskState(state, limits, { nav: 50, time: 2 });
  strictEqual(nextRiskState(halted, limits, { nav: 40, time: 3 }), halted);
});

Deno.test("FR-031 REDUCED multiplies targets, HALT makes them 0, and both say why", () => {
  const weights = Float64Array.of(0.4, -0.2);
  strictEqual(modeRule("NORMAL", 0.5), undefined);
  deepStrictEqual(applyRules(weights, [modeRule("REDUCED", 0.5)!]), [
    { rule: "drawdown_trigger", asset: 0, before: 0.4, after: 0.2 },
    { rule: "drawdown_trigger", asset: 1, before: -0.2, after: -0.1 },
  ]);
  applyRules(weights, [modeRule("HALT", 0.5)!]);
  deepStrictEqual([...weights], [0, 0]);
  ok(Object.is(weights[1], 0), "a target of 0 has no sign");
});

Deno.test("SC-004 the triggers always fire, whatever the path", () => {
  const path = fc.array(fc.double({ min: 0.7, max: 1.4, noNaN: true }), { maxLength: 40 });
  fc.assert(
    fc.property(path, (steps) => {
      let state = initialRiskState(100);
      let nav = 100;
      let peak = 100;
      for (const [day, step] of steps.entries()) {
        nav *= step;
        const before = state;
        state = nextRiskState(before, { ...limits, resumeDays: null }, { nav, time: day * DAY_MS });
        peak = Math.max(peak, nav);
        const drawdown = (peak - nav) / peak;
        if (before.mode === "HALT" || drawdown >= 0.2) strictEqual(state.mode, "HALT");
        else if (drawdown >= 0.15) strictEqual(state.mode, "REDUCED");
        else if (drawdown < 0.1) strictEqual(state.mode, "NORMAL");
        else strictEqual(state.mode, before.mode);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});
