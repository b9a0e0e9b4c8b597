import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS } from "../../core/bars.ts";
import { TRIAL_FIGURES } from "../../core/trial_figures.ts";
import { featureCache } from "../../features/mod.ts";
import { movingAverageCross } from "../../models/moving_average_cross.ts";
import { dailyClock } from "../../stats/daily_clock.ts";
import { summarize } from "../../stats/summary.ts";
import { NO_LIMITS, tradable } from "../fixtures.ts";
import { buildMarket } from "../market.ts";
import type { Plan } from "../plan.ts";
import { simulate } from "../simulate.ts";
import { columnGear, mayBeColumnar } from "./columns.ts";
import { pathOf } from "./event_loop.ts";
import { type Gear, trialRunner } from "./runner.ts";
import {
  dailyFlag,
  faulty,
  FROM,
  historyOf,
  looking,
  LOOKS,
  mixed,
  models,
  planOf,
  sliding,
} from "./test_gears.ts";
import { bits, randomWorld, seatOf, type World } from "./test_worlds.ts";

const seeds = fc.nat();

/** Figures and returns of a trial as text that tells every bit, or why there are none. */
function told({ plan, data }: World, gear: Gear): string {
  try {
    const { figures, returns } = trialRunner({ data: [data] }, models).run(plan, { gear });
    return `${bits(figures)} ${bits(returns)}`;
  } catch (error) {
    return String(error);
  }
}

function isTakenByColumns({ plan, data }: World): boolean {
  if (!mayBeColumnar(plan, models)) return false;
  return columnGear(buildMarket(plan, [data]), models, featureCache()).path(plan) !== undefined;
}

const NIGHTLY = Deno.env.get("ASSAY_NIGHTLY") === "1";
const numRuns = NIGHTLY ? 20_000 : 700;

Deno.test("FR-045 the columnar gear gives the figures and the refusals of the event loop, bit for bit", () => {
  let columnar = 0;
  let refused = 0;
  let traded = 0;
  fc.assert(
    fc.property(seeds, (seed) => {
      const world = randomWorld(seed);
      const loop = told(world, "loop");
      strictEqual(told(world, "auto"), loop);
      if (loop.includes("Refusal")) refused++;
      if (!isTakenByColumns(world)) return;
      columnar++;
      const fills = Number(loop.split(",")[TRIAL_FIGURES.indexOf("fills")]);
      if (fills > 0) traded++;
    }),
    { seed: 8, numRuns },
  );
  ok(columnar > numRuns / 3, `only ${columnar} of ${numRuns} by columns`);
  ok(traded > numRuns / 6, `only ${traded} of them traded`);
  ok(refused > numRuns / 20, `only ${refused} refused`);
});

/** The figures that `summarize` has, of a whole run. */
function summarized({ plan, data }: World): Readonly<Record<string, unknown>> {
  const record = simulate({ plan, data: [data] }, models);
  const { nav, markTimes: times } = record;
  const clock = dailyClock(record);
  const { fills } = pathOf(record);
  return {
    ...summarize({
      ...{ times, nav, ...clock.daily({ times, nav }) },
      grossExposure: new Float64Array(nav.length),
      fills,
      fees: fills.reduce((sum, { fee }) => sum + fee, 0),
      slippage: fills.reduce((sum, { slippage }) => sum + slippage, 0),
      periodsPerYear: clock.periodsPerYear,
    }),
  };
}

const ONLY_OF_TRIALS = ["days", "bar_sharpe"];

Deno.test("FR-045 a trial's figures are those of a whole run under the same names", () => {
  let compared = 0;
  fc.assert(
    fc.property(seeds, (seed) => {
      const world = randomWorld(seed);
      let row;
      try {
        row = trialRunner({ data: [world.data] }, models).run(world.plan, { gear: "loop" });
      } catch {
        return;
      }
      const run = summarized(world);
      for (const [place, figure] of TRIAL_FIGURES.entries()) {
        if (ONLY_OF_TRIALS.includes(figure)) continue;
        ok(figure in run, figure);
        const found = row.figures[place]!;
        ok(Object.is(found, run[figure] ?? NaN), `${figure}: ${found}, expected ${run[figure]}`);
      }
      compared++;
    }),
    { seed: 9, numRuns: numRuns / 2 },
  );
  ok(compared > numRuns / 4, `only ${compared}`);
});

