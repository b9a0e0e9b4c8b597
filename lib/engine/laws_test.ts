import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS, type Millis } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { seededRandom } from "../core/random.ts";
import type { RunRecord } from "../core/run_record.ts";
import type { Model } from "../models/model.ts";
import { execute } from "./execute.ts";
import {
  BASE_LIMITS,
  modelOf,
  NO_LIMITS,
  planWith,
  randomAsset,
  seat,
  tradable,
} from "./fixtures.ts";
import type { AssetData, Plan, PlannedAsset } from "./plan.ts";

const start = parseDate("2024-03-04");
const end = start + 12 * DAY_MS;
const CLOSE = 1e-12;
const RUNS = { seed: 1, numRuns: 25 };

/** A plan with its data and models: what a law changes one thing of. */
interface World {
  readonly plan: Plan;
  readonly data: readonly AssetData[];
  readonly models: readonly Model[];
}

const costly = { feeBps: 10, slippageBps: 5 };
const coins = ["AAA", "BBB", "CCC"].map((symbol) => ({ ...tradable(symbol), ...costly }));
const share: PlannedAsset = { ...tradable("SHR", "equity"), ...costly };

/** Weights that change from day to day as a seed has it, the same whatever the prices are. */
function wanderer(
  name: string,
  universe: readonly string[],
  { script, days, part = 1, origin = start }: {
    script: string;
    days?: number;
    part?: number;
    origin?: Millis;
  },
): Model {
  return modelOf(name, universe, ({ time, assets }) => {
    const day = Math.floor((time - origin) / DAY_MS);
    return Object.fromEntries(assets.map(({ symbol }) => {
      const weight = seededRandom(`${script}/${symbol}/${day}`).next();
      return [symbol, weight < 0.3 ? 0 : part * weight / universe.length];
    }));
  }, days === undefined ? {} : { days });
}

function dataFor(assets: readonly PlannedAsset[], seed: number): AssetData[] {
  return assets.map((asset) => randomAsset(asset, { from: start - 8 * DAY_MS, to: end, seed }));
}

/** Two models on three coins and a share, with costs, caps and a threshold, lots off. */
function world(seed: number, changes: Partial<Plan> = {}): World {
  const assets = [...coins, share];
  const models = [
    wanderer("Free_v1", ["AAA", "BBB", "SHR"], { script: `${seed}/free` }),
    wanderer("Slow_v1", ["AAA", "CCC", "SHR"], { script: `${seed}/slow`, days: 3 }),
  ];
  const seats = models.map((model, index) => seat(model, { budgetFraction: [0.6, 0.35][index]! }));
  const plan = planWith(assets, seats, {
    start,
    end,
    initialNav: 100_000,
    risk: { ...BASE_LIMITS, perAssetCap: 0.3, classCaps: { crypto: 0.5 } },
    rebalanceThreshold: 0.02,
    fill: seed % 3 === 0 ? "same_close" : "next_open",
    sizing: seed % 2 === 0 ? "decision_price" : "fill_price",
    ...changes,
  });
  return { plan, data: dataFor(assets, seed), models };
}

function run({ plan, data, models }: World): RunRecord {
  return execute({ plan, data }, models);
}

/** Fills in time and symbol, with what a law may scale. */
function fillsOf({ outcomes, assets }: RunRecord) {
  return outcomes.flatMap((outcome) =>
    outcome.status === "filled"
      ? [{
        index: outcome.index,
        symbol: assets[outcome.asset]!.symbol,
        quantity: outcome.quantity,
        price: outcome.price,
        fee: outcome.fee,
      }]
      : []
  ).sort((a, b) => a.index - b.index || (a.symbol < b.symbol ? -1 : 1));
}

