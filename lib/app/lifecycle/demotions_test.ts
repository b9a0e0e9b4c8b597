import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { chmod } from "node:fs/promises";
import { loadPlan } from "../load_plan.ts";
import { demoteAutomatically } from "./demote_automatically.ts";
import { demotions, type SessionFacts } from "./demotions.ts";
import { mend } from "./mend.ts";
import { lifecycleHistory } from "./models.ts";
import { runnable } from "./stage_gate.ts";
import { CROSS, inLifecycle } from "./test_lifecycle.ts";

const LIMITS = { kill_switch: true, max_drawdown: 0.15, max_broker_failures: 3, model_error: true };
const OFF = {
  ...{ kill_switch: false, max_drawdown: null, max_broker_failures: null, model_error: false },
};

function bar(changes: Partial<SessionFacts> = {}): SessionFacts {
  return {
    killSwitch: false,
    brokerFailures: 0,
    models: [{ model: "A_v1", drawdown: 0.1 }, { model: "B_v1", drawdown: 0 }],
    ...changes,
  };
}

/** Model and rule of each demotion. */
const fired = (session: SessionFacts, limits: Parameters<typeof demotions>[1] = LIMITS) =>
  demotions(session, limits).map(({ model, rule }) => `${model} ${rule}`);

/** A session bar by bar; on the bars named something goes wrong. */
const SESSION: readonly (readonly [string, SessionFacts, readonly string[]])[] = [
  ["all is well", bar(), []],
  ["drawdown at its limit", bar({ models: [{ model: "A_v1", drawdown: 0.15 }] }), []],
  [
    "drawdown of one ledger above it",
    bar({ models: [{ model: "A_v1", drawdown: 0.1501 }, { model: "B_v1", drawdown: 0.02 }] }),
    ["A_v1 drawdown"],
  ],
  ["a ledger without a value", bar({ models: [{ model: "A_v1", drawdown: NaN }] }), [
    "A_v1 drawdown",
  ]],
  ["the third bar of broker failure", bar({ brokerFailures: 3 }), []],
  [
    "the fourth bar of broker failure",
    bar({ brokerFailures: 4 }),
    ["A_v1 broker_failure", "B_v1 broker_failure"],
  ],
  [
    "one model throws",
    bar({
      models: [{ model: "A_v1", drawdown: 0 }, {
        model: "B_v1",
        drawdown: 0,
        error: "no price\nat x",
      }],
    }),
    ["B_v1 model_error"],
  ],
  ["the kill switch", bar({ killSwitch: true }), ["A_v1 kill_switch", "B_v1 kill_switch"]],
  [
    "all at once: the first rule is the reason",
    bar({
      killSwitch: true,
      brokerFailures: 9,
      models: [{ model: "A_v1", drawdown: 1, error: "x" }],
    }),
    ["A_v1 kill_switch"],
  ],
];

for (const [what, session, expected] of SESSION) {
  Deno.test(`FR-022 rules of demotion on a scripted session: ${what}`, () => {
    deepStrictEqual(fired(session), expected);
    deepStrictEqual(fired(session, OFF), []);
  });
}

Deno.test("FR-022 a demotion says its reason in one line, with what was found and the limit", () => {
  const session = bar({
    brokerFailures: 4,
    models: [{ model: "A_v1", drawdown: 0.2, error: "no price\nat x" }],
  });
  const reasons = [
    demotions(session, LIMITS),
    demotions(session, { ...LIMITS, model_error: false }),
    demotions(session, { ...LIMITS, model_error: false, max_drawdown: null }),
  ].map(([first]) => first!.reason);
  deepStrictEqual(reasons, [
    "the model threw: no price",
    "drawdown of its own ledger 20 %, above 15 %",
    "the broker failed on 4 bars on end, more than 3",
  ]);
});

Deno.test("FR-022 a rule's demotion is on record and in the file, and the model runs no more", () =>
  inLifecycle(async (place) => {
    const { id } = await place.run();
    await place.promote({ run: id });
    place.at("2025-02-01T04:00:05Z");
    const found = demotions(bar({ models: [{ model: CROSS, drawdown: 0.2 }] }), LIMITS);
    const [recorded] = await demoteAutomatically(found, place.setting);
    deepStrictEqual([recorded!.written, recorded!.event], [true, 4]);
    match(await place.text(), /lifecycle_stage: research /);
    const { events } = await lifecycleHistory({ ...place.setting, model: CROSS });
    const { at, operator, reason, details } = events[3]!;
    deepStrictEqual([at, operator, reason, details.rule], [
      "2025-02-01T04:00:05.000Z",
      "assay",
      "drawdown of its own ledger 20 %, above 15 %",
      "drawdown",
    ]);
    // A model at research has nowhere to go.
    const again = await demoteAutomatically(found, place.setting);
    deepStrictEqual([again[0]!.event, again[0]!.written], [undefined, true]);
  }));

Deno.test("FR-022 where the file cannot be written the record alone keeps the model out, and mending writes it", () =>
  inLifecycle(async (place) => {
    const { id } = await place.run();
    await place.promote({ run: id });
    const found = demotions(
      bar({ killSwitch: true, models: [{ model: CROSS, drawdown: 0 }] }),
      LIMITS,
    );
    await chmod(place.file, 0o444);
    // No configuration at all is what a session without a right to write one has.
    const [recorded] = await demoteAutomatically(found, { ...place.setting, files: [] });
    strictEqual(recorded!.written, false);
    const { refused } = await runnable(await loadPlan(place.file), {
      ...place.setting,
      mode: "paper",
    });
    match(
      refused[0]!.reason,
      /says candidate, the record says research: event 4 was not written to the file/,
    );
    await mend(CROSS, place.setting);
    match(await place.text(), /lifecycle_stage: research /);
  }));
