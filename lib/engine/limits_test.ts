import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS, H4_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import type { Fill } from "../core/orders.ts";
import type { RunRecord } from "../core/run_record.ts";
import { seededRandom } from "../core/random.ts";
import type { Model } from "../models/model.ts";
import { execute } from "./execute.ts";
import {
  BASE_LIMITS,
  closingAt,
  constantly,
  dataOf,
  modelOf,
  NO_LIMITS,
  planWith,
  randomAsset,
  seat,
  tradable,
} from "./fixtures.ts";
import type { Plan, RiskPlan } from "./plan.ts";

const coin = tradable("AAA");
const start = parseDate("2024-03-01");
const symbols = ["AAA", "BBB", "SHA", "SHB"];
const assets = symbols.map((symbol) => ({
  ...tradable(symbol, symbol.startsWith("SH") ? "equity" : "crypto"),
  feeBps: 5,
  slippageBps: 5,
}));

const fillsOf = ({ outcomes }: RunRecord) =>
  outcomes.filter((outcome) => outcome.status === "filled");

/** A model whose weights jump about, the same for the same seed, time and asset. */
function restless(name: string, seed: number, days?: number): Model {
  return modelOf(name, symbols, ({ assets, time }) => {
    const random = seededRandom(seed).fork(`${name}/${Math.floor(time / DAY_MS)}`);
    const draws = symbols.map(() => random.next());
    const whole = draws.reduce((sum, draw) => sum + draw, 0);
    return Object.fromEntries(
      assets.map(({ symbol }) => [symbol, draws[symbols.indexOf(symbol)]! / whole]),
    );
  }, days === undefined ? {} : { days });
}

function restlessRun(seed: number, changes: Partial<Plan> = {}) {
  const from = parseDate("2024-02-26");
  const plan = planWith(assets, [], { end: parseDate("2024-03-13"), ...changes });
  const data = assets.map((asset) => randomAsset(asset, { from, to: plan.end, seed }));
  const models = [restless("A_v1", seed), restless("B_v1", seed, 2), restless("C_v1", seed)];
  const budgets = [0.5, 0.3, 0.2];
  const seats = models.map((model, i) => seat(model, { budgetFraction: budgets[i]! }));
  return { plan, run: execute({ plan: { ...plan, models: seats }, data }, models) };
}

/** Net targets after risk at every decision, from the wishes that were written down. */
function targetsOf(run: RunRecord): Float64Array[] {
  const shares = run.models.map(() => new Float64Array(run.assets.length));
  const wishes = [...run.wishes];
  return Array.from({ length: run.nav.length - 1 }, (_, index) => {
    for (; wishes[0]?.index === index; wishes.shift()) {
      shares[wishes[0].model]![wishes[0].asset] = wishes[0].share;
    }
    const net = new Float64Array(run.assets.length);
    for (const row of shares) row.forEach((share, asset) => net[asset]! += share);
    return net;
  });
}

const small: RiskPlan = {
  ...BASE_LIMITS,
  perAssetCap: 0.3,
  classCaps: { crypto: 0.4, equity: null },
  maxLeverage: 0.8,
};

Deno.test("SC-003 budgets of 60, 25 and 15 all in on one asset give the whole NAV before risk", () => {
  const models = ["A_v1", "B_v1", "C_v1"].map((name) => constantly(name, { AAA: 1 }));
  const budgets = [0.6, 0.25, 0.15];
  const seats = models.map((model, i) => seat(model, { budgetFraction: budgets[i]! }));
  const data = [dataOf(closingAt(coin, "h4", start - H4_MS, new Array(30).fill(100)))];
  const plan = planWith([coin], seats, { risk: BASE_LIMITS });
  const run = execute({ plan, data }, models);
  const first = run.wishes.filter(({ index }) => index === 0);
  strictEqual(first.reduce((sum, { wanted }) => sum + wanted, 0), 1);
  deepStrictEqual(
    run.adjustments.map(({ rule, before, after }) => [rule, before, after]),
    [["per_asset_cap", 1, 0.4], ["class_caps.crypto", 0.4, 0.2]],
  );
  const open = execute({ plan: { ...plan, risk: NO_LIMITS }, data }, models);
  strictEqual(fillsOf(open)[0]!.quantity, 10);
});

Deno.test("SC-004 no target after risk exceeds a cap", () => {
  const slack = 1 + 1e-12;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
      const { run } = restlessRun(seed, { risk: small, rebalanceThreshold: 0.01 });
      for (const net of targetsOf(run)) {
        const [a, b, c, d] = [...net].map(Math.abs) as [number, number, number, number];
        ok(Math.max(a, b, c, d) <= 0.3 * slack, `asset ${net}`);
        ok(a + b <= 0.4 * slack, `class ${net}`);
        ok(a + b + c + d <= 0.8 * slack, `gross ${net}`);
      }
    }),
    { seed: 1, numRuns: 15 },
  );
});