/** Asserts that two runs tell the same story once the first's money, quantities and prices are scaled. */
function agree(
  found: RunRecord,
  expected: RunRecord,
  { money = 1, quantity = 1 }: { money?: number; quantity?: number } = {},
): void {
  const isNear = (a: number, b: number, size: number) => Math.abs(a - b) <= CLOSE * size;
  strictEqual(found.nav.length, expected.nav.length);
  for (const [t, nav] of expected.nav.entries()) {
    ok(isNear(found.nav[t]! * money, nav, nav), `NAV ${found.nav[t]} for ${nav} at mark ${t}`);
    ok(isNear(found.cash[t]! * money, expected.cash[t]!, nav), `cash at mark ${t}`);
  }
  const [a, b] = [fillsOf(found), fillsOf(expected)];
  deepStrictEqual(
    a.map(({ index, symbol }) => [index, symbol]),
    b.map(({ index, symbol }) => [index, symbol]),
  );
  const nav = expected.nav[0]!;
  for (const [i, fill] of b.entries()) {
    const units = nav / fill.price;
    ok(isNear(a[i]!.quantity * quantity, fill.quantity, units), `quantity of fill ${i}`);
    ok(isNear(a[i]!.fee * money, fill.fee, nav), `fee of fill ${i}`);
  }
}

/** What every law is tried on: enough trades that it could fail. */
function law(name: string, check: (seed: number) => void): void {
  Deno.test(name, () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 1e6 }), check), RUNS);
  });
}

Deno.test("FR-039 the worlds of these laws trade, cross and meet their limits", () => {
  const runs = [0, 1, 2, 3, 4, 5].map((seed) => run(world(seed)));
  for (const one of runs) ok(fillsOf(one).length > 15);
  ok(runs.some(({ bookings }) => bookings.some(({ crossed }) => crossed !== 0)));
  const rules = new Set(runs.flatMap(({ adjustments }) => adjustments.map(({ rule }) => rule)));
  ok(rules.has("per_asset_cap") && rules.has("class_caps.crypto"), [...rules].join());
});

for (const symbol of ["AA0", "ZZZ"]) {
  law(`FR-060 an asset that no model trades changes nothing (${symbol})`, (seed) => {
    const given = world(seed);
    const unused = tradable(symbol);
    const assets = [...given.plan.assets, unused].sort((a, b) => a.symbol < b.symbol ? -1 : 1);
    const more = run({
      ...given,
      plan: { ...given.plan, assets },
      data: [...given.data, ...dataFor([unused], seed)],
    });
    const before = run(given);
    deepStrictEqual([more.nav, more.cash], [before.nav, before.cash]);
    deepStrictEqual(fillsOf(more), fillsOf(before));
  });
}

law("FR-060 the order of assets and models changes no more than rounding", (seed) => {
  const given = world(seed);
  const plan = {
    ...given.plan,
    assets: [...given.plan.assets].reverse(),
    models: [...given.plan.models].reverse(),
  };
  agree(run({ plan, data: [...given.data].reverse(), models: given.models }), run(given));
});

/** The same history at other prices; dividends are money too. */
function repriced(data: AssetData, factor: number): AssetData {
  const bars = Object.values(data.bars).map((column) => ({
    ...column,
    open: column.open.map((price) => price * factor),
    high: column.high.map((price) => price * factor),
    low: column.low.map((price) => price * factor),
    close: column.close.map((price) => price * factor),
  }));
  return {
    ...data,
    bars: Object.fromEntries(bars.map((column) => [column.timeframe, column])),
    actions: data.actions.map((action) =>
      action.kind === "dividend" ? { ...action, value: action.value * factor } : action
    ),
  };
}

for (const factor of [2, 3]) {
  law(
    `FR-023 with prices × ${factor} and no lots, quantities ÷ ${factor} and the same money`,
    (seed) => {
      const given = world(seed);
      const dear = run({ ...given, data: given.data.map((item) => repriced(item, factor)) });
      agree(dear, run(given), { quantity: factor });
    },
  );

  law(`FR-051 NAV × ${factor} is quantities × ${factor}`, (seed) => {
    const given = world(seed);
    const rich = run(world(seed, { initialNav: given.plan.initialNav * factor }));
    agree(rich, run(given), { money: 1 / factor, quantity: 1 / factor });
  });
}

law("FR-023 half the budget and twice the weights are the same portfolio", (seed) => {
  const seated = (part: number, budgetFraction: number): World => {
    const model = wanderer("Only_v1", ["AAA", "BBB", "SHR"], { script: `${seed}`, part });
    const given = world(seed);
    const plan = { ...given.plan, models: [seat(model, { budgetFraction })] };
    return { ...given, plan, models: [model] };
  };
  agree(run(seated(1, 0.4)), run(seated(0.5, 0.8)));
});

