import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { seededRandom } from "../core/random.ts";
import type { RunRecord } from "../core/run_record.ts";
import { featureCache } from "../features/mod.ts";
import type { Model } from "../models/model.ts";
import { execute } from "./execute.ts";
import {
  BASE_LIMITS,
  constantly,
  modelOf,
  planWith,
  randomAsset,
  seat,
  tradable,
} from "./fixtures.ts";
import type { AssetData, Plan } from "./plan.ts";

const symbols = ["AAA", "BBB", "SHR"];
const assets = symbols.map((symbol) => ({
  ...tradable(symbol, symbol === "SHR" ? "equity" : "crypto"),
  feeBps: 10,
  slippageBps: 5,
}));

/** Weights that jump from day to day, up to the whole budget, some with a stop or a limit. */
function jumping(name: string, days?: number): Model {
  return modelOf(
    name,
    symbols,
    ({ assets, time }) =>
      Object.fromEntries(assets.map(({ symbol, price }) => {
        const random = seededRandom(`${name}/${symbol}/${Math.floor(time / DAY_MS)}`);
        const weight = random.integer(4) / 9;
        const stop = price * (0.95 + 0.04 * random.next());
        const limit = price * (0.99 + 0.02 * random.next());
        const wish = [weight, { weight, stop }, { weight, limit }, { weight, stop, limit }];
        return [symbol, wish[random.integer(4)]!];
      })),
    days === undefined ? {} : { days },
  );
}

const models: readonly Model[] = [jumping("A_v1"), jumping("B_v1", 2), jumping("C_v1")];
const budgets = [0.5, 0.3, 0.2];

function request(seed: number, changes: Partial<Plan> = {}): { plan: Plan; data: AssetData[] } {
  const seats = models.map((model, i) => seat(model, { budgetFraction: budgets[i]! }));
  const plan = planWith(assets, seats, {
    end: parseDate("2024-03-13"),
    initialNav: 100_000,
    risk: BASE_LIMITS,
    rebalanceThreshold: 0.01,
    ...changes,
  });
  const from = parseDate("2024-02-26");
  return { plan, data: assets.map((asset) => randomAsset(asset, { from, to: plan.end, seed })) };
}

const fillsOf = ({ outcomes }: RunRecord) =>
  outcomes.filter((outcome) => outcome.status === "filled");

const seeds = fc.integer({ min: 0, max: 1e6 });

Deno.test("FR-060 SC-008 the same request gives the same bits, whatever the cache has seen", () => {
  const cache = featureCache();
  const first = execute(request(7), models, { cache });
  const { computed } = cache;
  execute(request(8), models, { cache });
  const again = request(7);
  deepStrictEqual(execute(again, models, { cache }), first);
  deepStrictEqual(execute(again, models), first);
  const filled = cache.computed;
  deepStrictEqual(execute(again, models, { cache }), first);
  strictEqual(cache.computed, filled, "nothing is computed again for the same bars");
  ok(computed > 0 && first.outcomes.length > 20);
});

Deno.test("FR-060 the order in which data and models are handed over does not matter", () => {
  const { plan, data } = request(3);
  const straight = execute({ plan, data }, models);
  const reversed = execute({ plan, data: data.toReversed() }, models.toReversed());
  deepStrictEqual(reversed, straight);
});

Deno.test("SC-011 the models' quantities sum to the position after every decision", () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom(null, 0, 3), (seed, quantityPrecision) => {
      const { plan, data } = request(seed);
      const lots = plan.assets.map((asset) => ({ ...asset, quantityPrecision }));
      const run = execute({ plan: { ...plan, assets: lots }, data }, models);
      const account = new Float64Array(3);
      const own = new Float64Array(3);
      const fills = [...fillsOf(run)];
      const bookings = [...run.bookings];
      for (let index = 0; index < run.nav.length; index++) {
        for (; fills[0]?.index === index; fills.shift()) {
          account[fills[0].asset]! += fills[0].quantity;
        }
        for (; bookings[0]?.index === index; bookings.shift()) {
          own[bookings[0].asset]! += bookings[0].quantity;
        }
        for (const asset of symbols.keys()) {
          const price = run.closes[asset]![index]!;
          const difference = (account[asset]! - own[asset]!) * price;
          ok(Math.abs(difference) <= 1e-9 * run.nav[index]!, `${difference} at ${index}`);
        }
      }
    }),
    { seed: 1, numRuns: 15 },
  );
});