for (const sizing of ["decision_price", "fill_price"] as const) {
  Deno.test(`SC-004 just after fills no weight at sizing prices exceeds a cap (${sizing})`, () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.constantFrom(0, 0.01, 0.05),
        (seed, step) => {
          const { run } = restlessRun(seed, { risk: small, sizing, rebalanceThreshold: step });
          for (const { held, quantity, sizingNav, sizingPrice } of fillsOf(run)) {
            const weight = Math.abs(held + quantity) * sizingPrice / sizingNav;
            ok(weight <= 0.3 * (1 + 1e-12), `weight ${weight}`);
          }
        },
      ),
      { seed: 1, numRuns: 10 },
    );
  });
}

Deno.test("SC-004 whatever the threshold, no decision leaves an open market above its caps", () => {
  const cryptoOnly = assets.slice(0, 2);
  const model = (seed: number) =>
    modelOf("Restless_v1", ["AAA", "BBB"], ({ assets, time }) => {
      const random = seededRandom(seed).fork(String(time));
      return Object.fromEntries(assets.map(({ symbol }) => [symbol, random.next() / 2]));
    });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
      const restless = model(seed);
      const free = cryptoOnly.map((asset) => ({ ...asset, feeBps: 0, slippageBps: 0 }));
      const plan = planWith(free, [seat(restless)], {
        end: start + 5 * DAY_MS,
        rebalanceThreshold: 0.1,
        risk: { ...NO_LIMITS, perAssetCap: 0.35, classCaps: { crypto: 0.6 }, maxLeverage: 0.55 },
      });
      const times = { from: start - DAY_MS, to: plan.end };
      const data = free.map((asset) => randomAsset(asset, { ...times, seed }));
      const run = execute({ plan, data }, [restless]);
      const held = new Float64Array(2);
      const fills = [...fillsOf(run)];
      for (let index = 0; index < run.nav.length - 1; index++) {
        for (; fills[0]?.index === index; fills.shift()) held[fills[0].asset]! += fills[0].quantity;
        const [a, b] = [...held].map((units, asset) =>
          units * run.closes[asset]![index]! / run.nav[index]!
        ) as [number, number];
        ok(Math.max(a, b) <= 0.35 * (1 + 1e-9), `asset ${a} ${b} at ${index}`);
        ok(a + b <= 0.55 * (1 + 1e-9), `gross ${a + b} at ${index}`);
      }
    }),
    { seed: 1, numRuns: 15 },
  );
});

Deno.test("FR-026 a change below the threshold is left alone unless it ends a position", () => {
  const model = modelOf("Steps_v1", ["AAA"], ({ time }) => {
    const step = (time - start) / H4_MS;
    return { AAA: [0.5, 0.505, 0.49, 0.51, 0.009, 0][step]! };
  });
  const data = [dataOf(closingAt(coin, "h4", start - H4_MS, new Array(30).fill(100)))];
  const plan = planWith([coin], [seat(model)], { end: start + DAY_MS, rebalanceThreshold: 0.01 });
  const run = execute({ plan, data }, [model]);
  // 0.505 is near 0.5; 0.49 is a whole hundredth away.
  deepStrictEqual(fillsOf(run).map(({ index, target }) => [index, target]), [
    [0, 5],
    [2, 4.9],
    [3, 5.1],
    [4, 0.09],
    [5, 0],
  ]);
});

const drawdown = { trigger: 0.15, deriskingFactor: 0.5, recover: 0.1, halt: 0.2, resumeDays: 1 };

/** All in without costs on one coin that closes at these prices; the first close is before the start. */
function through(closes: readonly number[], resumeDays: number | null = 1) {
  const model = constantly("AllIn_v1", { AAA: 1 });
  const bars = closes.length - 1;
  const plan = planWith([coin], [seat(model)], {
    end: start + Math.ceil(bars / 6) * DAY_MS,
    rebalanceThreshold: 0.01,
    risk: { ...NO_LIMITS, drawdown: { ...drawdown, resumeDays } },
  });
  const padded = [...closes, ...new Array(6).fill(closes.at(-1)!)];
  const data = [dataOf(closingAt(coin, "h4", start - H4_MS, padded))];
  return execute({ plan, data }, [model]);
}

const modesOf = ({ modes }: RunRecord) => modes.map(({ index, mode }) => [index, mode]);

