import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS, H4_MS, type Millis } from "../../core/bars.ts";
import { parseDate } from "../../core/clock.ts";
import { figureAt, TRIAL_FIGURES, type TrialFigure } from "../../core/trial_figures.ts";
import { trading } from "../../features/mod.ts";
import { defineModel, each, type Model } from "../../models/model.ts";
import { closingAt, dataOf, planWith, seat, tradable } from "../fixtures.ts";
import type { AssetData, Plan } from "../plan.ts";
import { end, market, models as rich, parameters, planUntil, start } from "../test_rich_market.ts";
import { type TrialRunner, trialRunner } from "./runner.ts";
import { models } from "./test_gears.ts";
import { bits, randomWorld } from "./test_worlds.ts";
import type { Slice } from "./trial_row.ts";

const WIDTH = TRIAL_FIGURES.length;

/** The figures of the slice at this place; −1 is the whole range. */
function sliceOf(figures: Float64Array, place: number): Float64Array {
  return figures.subarray((place + 1) * WIDTH, (place + 2) * WIDTH);
}

const buyer = defineModel({
  name: "Buyer_v1",
  version: "1.0.0",
  universe: ["AAA"],
  parameters,
  features: () => ({ price: trading.close() }),
  decide: each(({ price }) => price > 105 ? 1 : 0),
});

const from = parseDate("2024-03-01");
const day = (place: number): Slice => ({
  start: from + place * DAY_MS,
  end: from + (place + 1) * DAY_MS,
});

/** Three days: bought at 110 late on the first, up to 120, sold at 99 late on the second, nothing on the third. */
function threeDays(changes: Partial<Plan> = {}) {
  const closes = [100, 100, 100, 100, 110, 110, 110, 120, 120, 120, 120, 99, ...Array(13).fill(99)];
  const data = [dataOf(closingAt(tradable("AAA"), "h4", from - H4_MS, closes))];
  const plan = planWith([tradable("AAA")], [seat(buyer)], {
    start: from,
    end: from + 3 * DAY_MS,
    initialNav: 1100,
    rebalanceThreshold: 0.5,
    ...changes,
  });
  return trialRunner({ data }, [buyer]).run(plan, { slices: [day(0), day(1), day(2)] });
}

function expected(figures: Float64Array, values: Partial<Record<TrialFigure, number>>): void {
  const found = Object.fromEntries(
    Object.keys(values).map((name) => [name, figureAt(figures, name as TrialFigure)]),
  );
  deepStrictEqual(found, values);
}

Deno.test("FR-045 a slice measures its own part: a trade counts where it was closed", () => {
  const { figures } = threeDays();
  expected(sliceOf(figures, -1), {
    final_nav: 990,
    total_return: 990 / 1100 - 1,
    max_drawdown: 1 - 990 / 1200,
    fills: 2,
    round_trips: 1,
    win_rate: 0,
    days: 3,
  });
  expected(sliceOf(figures, 0), {
    final_nav: 1100,
    total_return: 0,
    max_drawdown: 0,
    fills: 1,
    round_trips: 0,
    win_rate: NaN,
    sharpe: NaN,
    days: 1,
  });
  const mean = (1100 + 4 * 1200 + 2 * 990) / 7;
  expected(sliceOf(figures, 1), {
    final_nav: 990,
    total_return: 990 / 1100 - 1,
    max_drawdown: 1 - 990 / 1200,
    fills: 1,
    round_trips: 1,
    win_rate: 0,
    profit_factor: 0,
    turnover: 990 / 2 / mean / (DAY_MS / (365.25 * DAY_MS)),
    days: 1,
  });
  expected(sliceOf(figures, 2), {
    total_return: 0,
    fills: 0,
    round_trips: 0,
    turnover: 0,
    days: 1,
  });
});

Deno.test("FR-045 at the close, a fill belongs to the slice of the decision that made it", () => {
  // Decided at the second day's first moment, on the bar that ended the first.
  const closes = [100, 100, 100, 100, 100, 100, 110, ...Array(18).fill(110)];
  const data = [dataOf(closingAt(tradable("AAA"), "h4", from - H4_MS, closes))];
  const plan = planWith([tradable("AAA")], [seat(buyer)], {
    start: from,
    end: from + 2 * DAY_MS,
    fill: "same_close",
  });
  const { figures } = trialRunner({ data }, [buyer]).run(plan, { slices: [day(0), day(1)] });
  deepStrictEqual([-1, 0, 1].map((place) => figureAt(sliceOf(figures, place), "fills")), [1, 0, 1]);
});

Deno.test("FR-045 a slice that holds no two marks is refused", () => {
  const { plan, data } = randomWorld(2, { onlySound: true });
  throws(
    () => trialRunner({ data: [data] }, models).run(plan, { slices: [{ start: 0, end: 1 }] }),
    {
      name: "RangeError",
      message: "A slice from 0 to 1 holds no two marks",
    },
  );
});

function run(runner: TrialRunner, plan: Plan, slices: readonly Slice[]): Float64Array | undefined {
  try {
    return runner.run(plan, { slices }).figures;
  } catch {
    return undefined;
  }
}

/** What must hold for a plan and a midnight inside it; false where the plan cannot be run up to there. */
function holdsAt(cut: Millis, { plan, data, of }: {
  readonly plan: Plan;
  readonly data: readonly AssetData[];
  readonly of: readonly Model[];
}): boolean {
  const runner = trialRunner({ data }, of);
  const all = { start: plan.start, end: plan.end };
  const parts = [{ start: plan.start, end: cut }, { start: cut, end: plan.end }];
  const figures = run(runner, plan, [all, ...parts]);
  const early = run(runner, { ...plan, end: cut }, parts.slice(0, 1));
  if (!figures || !early) return false;
  strictEqual(bits(sliceOf(figures, 0)), bits(sliceOf(figures, -1)));
  strictEqual(bits(sliceOf(early, 0)), bits(sliceOf(early, -1)));
  // Nothing that comes after the cut can be seen in what came before it.
  strictEqual(bits(sliceOf(figures, 1)), bits(early.subarray(0, WIDTH)));
  for (const figure of ["fills", "round_trips"] as const) {
    const counted = (place: number): number => figureAt(sliceOf(figures, place), figure);
    strictEqual(counted(1) + counted(2), counted(0));
  }
  return true;
}

function midnight(plan: Plan, number: number): Millis {
  return plan.start + (1 + number % ((plan.end - plan.start) / DAY_MS - 1)) * DAY_MS;
}

Deno.test("FR-003 the figures of a slice are the same whatever comes after it, and slices add up", () => {
  let compared = 0;
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (seed, number) => {
      const { plan, data } = randomWorld(seed, { onlySound: true });
      if (plan.end - plan.start < 2 * DAY_MS) return;
      if (holdsAt(midnight(plan, number), { plan, data: [data], of: models })) compared++;
    }),
    { seed: 12, numRuns: 300 },
  );
  ok(compared > 100, `only ${compared}`);
});

Deno.test("FR-003 the same holds for a portfolio of four models with limits", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 50 }),
      fc.nat(),
      fc.constantFrom("next_open", "same_close"),
      (seed, number, fill) => {
        const plan = planUntil(end, { fill });
        strictEqual(plan.start, start);
        const world = { plan, data: market(seed), of: rich };
        strictEqual(holdsAt(midnight(plan, number), world), true);
      },
    ),
    { seed: 13, numRuns: 30 },
  );
});