Deno.test("SC-011 models' profits, with their costs, sum to the change of NAV", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { plan, data } = request(seed);
      const run = execute({ plan, data }, models);
      const last = run.closes.map((column) => column.at(-1)!);
      const earned = run.bookings.reduce(
        (sum, { cash, quantity, asset }) => sum + cash + quantity * last[asset]!,
        0,
      );
      const change = run.nav.at(-1)! - plan.initialNav;
      ok(Math.abs(earned - change) <= 1e-9 * plan.initialNav, `${earned} and ${change}`);
      const fees = fillsOf(run).reduce((sum, { fee }) => sum + fee, 0);
      const shared = run.bookings.reduce((sum, { fee }) => sum + fee, 0);
      ok(Math.abs(fees - shared) <= 1e-9 * plan.initialNav, `fees ${fees} and ${shared}`);
    }),
    { seed: 1, numRuns: 15 },
  );
});

Deno.test("SC-011 shares after risk sum to the net target of each asset", () => {
  const { run, net } = netTargets(11);
  for (const { index, asset, after } of run.adjustments) {
    const last = run.adjustments.findLast((item) => item.index === index && item.asset === asset)!;
    if (last.after !== after) continue;
    ok(Math.abs(net[index]![asset]! - after) < 1e-12, `${net[index]![asset]} and ${after}`);
  }
  ok(run.adjustments.length > 10);
});

function netTargets(seed: number) {
  const run = execute(request(seed), models);
  const shares = models.map(() => new Float64Array(3));
  const wishes = [...run.wishes];
  const net = Array.from({ length: run.nav.length }, (_, index) => {
    for (; wishes[0]?.index === index; wishes.shift()) {
      shares[wishes[0].model]![wishes[0].asset] = wishes[0].share;
    }
    return symbols.map((_, asset) => shares.reduce((sum, row) => sum + row[asset]!, 0));
  });
  return { run, net };
}

Deno.test("FR-051 NAV is cash and what is held at the closes known, at every mark", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const run = execute(request(seed), models);
      const held = new Float64Array(3);
      const fills = [...fillsOf(run)];
      for (let mark = 0; mark < run.nav.length; mark++) {
        for (; fills[0] && fills[0].index < mark; fills.shift()) {
          held[fills[0].asset]! += fills[0].quantity;
        }
        const worth = held.reduce(
          (sum, units, asset) => units === 0 ? sum : sum + units * run.closes[asset]![mark]!,
          run.cash[mark]!,
        );
        ok(Math.abs(worth / run.nav[mark]! - 1) < 1e-12, `${worth} and ${run.nav[mark]}`);
        ok(run.cash[mark]! >= 0, `cash ${run.cash[mark]}`);
      }
    }),
    { seed: 1, numRuns: 15 },
  );
});

Deno.test("FR-018 in a long-only plan neither the account nor any model is ever short", () => {
  const sizings = fc.constantFrom("decision_price", "fill_price");
  fc.assert(
    fc.property(seeds, sizings, fc.constantFrom(null, 0), (seed, sizing, quantityPrecision) => {
      const { plan, data } = request(seed, { sizing, rebalanceThreshold: 0 });
      const lots = plan.assets.map((asset) => ({ ...asset, quantityPrecision }));
      const run = execute({ plan: { ...plan, assets: lots }, data }, models);
      const own = new Float64Array(9);
      for (const { index, model, asset, quantity } of run.bookings) {
        const units = own[model * 3 + asset]! += quantity;
        const share = units * run.closes[asset]![index]! / run.nav[index]!;
        ok(share >= -1e-9, `model ${model} holds ${units} of ${asset} after decision ${index}`);
      }
      const account = new Float64Array(3);
      for (const { index, asset, quantity } of fillsOf(run)) {
        const units = account[asset]! += quantity;
        const share = units * run.closes[asset]![index]! / run.nav[index]!;
        ok(share >= -1e-9, `the account holds ${units} of ${asset} after decision ${index}`);
      }
    }),
    { seed: 1, numRuns: 40 },
  );
});

