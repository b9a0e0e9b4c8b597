import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { execute } from "../engine/execute.ts";
import type { AssetData } from "../engine/plan.ts";
import type { RunRecord } from "../core/run_record.ts";
import { featureCache } from "../features/mod.ts";
import { loadData } from "./load_data.ts";
import { loadPlan } from "./load_plan.ts";
import { inProject } from "./project.ts";
import { CROSS_FILE } from "./test_market.ts";

const ORACLE = inProject("configs/experiments/oracle_w1.yaml");
const H4_PERIODS = 2190;

/** What the reference says about a run. */
interface Figures {
  readonly finalEquity: number;
  readonly orders: number;
  readonly fees: number;
  readonly maxDrawdown: number;
  readonly sharpe: number;
}

function figuresOf({ nav, outcomes }: RunRecord): Figures {
  const fills = outcomes.filter((outcome) => outcome.status === "filled");
  return {
    finalEquity: nav[nav.length - 1]!,
    orders: fills.length,
    fees: fills.reduce((sum, { fee }) => sum + fee, 0),
    ...riskOf(nav),
  };
}

function riskOf(nav: Float64Array): { maxDrawdown: number; sharpe: number } {
  let peak = nav[0]!;
  let maxDrawdown = 0;
  const returns = new Float64Array(nav.length - 1);
  for (let i = 1; i < nav.length; i++) {
    peak = Math.max(peak, nav[i]!);
    maxDrawdown = Math.max(maxDrawdown, 1 - nav[i]! / peak);
    returns[i - 1] = nav[i]! / nav[i - 1]! - 1;
  }
  const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length;
  const squares = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (returns.length - 1));
  return { maxDrawdown, sharpe: mean / deviation * Math.sqrt(H4_PERIODS) };
}

function near(found: number, expected: number, name: string): void {
  ok(Math.abs(found / expected - 1) <= 1e-9, `${name}: found ${found}, expected ${expected}`);
}

Deno.test("SC-008 W1 agrees with the independent reference to a billionth", async () => {
  const loaded = await loadPlan(ORACLE);
  const { assets } = await loadData(loaded);
  const found = figuresOf(execute({ plan: loaded.plan, data: assets }, loaded.models));
  near(found.finalEquity, 296575.58034217637, "final equity");
  strictEqual(found.orders, 60);
  near(found.fees, 8049.694537683212, "fees");
  near(found.maxDrawdown, 0.44019524650737785, "max drawdown");
  near(found.sharpe, 0.7747737249664822, "Sharpe");
});

Deno.test("SC-006 W3-100 agrees with the independent reference to a billionth", async () => {
  const fasts = Array.from({ length: 10 }, (_, i) => 5 + 5 * i);
  const slows = Array.from({ length: 10 }, (_, i) => 60 + 20 * i);
  const cache = featureCache();
  const name = "MovingAverageCrossModel_v1";
  const loaded = await loadPlan(ORACLE);
  const { assets } = await loadData(loaded);
  const [planned] = loaded.plan.models;
  const figures = fasts.flatMap((fast_ma) =>
    slows.map((slow_ma) => {
      const models = [{ ...planned!, name, parameters: { fast_ma, slow_ma } }];
      const request = { plan: { ...loaded.plan, models }, data: assets };
      return {
        pair: `${fast_ma}/${slow_ma}`,
        ...figuresOf(execute(request, loaded.models, { cache })),
      };
    })
  );
  const sum = (value: (item: Figures) => number) =>
    figures.reduce((total, item) => total + value(item), 0);
  strictEqual(figures.length, 100);
  near(sum(({ finalEquity }) => finalEquity), 18087571.48485623, "final equities");
  near(sum(({ sharpe }) => sharpe), 45.8010372987741, "Sharpe ratios");
  near(sum(({ maxDrawdown }) => maxDrawdown), 50.85976364326379, "drawdowns");
  strictEqual(sum(({ orders }) => orders), 13504);
  const best = figures.reduce((a, b) => b.finalEquity > a.finalEquity ? b : a);
  strictEqual(best.pair, "45/240");
  near(best.finalEquity, 381204.09207518527, "best equity");
});

Deno.test("FR-052 parameters set on the command line run as parameters of the plan do", async () => {
  const path = "models.MovingAverageCrossModel_v1.parameters";
  const set = await loadPlan(ORACLE, { sets: [`${path}.fast_ma=45`, `${path}.slow_ma=240`] });
  const data = await loadData(set);
  const { finalEquity } = figuresOf(execute({ plan: set.plan, data: data.assets }, set.models));
  near(finalEquity, 381204.09207518527, "final equity");
});

Deno.test("FR-003 the bundled markets: cutting off 2021 leaves 2020 as it was", async () => {
  const sets = ["models.MovingAverageCrossModel_v1.parameters.slow_ma=60"];
  const run = async (end: string) => {
    const loaded = await loadPlan(CROSS_FILE, { start: "2020-01-01", end, sets });
    const { assets } = await loadData(loaded);
    return execute({ plan: loaded.plan, data: assets }, loaded.models);
  };
  const [cut, whole] = [await run("2020-12-31"), await run("2021-12-31")];
  const marks = cut.nav.length;
  deepStrictEqual(whole.nav.slice(0, marks), cut.nav);
  const before = <Item extends { index: number }>(items: readonly Item[]) =>
    items.filter(({ index }) => index < marks - 1);
  deepStrictEqual(before(whole.outcomes), cut.outcomes);
  deepStrictEqual(before(whole.bookings), cut.bookings);
  deepStrictEqual(before(whole.wishes), cut.wishes);
  deepStrictEqual(before(whole.adjustments), cut.adjustments);
  ok(cut.outcomes.length > 50);
});

Deno.test("FR-060 a plan is the same whatever the order of assets and models in its files", async () => {
  const { plan } = await loadPlan(CROSS_FILE);
  const symbols = plan.assets.map(({ symbol }) => symbol);
  deepStrictEqual(symbols, ["BTC", "ETH", "QQQ", "SPY"]);
  deepStrictEqual(plan.models[0]!.universe, symbols);
  const path = "models.MovingAverageCrossModel_v1.universe";
  const turned = await loadPlan(CROSS_FILE, { sets: [`${path}=[ETH, SPY, BTC, QQQ]`] });
  deepStrictEqual(turned.plan, plan);
});

Deno.test("FR-002 bars are the same objects for every run of a process, so features are computed once", async () => {
  const loaded = await loadPlan(ORACLE);
  const { assets } = await loadData(loaded);
  const cache = featureCache();
  const run = (data: readonly AssetData[]) =>
    execute({ plan: loaded.plan, data }, loaded.models, { cache });
  const first = run(assets);
  const { computed } = cache;
  deepStrictEqual(run(assets.map((item) => ({ ...item }))), first);
  strictEqual(cache.computed, computed);
});
