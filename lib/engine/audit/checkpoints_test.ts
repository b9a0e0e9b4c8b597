import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { constantly, planWith, seat, tradable } from "../fixtures.ts";
import { rehearsable } from "../simulate.ts";
import { end, market, models, planUntil, start } from "../test_rich_market.ts";
import { chooseCheckpoints, REPLAYED_SHARE } from "./checkpoints.ts";

const runWith = (seed: number, data = 1) =>
  rehearsable({ plan: planUntil(end, { seed }), data: market(data) }, models);

Deno.test("SC-002 property: the first and the last decision that traded are always among the checkpoints", () => {
  const count = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), count, (seed, count) => {
      const run = runWith(seed, seed);
      const chosen = chooseCheckpoints(run, count);
      const trades = run.record.outcomes.filter(({ status }) => status === "filled");
      const byWhy = new Map(chosen.map(({ why, index }) => [why, index]));
      strictEqual(byWhy.get("first trade"), trades[0]!.index);
      strictEqual(byWhy.get("last trade"), trades.at(-1)!.index);
      strictEqual(chosen.length, Math.max(2, count));
      const indices = chosen.map(({ index }) => index);
      deepStrictEqual(indices, [...new Set(indices)].sort((a, b) => a - b));
    }),
    { seed: 1, numRuns: 15 },
  );
});

Deno.test("SC-002 the seed alone chooses the other checkpoints", () => {
  deepStrictEqual(chooseCheckpoints(runWith(5), 8), chooseCheckpoints(runWith(5), 8));
  notDeepStrictEqual(chooseCheckpoints(runWith(5), 8), chooseCheckpoints(runWith(6), 8));
});

Deno.test("SC-002 at least 5 % of the run is made again before each checkpoint, or all there is", () => {
  const run = runWith(3);
  const least = REPLAYED_SHARE * run.laid.market.decisionTimes.length;
  for (const { index, from } of chooseCheckpoints(run, 20)) {
    ok(from === 0 || index - from >= least, `${index} from ${from}`);
    ok(from === 0 || run.states.has(from));
  }
});

Deno.test("SC-002 a run in which everything happened at once has one checkpoint for its only trade", () => {
  const once = constantly("Once_v1", { AAA: 0.5 });
  const plan = planWith([tradable("AAA")], [seat(once)], { start, end, rebalanceThreshold: 0.45 });
  const run = rehearsable({ plan, data: market(1).slice(0, 1) }, [once]);
  strictEqual(run.record.outcomes.length, 1);
  const [first, ...others] = chooseCheckpoints(run, 3);
  deepStrictEqual(first, { index: 0, why: "first trade", from: 0 });
  deepStrictEqual(others.map(({ why }) => why), ["seed", "seed"]);
});
