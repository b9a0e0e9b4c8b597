import { notStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { inTestFolder } from "../core/test_folder.ts";
import type { Plan } from "../engine/plan.ts";
import { codeFingerprint } from "./code_fingerprint.ts";
import { loadData } from "./load_data.ts";
import { idOfParts, runIdOf, runIds } from "./run_id.ts";
import { tinyPlan, writeBtc } from "./test_market.ts";

const CODE = { fingerprint: "c0de", artefacts: "none" };
const DATA = { fingerprint: "da7a" };

const CROSS = "models.MovingAverageCrossModel_v1";

Deno.test("FR-060 ids of many runs are those that each run has by itself", () =>
  inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const first = await tinyPlan(`${folder}data`);
    const [data, code] = await Promise.all([loadData(first), codeFingerprint()]);
    const idOf = runIds(data, code);
    const others = [
      [],
      [`${CROSS}.parameters.slow_ma=9`],
      ["risk.per_asset_cap=null"],
      [`${CROSS}.parameters.weights={BTC: 0.5}`],
      ["regime_budgets={vol_high: {MovingAverageCrossModel_v1: 0.1}}"],
    ];
    for (const sets of others) {
      const loaded = await tinyPlan(`${folder}data`, { sets });
      strictEqual(idOf(loaded.plan), runIdOf(loaded, data, code), sets.join());
      // Asked again, and as a trial asks: a copy that shares its parts.
      strictEqual(idOf({ ...loaded.plan }), runIdOf(loaded, data, code));
    }
  }));

const key = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.constantFrom(...[
    "0",
    "1",
    "10",
    "9",
    "01",
    "-1",
    "1.5",
    "4294967294",
    "4294967295",
    "4294967296",
  ]),
  fc.constantFrom("__proto__", "toString", "é", "\u{1f600}", "\uffff", 'a"b', "a\\b", "A", "a"),
);

const value = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false, 0, -0, 1e21, 1e-7, 0.1 + 0.2, NaN, -Infinity, undefined),
    fc.double(),
    fc.string(),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie("tree")), { maxLength: 5 }).map((entries) =>
      Object.fromEntries(entries)
    ),
  ),
})).tree;

const plans = fc.dictionary(key, value, { maxKeys: 6 }) as unknown as fc.Arbitrary<Plan>;

Deno.test("FR-060 ids of many runs are the ids of their parts, whatever a plan says", () => {
  fc.assert(
    fc.property(plans, plans, (one, other) => {
      const idOf = runIds(DATA, CODE);
      const mixed = { ...one, ...other };
      for (const plan of [one, other, one, mixed]) {
        strictEqual(idOf(plan), idOfParts(plan, { ...CODE, data: DATA.fingerprint }));
      }
    }),
    { seed: 8, numRuns: 500 },
  );
});

Deno.test("FR-060 the same plan on other data, with other code or artefacts has another id", () => {
  const plan = { start: 1 } as unknown as Plan;
  const id = runIds(DATA, CODE)(plan);
  notStrictEqual(runIds({ fingerprint: "other" }, CODE)(plan), id);
  notStrictEqual(runIds(DATA, { ...CODE, fingerprint: "other" })(plan), id);
  notStrictEqual(runIds(DATA, { ...CODE, artefacts: "other" })(plan), id);
});