Deno.test("FR-031 exposure is halved from the trigger on until the drawdown is below recovery", () => {
  // 85 is exactly 15 % below 100; half the money then rides.
  const run = through([100, 100, 85, 85, 88, 90, 95, 100]);
  deepStrictEqual(modesOf(run).slice(0, 1), [[2, "REDUCED"]]);
  const reduced = run.modes[0]!;
  strictEqual(reduced.nav, 850);
  ok(Math.abs(reduced.drawdown - 0.15) < 1e-12);
  // 850 with half of it in the coin passes 900 only with the coin above 95.
  deepStrictEqual(modesOf(run).slice(1), [[7, "NORMAL"]]);
  ok(run.nav[7]! > 900 && run.nav[6]! <= 900);
});

Deno.test("FR-031 at the halt everything is sold, and a rising market does not bring it back", () => {
  const run = through([100, 100, 75, 75, 150, 300, 300, 300, 300, 300, 300, 300], null);
  deepStrictEqual(modesOf(run), [[2, "HALT"]]);
  deepStrictEqual([...run.nav.slice(2)].every((nav) => nav === 750), true);
  strictEqual(run.cash.at(-1), 750);
});

Deno.test("FR-031 a backtest resumes after halt_resume_days with the peak at its NAV", () => {
  const closes = [100, 100, 75, 75, 75, 75, 75, 75, 75, 75, 70, 63, 60, 60, 60, 60, 60, 60, 60];
  const run = through(closes, 1);
  // Halted at 2, resumed six bars later. 63 is 16 % below the new peak of 75, and 37 % below the old one.
  deepStrictEqual(modesOf(run), [[2, "HALT"], [8, "NORMAL"], [11, "REDUCED"]]);
  strictEqual(run.modes[1]!.nav, 750);
});

Deno.test("SC-004 the triggers always fire: mode follows from NAV alone", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
      const limits = { trigger: 0.05, deriskingFactor: 0.5, recover: 0.02, halt: 0.08 };
      const risk = { ...NO_LIMITS, maxLeverage: 1, drawdown: { ...limits, resumeDays: 2 } };
      const { run } = restlessRun(seed, { risk, rebalanceThreshold: 0.01 });
      let mode = "NORMAL";
      let peak = run.nav[0]!;
      let since = NaN;
      const expected: [number, string][] = [];
      for (let index = 0; index < run.nav.length - 1; index++) {
        const nav = run.nav[index]!;
        const before = mode;
        if (mode === "HALT") {
          if (run.markTimes[index]! - since >= 2 * DAY_MS) [mode, peak] = ["NORMAL", nav];
        } else {
          peak = Math.max(peak, nav);
          const lost = 1 - nav / peak;
          if (lost >= limits.halt) [mode, since] = ["HALT", run.markTimes[index]!];
          else if (mode === "NORMAL" && lost >= limits.trigger) mode = "REDUCED";
          else if (mode === "REDUCED" && lost < limits.recover) mode = "NORMAL";
        }
        if (mode !== before) expected.push([index, mode]);
      }
      deepStrictEqual(modesOf(run), expected);
      for (const [index, net] of targetsOf(run).entries()) {
        const newest = run.modes.findLast((change) => change.index <= index)?.mode ?? "NORMAL";
        const gross = net.reduce((sum, weight) => sum + weight, 0);
        if (newest === "HALT") strictEqual(gross, 0);
        if (newest === "REDUCED") ok(gross <= 0.5 * (1 + 1e-12));
      }
    }),
    { seed: 1, numRuns: 15 },
  );
});

Deno.test("FR-031 a halt sells what a model would sell at its limit price only", () => {
  const model = modelOf("Limit_v1", ["AAA"], () => ({ AAA: { weight: 1, limit: 101 } }));
  const closes = [100, 100, 100, 90, 70, 60, 60, 60];
  const plan = planWith([coin], [seat(model)], {
    end: start + DAY_MS,
    risk: { ...NO_LIMITS, drawdown: { ...drawdown, trigger: null, resumeDays: null } },
  });
  const data = [dataOf(closingAt(coin, "h4", start - H4_MS, closes))];
  const run = execute({ plan, data }, [model]);
  deepStrictEqual(modesOf(run), [[4, "HALT"]]);
  strictEqual(fillsOf(run).reduce((sum: number, fill: Fill) => sum + fill.quantity, 0), 0);
});

Deno.test("SC-004 a cap cuts a drifted position whose model asks for a limit price", () => {
  const model = modelOf("Limit_v1", ["AAA"], () => ({ AAA: { weight: 0.4, limit: 1000 } }));
  const closes = [100, 100, 300, 300, 300, 300, 300];
  const plan = planWith([coin], [seat(model)], {
    end: start + DAY_MS,
    risk: { ...NO_LIMITS, perAssetCap: 0.4 },
  });
  const data = [dataOf(closingAt(coin, "h4", start - H4_MS, closes))];
  const run = execute({ plan, data }, [model]);
  const units = fillsOf(run).reduce((sum, { quantity }) => sum + quantity, 0);
  ok(units * 300 / run.nav.at(-1)! <= 0.4 * (1 + 1e-9), `${units * 300 / run.nav.at(-1)!}`);
});