for (const days of [undefined, 2]) {
  const rhythm = days === undefined ? "at every decision" : `every ${days} days`;
  law(`FR-024 two models with the same weights are one with both budgets (${rhythm})`, (seed) => {
    const named = (name: string) =>
      wanderer(name, ["AAA", "BBB", "SHR"], { script: `${seed}`, ...(days ? { days } : {}) });
    const given = world(seed);
    const seated = (budgets: Readonly<Record<string, number>>): World => {
      const models = Object.keys(budgets).sort().map(named);
      const seats = models.map((model) => seat(model, { budgetFraction: budgets[model.name]! }));
      return { ...given, plan: { ...given.plan, models: seats }, models };
    };
    agree(run(seated({ One_v1: 0.55, Two_v1: 0.35 })), run(seated({ Sum_v1: 0.9 })));
  });
}

law("FR-010 a shift by whole fortnights moves the times and nothing else", (seed) => {
  const shifted = (weeks: number): World => {
    const shift = weeks * 7 * DAY_MS;
    const models = [undefined, 2, 7, 14].map((days, index) =>
      wanderer(`M${index}_v1`, ["AAA", "BBB", "CCC"], {
        script: `${seed}/${index}`,
        origin: start + shift,
        ...(days ? { days } : {}),
      })
    );
    const given = world(seed, { assets: coins });
    const data = dataFor(coins, seed).map((item) => ({
      ...item,
      bars: Object.fromEntries(
        Object.values(item.bars).map((bars) => [bars.timeframe, {
          ...bars,
          openTime: bars.openTime.map((time) => time + shift),
          availableAt: bars.availableAt.map((time) => time + shift),
        }]),
      ),
    }));
    const seats = models.map((model) => seat(model, { budgetFraction: 0.25 }));
    return {
      plan: { ...given.plan, start: start + shift, end: end + shift, models: seats },
      data,
      models,
    };
  };
  const [now, later, before] = [0, 52, -20].map((weeks) => run(shifted(weeks)));
  for (const moved of [later!, before!]) {
    deepStrictEqual([moved.nav, moved.cash], [now!.nav, now!.cash]);
    deepStrictEqual(fillsOf(moved), fillsOf(now!));
  }
});

/** A model that wants so many whole lots, whatever NAV and price are. */
function counter(seed: number): Model {
  return modelOf("Counter_v1", ["AAA", "BBB", "SHR"], ({ time, assets, budget }) => {
    const day = Math.floor(time / DAY_MS);
    return Object.fromEntries(assets.map(({ symbol, price }) => {
      const lots = seededRandom(`${seed}/${symbol}/${day}`).integer(40);
      // Half a lot more, so that no rounding of NAV ÷ price decides.
      return [symbol, (lots + 0.5) * price / budget.money];
    }));
  });
}

law("FR-040 the same quantities without costs end with more by exactly the costs", (seed) => {
  const model = counter(seed);
  const priced = (costs: { feeBps: number; slippageBps: number }) => {
    const assets = [...coins.slice(0, 2), share]
      .map((asset) => ({ ...asset, ...costs, quantityPrecision: 0 }));
    const changes: Partial<Plan> = {
      risk: NO_LIMITS,
      rebalanceThreshold: 0,
      sizing: "decision_price",
      assets,
      models: [seat(model)],
    };
    return run({ ...world(seed, changes), models: [model] });
  };
  const [free, paid] = [
    priced({ feeBps: 0, slippageBps: 0 }),
    priced({ feeBps: 30, slippageBps: 20 }),
  ];
  const quantities = (one: RunRecord) =>
    fillsOf(one).map(({ index, symbol, quantity }) => [index, symbol, quantity]);
  deepStrictEqual(quantities(paid), quantities(free));
  ok(quantities(paid).length > 15);
  let costs = 0;
  let next = 0;
  const fills = paid.outcomes.flatMap((outcome) => outcome.status === "filled" ? [outcome] : []);
  for (const [t, nav] of paid.nav.entries()) {
    for (; next < fills.length && fills[next]!.index < t; next++) {
      costs += fills[next]!.fee + fills[next]!.slippage;
    }
    ok(free.nav[t]! >= nav, `mark ${t}`);
    ok(Math.abs(free.nav[t]! - nav - costs) <= CLOSE * nav, `${free.nav[t]} - ${nav} for ${costs}`);
  }
  ok(costs > 0);
});
