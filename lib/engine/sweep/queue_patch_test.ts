import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { constantly, NO_LIMITS, planWith, seat, tradable } from "../fixtures.ts";
import type { Plan } from "../plan.ts";
import {
  type Difference,
  differencesOf,
  exactText,
  fromExactText,
  packed,
  type PackedTrials,
  patchOf,
  unpacked,
} from "./queue_patch.ts";

const base: Plan = planWith([tradable("AAA", "crypto")], [
  seat(constantly("Shapes_v1", { AAA: 1 }), {
    universe: ["AAA"],
    parameters: { fast: 3, slow: 8, mode: { kind: "a", at: [1, 2] } },
  }),
], { risk: NO_LIMITS });

const withParameters = (parameters: Readonly<Record<string, unknown>>): Partial<Plan> => ({
  models: base.models.map((model) => ({ ...model, parameters })),
});

/** A patch as it arrives elsewhere. */
function sent(patch: Partial<Plan>): Partial<Plan> {
  const text = exactText(packed([differencesOf(base, patch)]));
  return patchOf(base, unpacked(fromExactText(text) as PackedTrials)[0]!);
}

Deno.test("SC-008 a trial travels as the few values that it has otherwise", () => {
  const patch = withParameters({ fast: 5, slow: 8, mode: { kind: "a", at: [1, 4] } });
  const differences = differencesOf(base, patch);
  deepStrictEqual(differences, [
    { path: ["models", 0, "parameters", "fast"], value: 5 },
    { path: ["models", 0, "parameters", "mode", "at", 1], value: 4 },
  ]);
  deepStrictEqual(packed([differences, [], [differences[1]!]]).rows, [[0, 5, 1, 4], [], [1, 4]]);
  deepStrictEqual(sent(patch), patch);
  const arrived = { ...base, ...sent(patch) };
  ok(arrived.assets === base.assets && arrived.models[0]!.universe === base.models[0]!.universe);
});

Deno.test("SC-008 what has another shape travels whole, keys in their own order", () => {
  for (
    const parameters of [
      { slow: 8, fast: 3, mode: { kind: "a", at: [1, 2] } },
      { fast: 3, slow: 8 },
      { fast: 3, slow: 8, mode: null, more: [] },
      { fast: 3, slow: 8, mode: [1] },
      { fast: 3, slow: 8, mode: { kind: "a", at: [1] } },
    ]
  ) {
    const arrived = sent(withParameters(parameters)).models![0]!.parameters;
    deepStrictEqual(arrived, parameters);
    deepStrictEqual(Object.keys(arrived), Object.keys(parameters));
  }
  deepStrictEqual(sent({ end: base.end + 1, models: [] }), { end: base.end + 1, models: [] });
  deepStrictEqual(sent({}), {});
});

Deno.test("SC-008 any plan arrives as it was sent, every bit of its numbers", () => {
  const value = fc.oneof(
    fc.double(),
    fc.constantFrom(-0, 0, NaN, Infinity, -Infinity, 5e-324, null, true, "a"),
    fc.array(fc.double(), { maxLength: 3 }),
  );
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom("fast", "slow", "mode", "x"), value),
      fc.double(),
      (parameters, initialNav) => {
        const patch = { ...withParameters({ ...parameters }), initialNav };
        const { models, initialNav: nav } = { ...base, ...sent(patch) };
        deepStrictEqual(models[0]!.parameters, { ...parameters });
        strictEqual(nav, initialNav);
      },
    ),
    { seed: 11 },
  );
});

Deno.test("SC-008 a value for something that a plan does not have is refused", () => {
  const odd: Difference[] = [{ path: ["models", 7, "parameters"], value: 1 }];
  throws(() => patchOf(base, odd), /A trial sets "7", which its plan does not have/);
  throws(() => patchOf(base, [{ path: ["risk", "constructor", "x"], value: 1 }]), TypeError);
});