Deno.test("FR-039 a cap that cuts a wish does not turn its limit into a market order", () => {
  const model = modelOf("Limit_v1", ["AAA"], () => ({ AAA: { weight: 0.8, limit: 90 } }));
  const plan = planWith([coin], [seat(model)], {
    end: start + DAY_MS,
    risk: { ...NO_LIMITS, perAssetCap: 0.5 },
  });
  const closes = [100, 100, 100, 88, 100, 100, 100];
  const data = [dataOf(closingAt(coin, "h4", start - H4_MS, closes))];
  const [first] = fillsOf(execute({ plan, data }, [model]));
  deepStrictEqual([first!.index, first!.kind, first!.price, first!.quantity], [2, "limit", 90, 5]);
});

Deno.test("FR-031 a reduced mode buys at the limit too, half as much", () => {
  const half = constantly("Half_v1", { AAA: 0.5 }, { days: 7 });
  const model = modelOf("Limit_v1", ["BBB"], () => ({ BBB: { weight: 0.2, limit: 90 } }));
  const other = tradable("BBB");
  const monday = parseDate("2024-03-04");
  const plan = planWith([coin, other], [
    seat(half, { budgetFraction: 0.8 }),
    seat(model, { budgetFraction: 0.2 }),
  ], {
    start: monday,
    end: monday + DAY_MS,
    risk: { ...NO_LIMITS, drawdown: { ...drawdown, halt: null } },
  });
  const data = [
    dataOf(closingAt(coin, "h4", monday - H4_MS, [100, 100, 50, 50, 50, 50, 50])),
    dataOf(closingAt(other, "h4", monday - H4_MS, [100, 100, 100, 100, 88, 88, 88])),
  ];
  const run = execute({ plan, data }, [half, model]);
  deepStrictEqual(modesOf(run), [[2, "REDUCED"]]);
  const [first] = fillsOf(run).filter(({ asset }) => asset === 1);
  deepStrictEqual([first!.index, first!.kind, first!.price], [3, "limit", 90]);
  ok(Math.abs(first!.target - 0.5 * 0.04 * run.nav[3]! / 100) < 1e-12);
});

Deno.test("FR-030 the net cap scales a portfolio that is long only", () => {
  const model = constantly("Long_v1", { AAA: 0.8 });
  const risk = { ...NO_LIMITS, maxNetLeverage: 0.5 };
  const plan = planWith([coin], [seat(model)], { end: start + DAY_MS, risk });
  const data = [dataOf(closingAt(coin, "h4", start - H4_MS, new Array(8).fill(100)))];
  const run = execute({ plan, data }, [model]);
  deepStrictEqual(fillsOf(run).map(({ quantity }) => quantity), [5]);
  deepStrictEqual(run.adjustments, [{
    index: 0,
    rule: "max_net_leverage",
    asset: 0,
    before: 0.8,
    after: 0.5,
  }]);
});

Deno.test("FR-030 the net cap holds when a short leg is left alone below the threshold", () => {
  const other = tradable("BBB");
  const model = constantly("Pair_v1", { AAA: 0.7, BBB: -0.2 }, { shorts: true });
  const plan = planWith([coin, other], [seat(model)], {
    end: start + DAY_MS,
    rebalanceThreshold: 0.01,
    allowBorrowing: true,
    risk: { ...NO_LIMITS, allowShort: true, maxNetLeverage: 0.5 },
  });
  const data = [
    dataOf(closingAt(coin, "h4", start - H4_MS, new Array(8).fill(100))),
    dataOf(closingAt(other, "h4", start - H4_MS, [100, 100, 97, 97, 97, 97, 97, 97])),
  ];
  const run = execute({ plan, data }, [model]);
  const units = [0, 1].map((asset) =>
    fillsOf(run).filter((fill) => fill.asset === asset)
      .reduce((sum, { quantity }) => sum + quantity, 0)
  );
  const net = (units[0]! * 100 + units[1]! * 97) / run.nav.at(-1)!;
  ok(net <= 0.5 * (1 + 1e-9), `net ${net}`);
});

Deno.test("FR-031 a stop above the price of a long is refused in one line", () => {
  const wrong = modelOf("Wrong_v1", ["AAA"], () => ({ AAA: { weight: 0.5, stop: 101 } }));
  const plan = planWith([tradable("AAA")], [seat(wrong)]);
  const closes = new Array(10).fill(100);
  const data = [dataOf(closingAt(tradable("AAA"), "h4", plan.start - 4 * 3_600_000, closes))];
  throws(() => execute({ plan, data }, [wrong]), {
    name: "Refusal",
    message:
      "Wrong_v1 at 2024-03-01T00:00:00Z returned 101 as stop of AAA, expected a price below 100",
  });
});
