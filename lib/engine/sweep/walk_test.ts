import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { DAY_MS, H4_MS, type Millis } from "../../core/bars.ts";
import { parseDate } from "../../core/clock.ts";
import { figureAt } from "../../core/trial_figures.ts";
import { trading } from "../../features/mod.ts";
import { defineModel, each } from "../../models/model.ts";
import { closingAt, dataOf, planWith, randomAsset, seat, tradable } from "../fixtures.ts";
import type { Plan } from "../plan.ts";
import { simulate } from "../simulate.ts";
import { end, market, models as rich, planUntil, start } from "../test_rich_market.ts";
import { pathOf } from "./event_loop.ts";
import { type SweepGround, trialRunner } from "./runner.ts";
import { models } from "./test_gears.ts";
import { bits, randomWorld } from "./test_worlds.ts";
import { joinedWalk } from "./walk.ts";

/** A plan as windows that follow each other, cut at some of its midnights. */
function cutAt(plan: Plan, cuts: readonly Millis[]): readonly Plan[] {
  const edges = [...new Set([plan.start, ...cuts, plan.end])].sort((a, b) => a - b);
  return edges.slice(1).map((edge, i) => ({ ...plan, start: edges[i]!, end: edge }));
}

/** Midnights inside a plan, by any numbers. */
function midnights(plan: Plan, numbers: readonly number[]): readonly Millis[] {
  const days = (plan.end - plan.start) / DAY_MS;
  return days < 2 ? [] : numbers.map((n) => plan.start + (1 + n % (days - 1)) * DAY_MS);
}

const cuts = fc.array(fc.nat(), { maxLength: 6 });

function same(plan: Plan, ground: SweepGround, cuts: readonly Millis[], of = rich): number {
  const whole = trialRunner(ground, of).run(plan, { gear: "loop" });
  const walk = joinedWalk(cutAt(plan, cuts), ground, of);
  const record = simulate({ plan, ...ground, regimes: ground.regimes ?? {} }, of);
  strictEqual(bits(walk.nav), bits(record.nav));
  strictEqual(bits(walk.times), bits(record.markTimes));
  strictEqual(bits(walk.figures), bits(whole.figures));
  strictEqual(bits(walk.returns), bits(whole.returns));
  return pathOf(record).fills.length;
}

// More than two hundred days, so that the label of crypto moves.
const coin = randomAsset(tradable("BTC"), { from: start - 230 * DAY_MS, to: end, seed: 3 });
const regimes = { crypto: { bars: coin.bars.daily!, splits: [], splitsApplied: true } };
const budgets = Object.fromEntries(rich.map(({ name }, i) => [name, 0.1 * i]));

Deno.test("FR-048 one plan cut anywhere into windows is the run that was never cut, bit for bit", () => {
  let fills = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 50 }),
      cuts,
      fc.record({
        fill: fc.constantFrom("next_open", "same_close"),
        sizing: fc.constantFrom("decision_price", "fill_price"),
        rebalanceThreshold: fc.constantFrom(0, 0.02),
        regimeBudgets: fc.constantFrom({}, { crypto_risk_on: budgets }),
      }),
      (seed, numbers, changes) => {
        const plan = planUntil(end, changes);
        const ground = { data: market(seed), regimes };
        fills += same(plan, ground, midnights(plan, numbers));
      },
    ),
    { seed: 10, numRuns: 40 },
  );
  ok(fills > 2000, `only ${fills}`);
});

Deno.test("FR-048 the same holds for one asset, with holes, lots and any model", () => {
  let compared = 0;
  fc.assert(
    fc.property(fc.nat(), cuts, (seed, numbers) => {
      const { plan, data } = randomWorld(seed, { onlySound: true });
      const ground = { data: [data] };
      try {
        trialRunner(ground, models).run(plan);
      } catch {
        return;
      }
      same(plan, ground, midnights(plan, numbers), models);
      compared++;
    }),
    { seed: 11, numRuns: 200 },
  );
  ok(compared > 100, `only ${compared}`);
});

const share = z.strictObject({ share: z.number() });
const holding = defineModel({
  name: "Holding_v1",
  version: "1.0.0",
  universe: ["AAA"],
  parameters: share,
  features: () => ({ price: trading.close() }),
  decide: each((_, { parameters }) => parameters.share),
});

Deno.test("FR-048 a window takes over what the one before holds, and trades only the difference", () => {
  const from = parseDate("2024-03-01");
  // Row t + 1 opens at decision t: 100 until the tenth bar closes at 110, in the second window.
  const closes = Array.from({ length: 25 }, (_, row) => row < 9 ? 100 : 110);
  const data = [dataOf(closingAt(tradable("AAA"), "h4", from - H4_MS, closes))];
  const plans = [0.5, 1, 0].map((share, i) =>
    planWith([tradable("AAA")], [seat(holding, { parameters: { share } })], {
      start: from + i * DAY_MS,
      end: from + (i + 1) * DAY_MS,
      rebalanceThreshold: 0.05,
    })
  );
  const { nav, figures, returns, times } = joinedWalk(plans, { data }, [holding]);
  deepStrictEqual([...nav], [...new Array(9).fill(1000), ...new Array(10).fill(1100)]);
  strictEqual(times.at(-1), from + 3 * DAY_MS);
  deepStrictEqual([...returns], [0, 1100 / 1000 - 1, 0]);
  // Five units, five more, and ten sold: two trips, one for each purchase.
  strictEqual(figureAt(figures, "fills"), 3);
  strictEqual(figureAt(figures, "round_trips"), 2);
  strictEqual(figureAt(figures, "win_rate"), 1);
  strictEqual(figureAt(figures, "final_nav"), 1100);
});
