import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { z } from "zod";
import { DAY_MS, H4_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import type { RunRecord } from "../core/run_record.ts";
import { daily, featureCache, trading } from "../features/mod.ts";
import { defineModel, type Model, type Targets } from "../models/model.ts";
import { execute } from "./execute.ts";
import { closingAt, dailyOf, dataOf, planWith, seat, tradable } from "./fixtures.ts";
import { runLoop } from "./loop.ts";
import { buildMarket } from "./market.ts";
import { seatModels } from "./setup.ts";
import { layOut } from "./simulate.ts";
import type { RunState } from "./state.ts";
import * as rich from "./test_rich_market.ts";

const start = parseDate("2024-03-01");
const coin = tradable("AAA");
const other = tradable("BBB");

/** Gives the targets for one asset in turn, then the last for ever, and always a tenth of another. */
function speaking(targets: readonly Targets[string][], days?: number): Model {
  return defineModel({
    name: "Speaking_v1",
    version: "1.0.0",
    universe: ["AAA", "BBB"],
    parameters: z.strictObject({}),
    features: () => ({ price: trading.close(), mean: trading.sma(2), day: daily.momentum(1) }),
    decide: ({ time }) => ({
      AAA: targets[Math.min((time - start) / H4_MS, targets.length - 1)]!,
      BBB: 0.1,
    }),
    ...(days === undefined ? {} : { schedule: () => ({ days }) }),
  });
}

/** Closes of AAA are 100, 101, 102 … from three days before the start, those of BBB twice as high. */
function runOf(model: Model, days = 1): RunRecord {
  const plan = planWith([coin, other], [seat(model)], { end: start + days * DAY_MS });
  const data = [coin, other].map((asset, place) => {
    const closes = Array.from({ length: 18 + 6 * days }, (_, bar) => (100 + bar) * (place + 1));
    const bars = closingAt(asset, "h4", start - 3 * DAY_MS, closes);
    return dataOf(bars, dailyOf(asset, bars, plan.end));
  });
  return execute({ plan, data }, [model]);
}

/** Place, asset and values of each row. */
function rows({ features }: RunRecord, model = 0) {
  const { names, indexes, assets, values } = features[model]!;
  strictEqual(assets.length, indexes.length);
  strictEqual(values.length, indexes.length * names.length);
  return Array.from(
    indexes,
    (index, row) =>
      [
        index,
        assets[row]!,
        ...values.slice(row * names.length, (row + 1) * names.length),
      ] as const,
  );
}

Deno.test("FR-062 what a model saw is kept where it asked for another weight, and nowhere else", () => {
  const run = runOf(speaking([0.5, 0.5, 0.4, 0.4, 0, 0]));
  // The bar that closes at the start is the eighteenth; a day of rising closes lies before it.
  const day = 117 / 111 - 1;
  deepStrictEqual(rows(run), [
    [0, 0, 117, 116.5, day],
    [0, 1, 234, 233, day],
    [2, 0, 119, 118.5, day],
    [4, 0, 121, 120.5, day],
  ]);
  deepStrictEqual(run.features[0]!.names, [
    { name: "price", definition: "h4.close()" },
    { name: "mean", definition: "h4.sma(2)" },
    { name: "day", definition: "daily.momentum(1)" },
  ]);
});

Deno.test("FR-062 a new stop or limit is something new to say, a price taken back is not", () => {
  const stop = { weight: 0.5, stop: 50 };
  const run = runOf(
    speaking([0.5, stop, stop, { ...stop, limit: 500 }, { weight: 0.5, stop: 51 }]),
  );
  deepStrictEqual(rows(run).map(([index, asset]) => [index, asset]), [
    [0, 0],
    [0, 1],
    [1, 0],
    [3, 0],
    [4, 0],
  ]);
  deepStrictEqual(
    rows(runOf(speaking([stop, 0.5]))).map(([index]) => index),
    [0, 0],
  );
});

Deno.test("FR-062 a model that keeps its quantity says nothing; on its next day it does, even the same", () => {
  const found = rows(runOf(speaking([0.5], 1), 3)).map(([index, asset]) => [index, asset]);
  deepStrictEqual(found, [[0, 0], [0, 1], [6, 0], [6, 1], [12, 0], [12, 1]]);
});

Deno.test("FR-062 every value is the one on the decision clock, for every model and wish of a rich run", () => {
  const request = { plan: rich.planUntil(rich.end), data: rich.market(3) };
  const laid = layOut(request, rich.models);
  const run = runLoop(laid.plan, laid.venue, laid.setup);
  let seen = 0;
  for (const [model, { columns, places }] of laid.setup.models.entries()) {
    for (const [index, asset, ...values] of rows(run, model)) {
      const own = columns[places.indexOf(asset)]!;
      deepStrictEqual(values, own.map(({ joined }) => joined[index]!));
      ok(values.every(Number.isFinite));
      ok(
        run.wishes.some((wish) =>
          wish.index === index && wish.model === model && wish.asset === asset &&
          wish.raw === wish.raw
        ),
      );
      seen++;
    }
    const said = run.wishes.filter((wish) => wish.model === model && wish.raw === wish.raw);
    const first = new Set(said.map(({ asset }) => asset));
    deepStrictEqual(new Set(run.features[model]!.assets), first);
  }
  ok(seen > 50, `only ${seen} rows`);
});

Deno.test("SC-008 a run that goes on from the middle keeps the same as the run that never stopped", () => {
  const plan = rich.planUntil(rich.end);
  const data = rich.market(5);
  const states: RunState[] = [];
  const laid = layOut({ plan, data }, rich.models);
  const whole = runLoop(laid.plan, laid.venue, laid.setup, {
    onDecision: (index, state) => states[index] = state(),
  });
  for (const from of [7, 40, 71]) {
    const rest = { ...plan, start: plan.start + (from - 1) * H4_MS };
    const market = buildMarket(rest, data);
    const cache = featureCache();
    const setup = seatModels(rest, rich.models, { market, cache, mayBeCold: true });
    const resumed = runLoop(rest, market, setup, { from: states[from] });
    for (const model of rich.models.keys()) {
      deepStrictEqual(
        rows(resumed, model).map(([index, ...values]) => [index + from - 1, ...values]),
        rows(whole, model).filter(([index]) => index >= from).map((row) => [...row]),
      );
    }
  }
});
