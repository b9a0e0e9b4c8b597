import { deepStrictEqual } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import type { LifecycleSettings } from "../../config/mod.ts";
import { DAY_MS } from "../../core/bars.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { demotions } from "../lifecycle/demotions.ts";
import { lackingOf, liveChecks } from "../lifecycle/gates.ts";
import { loadPlan } from "../load_plan.ts";
import type { LedgerMark } from "../trade/model_ledger.ts";
import { stageAdvice } from "./stage_advice.ts";

const OWN = { name: "One_v1", version: "1.0.0", budgetFraction: 0.1 };
const MODEL = "One_v1@1.0.0";

/** What the model had gained of the 100 that it was lent, day after day: up by a quarter, down by a fifth, and sold. */
const GAINS = [0, 25, 5, 10];

function marks(isRehearsal = false): readonly LedgerMark[] {
  return GAINS.map((gain, day) => ({
    ...{ close: day * DAY_MS, at: day * DAY_MS, nav: 1_000, isRehearsal },
    pnl: new Map([[MODEL, gain]]),
    holds: new Map([[MODEL, day === 1 || day === 2 ? ["BTC"] : []]]),
  }));
}

/** What the gate and the rule are asked beside the advice: the same ledger in their words. */
const FACTS = {
  gate: {
    ...{ account: "paper", days: 4, trades: 1, sharpe: 1, max_drawdown: 0.2 },
    ...{ first: "1970-01-01", last: "1970-01-04" },
  },
  rule: { killSwitch: false, brokerFailures: 0, models: [{ model: MODEL, drawdown: 0.2 }] },
};

/** The `lifecycle` section of a file in which this ledger passes every line, with one more change. */
async function configured(change: string): Promise<LifecycleSettings> {
  const own = `\
lifecycle:
  live: { min_days: 4, min_trades: 1, min_sharpe: -99, max_drawdown: 0.21, account: money, max_notional: 1000 }
  demotion: { max_drawdown: 0.21 }
`;
  return await inTestFolder(async (folder) => {
    const files = [`${folder}own.yaml`, `${folder}change.yaml`];
    await writeFile(files[0]!, own);
    await writeFile(files[1]!, change);
    return (await loadPlan(files)).config.lifecycle;
  });
}

function asked(lifecycle: LifecycleSettings, mode = "paper") {
  return { account: "paper", mode, lifecycle };
}

const READY = ["every paper threshold is met; 2 people have to approve"];

Deno.test("FR-019 a threshold that is changed in a file changes the gate to live and the advice alike", async () => {
  const live = (line: string) => `lifecycle: { live: { ${line} } }\n`;
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["lifecycle: {}\n", []],
    [live("min_days: 5"), ["days of paper trading: found 4, expected at least 5"]],
    [live("min_trades: 2"), ["trades in paper: found 1, expected at least 2"]],
    [live("max_drawdown: 0.19"), ["max drawdown in paper: found 20 %, expected at most 19 %"]],
    [live("account: null"), ["lifecycle.live.account: found null, expected configured"]],
  ];
  for (const [change, expected] of cases) {
    const lifecycle = await configured(change);
    const lines = lackingOf(liveChecks(FACTS.gate, lifecycle))
      .map(({ name, found, expected }) => `${name}: found ${found}, expected ${expected}`);
    deepStrictEqual(lines, expected);
    deepStrictEqual(stageAdvice(OWN, marks(), asked(lifecycle)), {
      model: MODEL,
      ...expected.length === 0
        ? { advice: "ready for live", reasons: READY }
        : { advice: "keep", reasons: expected },
    });
  }
  const three = await configured("lifecycle: { approvals: { live: 3 } }\n");
  deepStrictEqual(stageAdvice(OWN, marks(), asked(three)).reasons, [
    "every paper threshold is met; 3 people have to approve",
  ]);
});

Deno.test("FR-022 a drawdown that is configured for demotion demotes and advises to, and none where it is null", async () => {
  const reason = "drawdown of its own ledger 20 %, above 19 %";
  const cases = [
    ["0.19", "demote", [reason]],
    ["0.2", "ready for live", READY],
    ["null", "ready for live", READY],
  ] as const;
  for (const [limit, advice, reasons] of cases) {
    const lifecycle = await configured(`lifecycle: { demotion: { max_drawdown: ${limit} } }\n`);
    const isDemoted = demotions(FACTS.rule, lifecycle.demotion).length > 0;
    deepStrictEqual(isDemoted, advice === "demote");
    deepStrictEqual(stageAdvice(OWN, marks(), asked(lifecycle)), { model: MODEL, advice, reasons });
  }
});

Deno.test("a rehearsal is no evidence, whatever it shows; what was traded beside it counts alone", async () => {
  const lifecycle = await configured("lifecycle: { demotion: { max_drawdown: 0.1 } }\n");
  deepStrictEqual(stageAdvice(OWN, marks(true), asked(lifecycle)), {
    model: MODEL,
    advice: "keep",
    reasons: [
      "a rehearsal: nothing here counts as evidence",
      "drawdown of its own ledger 20 %, above 10 %",
    ],
  });
  const mixed = marks().map((mark, day) => ({ ...mark, isRehearsal: day === 1 }));
  deepStrictEqual(stageAdvice(OWN, mixed, asked(lifecycle)), {
    model: MODEL,
    advice: "keep",
    reasons: ["days of paper trading: found 3, expected at least 4"],
  });
});

Deno.test("live trading is no paper record: a model that does well there is kept, one that does not goes back", async () => {
  const advice = async (change: string) =>
    stageAdvice(OWN, marks(), asked(await configured(change), "live"));
  deepStrictEqual((await advice("lifecycle: {}\n")).reasons, ["it trades live already"]);
  const lost = await advice("lifecycle: { demotion: { max_drawdown: 0.1 } }\n");
  deepStrictEqual(lost.advice, "demote");
});

Deno.test("a model without a mark has no record, and a ledger that cannot be valued is demoted", async () => {
  const lifecycle = await configured("lifecycle: {}\n");
  deepStrictEqual(
    stageAdvice(OWN, [], asked(lifecycle)).reasons[0],
    [
      "record of paper trading: found none, expected one since the promotion to paper",
    ][0],
  );
  const lost = marks().map((mark, day) =>
    day === 2 ? { ...mark, pnl: new Map([[MODEL, NaN]]) } : mark
  );
  deepStrictEqual(stageAdvice(OWN, lost, asked(lifecycle)), {
    model: MODEL,
    advice: "demote",
    reasons: ["drawdown of its own ledger unknown, above 21 %"],
  });
});