Deno.test("FR-043 no fill is a rounding error of the arithmetic", () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom(0, 0.01), (seed, rebalanceThreshold) => {
      const run = execute(request(seed, { rebalanceThreshold }), models);
      for (const { index, kind, quantity, price, nav } of fillsOf(run)) {
        const share = Math.abs(quantity * price) / nav;
        ok(share > 1e-9, `${kind} fill of ${quantity} at decision ${index}`);
      }
    }),
    { seed: 1, numRuns: 20 },
  );
});

Deno.test("FR-060 without lots twice the money trades exactly twice the quantities", () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom("decision_price", "fill_price"), (seed, sizing) => {
      const { plan, data } = request(seed, { sizing });
      const once = execute({ plan, data }, models);
      const twice = execute({ plan: { ...plan, initialNav: 200_000 }, data }, models);
      deepStrictEqual(twice.nav, once.nav.map((nav) => 2 * nav));
      deepStrictEqual(
        fillsOf(twice).map(({ quantity, fee }) => [quantity, fee]),
        fillsOf(once).map(({ quantity, fee }) => [2 * quantity, 2 * fee]),
      );
    }),
    { seed: 1, numRuns: 10 },
  );
});

Deno.test("FR-023 a further model without a budget changes no trade", () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom("0_first", "Z_last"), (seed, place) => {
      const name = place === "0_first" ? "AaFirst_v1" : "Zlast_v1";
      const idle = jumping(name);
      const { plan, data } = request(seed);
      const without = execute({ plan, data }, models);
      const seats = [...plan.models, seat(idle, { budgetFraction: 0 })]
        .sort((a, b) => a.name < b.name ? -1 : 1);
      const run = execute({ plan: { ...plan, models: seats }, data }, [...models, idle]);
      deepStrictEqual(run.nav, without.nav);
      const trades = (record: RunRecord) => fillsOf(record).map(({ model: _, ...fill }) => fill);
      deepStrictEqual(trades(run), trades(without));
    }),
    { seed: 1, numRuns: 10 },
  );
});

Deno.test("FR-025 two models that change places cross inside, free of cost", () => {
  const day = parseDate("2024-03-02");
  const first = modelOf("First_v1", ["AAA"], ({ time }) => ({ AAA: time < day ? 1 : 0 }));
  const second = modelOf("Second_v1", ["AAA"], ({ time }) => ({ AAA: time < day ? 0 : 1 }));
  const { plan, data } = request(5);
  const seats = [first, second].map((model) => seat(model, { budgetFraction: 0.1 }));
  const changes = { models: seats, assets: [assets[0]!], rebalanceThreshold: 0.05 };
  const run = execute({ plan: { ...plan, ...changes }, data }, [first, second]);
  strictEqual(fillsOf(run).length, 1, "the account only buys once");
  const crossed = run.bookings.filter(({ index }) => index === 6);
  strictEqual(crossed.length, 2);
  strictEqual(crossed[0]!.fee + crossed[0]!.slippage + crossed[1]!.fee, 0);
  ok(crossed.every(({ crossed: units, quantity }) => units === quantity && units !== 0));
  const { h4 } = data[0]!.bars;
  strictEqual(crossed[0]!.price, h4!.open[h4!.openTime.indexOf(day)]);
});

Deno.test("FR-018 weights that never change are asked once, and mean the same as asked anew", () => {
  const steady = constantly("Steady_v1", { AAA: 0.2, BBB: 0.1 });
  const asking = modelOf(
    "Steady_v1",
    ["AAA", "BBB"],
    ({ assets, time }) =>
      time > 0
        ? Object.fromEntries(assets.map(({ symbol }) => [symbol, symbol === "AAA" ? 0.2 : 0.1]))
        : {},
  );
  const { plan, data } = request(9);
  const seats = [seat(steady)];
  const runs = [steady, asking].map((model) =>
    execute({ plan: { ...plan, models: seats }, data }, [model])
  );
  deepStrictEqual(runs[0], runs[1]);
});
