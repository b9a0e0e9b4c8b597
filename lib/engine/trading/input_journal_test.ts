import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { parseDate } from "../../core/clock.ts";
import { handBars, planWith, tradable } from "../fixtures.ts";
import { type DecisionSight, sightAfter, sightChange } from "./input_journal.ts";

const BTC = tradable("BTC");

function sightOf(closes: readonly number[], changes: Partial<DecisionSight> = {}): DecisionSight {
  const rows = closes.map((close) => ({ open: close, close }));
  const bars = { h4: handBars(BTC, "h4", parseDate("2024-03-01"), rows) };
  return {
    plan: planWith([BTC], []),
    assets: [{ symbol: "BTC", bars, actions: [], splitsApplied: false }],
    regimes: {},
    feed: "stored",
    slippageBps: { BTC: 5 },
    ...changes,
  };
}

Deno.test("from the changes of what decisions saw comes what they saw, bit by bit", () => {
  const seen = [
    sightOf([100, 101, NaN]),
    sightOf([100, 101, NaN, -0]),
    sightOf([100, 101.5, NaN, 0], { feed: "live" }),
    sightOf([100]),
  ];
  let before: DecisionSight | undefined;
  for (const sight of seen) {
    const after = sightAfter(before, sightChange(before, sight));
    deepStrictEqual(after, sight);
    before = after;
  }
});

Deno.test("a decision that saw one more bar journals that bar alone", () => {
  const [first, second] = [sightOf([100, 101]), sightOf([100, 101, 102])];
  const { columns, facts } = JSON.parse(sightChange(first, second));
  ok(facts === undefined);
  deepStrictEqual(columns["/assets/0/bars/h4/close"], [2, 3]);
  deepStrictEqual(JSON.parse(sightChange(second, second)).columns, {});
});

Deno.test("journalled inputs that are not what was written are refused in one line", () => {
  throws(() => sightAfter(undefined, "{"), /^Refusal: Cannot read journalled inputs: [^\n]+$/);
});
