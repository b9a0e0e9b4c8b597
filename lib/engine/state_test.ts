import { deepStrictEqual, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS, H4_MS } from "../core/bars.ts";
import type { RunRecord } from "../core/run_record.ts";
import { featureCache } from "../features/mod.ts";
import type { Model } from "../models/model.ts";
import { closingAt, constantly, dataOf, planWith, seat, tradable } from "./fixtures.ts";
import { runLoop } from "./loop.ts";
import { buildMarket } from "./market.ts";
import type { AssetData, Plan } from "./plan.ts";
import { seatModels } from "./setup.ts";
import type { RunState } from "./state.ts";
import { end, market, models, planUntil, start } from "./test_rich_market.ts";

interface World {
  readonly plan: Plan;
  readonly data: readonly AssetData[];
  readonly models: readonly Model[];
}

/** A whole run, with its state before each of its decisions but the first. */
function wholeRun({ plan, data, models }: World) {
  const market = buildMarket(plan, data);
  const setup = seatModels(plan, models, { market, cache: featureCache() });
  const states: RunState[] = [];
  const record = runLoop(plan, market, setup, {
    onDecision: (index, state) => states[index] = state(),
  });
  return { record, states };
}

/** The run that goes on from the state before decision `index`, and the states it comes by. */
function resumed({ plan, data, models }: World, index: number, state: RunState) {
  const rest = { ...plan, start: plan.start + (index - 1) * H4_MS };
  const market = buildMarket(rest, data);
  const setup = seatModels(rest, models, { market, cache: featureCache(), mayBeCold: true });
  const states: RunState[] = [];
  const record = runLoop(rest, market, setup, {
    from: structuredClone(state),
    onDecision: (t, state) => states[index - 1 + t] = state(),
  });
  return { record, states };
}

/** What happened from decision `index` on, on a clock that begins there. */
function after(
  { outcomes, bookings, wishes, adjustments, modes, ...run }: RunRecord,
  index: number,
) {
  const rest = <Item extends { index: number }>(items: readonly Item[]) =>
    items.filter((item) => item.index >= index)
      .map((item) => ({ ...item, index: item.index - index }));
  return {
    nav: run.nav.slice(index),
    cash: run.cash.slice(index),
    closes: run.closes.map((column) => column.slice(index)),
    lapsed: run.lapsed,
    outcomes: rest(outcomes),
    bookings: rest(bookings),
    wishes: rest(wishes),
    adjustments: rest(adjustments),
    modes: rest(modes),
  };
}

for (const fill of ["next_open", "same_close"] as const) {
  for (const sizing of ["decision_price", "fill_price"] as const) {
    Deno.test(`SC-008 a run that stops anywhere and goes on is the run that never stopped (${fill}, ${sizing})`, () => {
      const decisions = (end - start) / H4_MS;
      let trades = 0;
      fc.assert(
        fc.property(
          fc.integer({ min: 0, max: 1e6 }),
          fc.integer({ min: 1, max: decisions - 1 }),
          fc.boolean(),
          (seed, index, interest) => {
            const cashRate = interest ? 0.05 : 0;
            const world = {
              plan: planUntil(end, { fill, sizing, cashRate }),
              data: market(seed),
              models,
            };
            const whole = wholeRun(world);
            const part = resumed(world, index, whole.states[index]!);
            deepStrictEqual(after(part.record, 1), after(whole.record, index));
            for (let t = index; t < decisions; t++) {
              deepStrictEqual(part.states[t], whole.states[t]);
            }
            trades += after(part.record, 1).outcomes.length;
          },
        ),
        { seed: 1, numRuns: 25 },
      );
      ok(trades > 100, `only ${trades} trades`);
    });
  }
}

Deno.test("SC-008 a run that goes on twice is the run that never stopped", () => {
  const world = { plan: planUntil(end), data: market(7), models };
  const whole = wholeRun(world);
  const first = resumed(world, 31, whole.states[31]!);
  const second = resumed(world, 70, first.states[70]!);
  deepStrictEqual(after(second.record, 1), after(whole.record, 70));
});

Deno.test("SC-008 a run goes on only from a state of its own clock", () => {
  const world = { plan: planUntil(end), data: market(7), models };
  const { states } = wholeRun(world);
  const other = { ...world, plan: { ...world.plan, start: world.plan.start + DAY_MS } };
  throws(() => resumed(other, 31, states[31]!), {
    name: "RangeError",
    message: "A run goes on from a state on the clock that led to it",
  });
});

Deno.test("SC-008 a wish of nothing that is kept is written down when it is kept, wherever the run goes on", () => {
  const idle = constantly("Idle_v1", { AAA: 0 }, { days: 1 });
  const plan = planWith([tradable("AAA")], [seat(idle)]);
  const bars = closingAt(tradable("AAA"), "h4", plan.start - H4_MS, Array(40).fill(100));
  const world = { plan, data: [dataOf(bars)], models: [idle] };
  const whole = wholeRun(world);
  deepStrictEqual(whole.record.wishes.map(({ index, raw }) => [index, raw]).slice(0, 3), [
    [0, 0],
    [1, NaN],
    [6, 0],
  ]);
  for (let index = 1; index < 20; index++) {
    const part = resumed(world, index, whole.states[index]!);
    deepStrictEqual(after(part.record, 1), after(whole.record, index));
  }
});