const whole = historyOf(tradable("AAA"), 1);

for (const at of Object.keys(LOOKS)) {
  Deno.test(`FR-045 a rule that reads ${at} is left to the event loop`, () => {
    const plan = planOf(seatOf(looking, { at }));
    strictEqual(mayBeColumnar(plan, models), true);
    strictEqual(isTakenByColumns({ plan, data: whole }), false);
  });
}

Deno.test("FR-045 what watches the account is left to the event loop", () => {
  const plan = planOf(seatOf(sliding, { period: 5 }));
  const { drawdown } = NO_LIMITS;
  const other = tradable("BBB");
  const changes: readonly Partial<Plan>[] = [
    { cashRate: 0.01 },
    { risk: { ...NO_LIMITS, perTradeRisk: 0.01 } },
    { risk: { ...NO_LIMITS, drawdown: { ...drawdown, trigger: 0.1 } } },
    { risk: { ...NO_LIMITS, drawdown: { ...drawdown, halt: 0.1 } } },
    { regimeBudgets: { crypto_risk_off: { Sliding_v1: 0 } } },
    { regimeLimits: { crypto_risk_off: { maxLeverage: 0.5 } } },
    { assets: [...plan.assets, other] },
    { models: [...plan.models, seatOf(mixed, { period: 3 })] },
  ];
  strictEqual(isTakenByColumns({ plan, data: whole }), true);
  for (const change of changes) {
    strictEqual(mayBeColumnar({ ...plan, ...change }, models), false, Object.keys(change)[0]);
  }
});

Deno.test("FR-045 a hole in the traded bars is left to the loop even where no feature sees it", () => {
  const holed = historyOf(tradable("AAA"), 3, 0.1);
  const data = { ...whole, bars: { daily: whole.bars.daily!, h4: holed.bars.h4! } };
  const plan = planOf({ ...seatOf(dailyFlag, { period: 3 }), missing: "skip" });
  strictEqual(isTakenByColumns({ plan, data: whole }), true);
  strictEqual(isTakenByColumns({ plan, data }), false);
  strictEqual(told({ plan, data }, "auto"), told({ plan, data }, "loop"));
});

Deno.test("FR-045 one runner gives each trial what a runner of its own gives, whatever came before", () => {
  const shared = trialRunner({ data: [whole] }, models);
  const start = FROM + 30 * DAY_MS;
  const ranges = [5, 6, 7, 8, 30].map((days) => ({ start, end: start + days * DAY_MS }));
  const plans = ranges.flatMap((range) => [
    planOf(seatOf(movingAverageCross, { fast_ma: 2, slow_ma: 9 }), range),
    planOf(seatOf(faulty, { how: "throws", above: 0.02 }), range),
    planOf(seatOf(sliding, { period: 4 }), { ...range, initialNav: 50 }),
    planOf(seatOf(sliding, { period: 4 }), { ...range, timeframe: "daily", fill: "same_close" }),
    planOf(seatOf(sliding, { period: 4 }), {
      ...range,
      risk: { ...NO_LIMITS, perAssetCap: 0.3 },
      rebalanceThreshold: 0.2,
    }),
  ]);
  const toldBy = (runner: typeof shared, plan: Plan) => {
    try {
      return bits(runner.run(plan).figures);
    } catch (error) {
      return String(error);
    }
  };
  for (const plan of [...plans, ...plans.toReversed()]) {
    strictEqual(toldBy(shared, plan), toldBy(trialRunner({ data: [whole] }, models), plan));
  }
});
