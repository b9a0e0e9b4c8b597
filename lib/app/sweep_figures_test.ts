import { ok, strictEqual } from "node:assert/strict";
import { H4_MS } from "../core/bars.ts";
import { figureAt, TRIAL_FIGURES, type TrialFigure } from "../core/trial_figures.ts";
import { execute } from "../engine/execute.ts";
import { type TrialRunner, trialRunner } from "../engine/sweep/runner.ts";
import { end, market, models, planUntil } from "../engine/test_rich_market.ts";
import { deriveRun } from "../results/mod.ts";
import { loadData } from "./load_data.ts";
import { type LoadedPlan, loadPlan } from "./load_plan.ts";
import { inProject } from "./project.ts";
import { CROSS_FILE } from "./test_market.ts";

const ONLY_OF_TRIALS: readonly string[] = ["days", "bar_sharpe"];

function near(found: number, expected: number, name: string): void {
  ok(Math.abs(found / expected - 1) <= 1e-9, `${name}: found ${found}, expected ${expected}`);
}

async function oracle() {
  const loaded = await loadPlan(inProject("configs/experiments/oracle_w1.yaml"));
  const { assets } = await loadData(loaded);
  return { loaded, runner: trialRunner({ data: assets }, loaded.models) };
}

/** The sums of figures over pairs of averages. */
function sums(
  { plan }: LoadedPlan,
  runner: TrialRunner,
  { fasts, slows }: { readonly fasts: readonly number[]; readonly slows: readonly number[] },
) {
  const total = new Float64Array(TRIAL_FIGURES.length);
  let best = { pair: "", nav: 0 };
  for (const fast_ma of fasts) {
    for (const slow_ma of slows) {
      const models = [{ ...plan.models[0]!, parameters: { fast_ma, slow_ma } }];
      const { figures } = runner.run({ ...plan, models });
      figures.forEach((value, place) => total[place]! += value);
      const nav = figureAt(figures, "final_nav");
      if (nav > best.nav) best = { pair: `${fast_ma}/${slow_ma}`, nav };
    }
  }
  return { best, sum: (figure: TrialFigure) => figureAt(total, figure) };
}

function counted(count: number, from: number, step: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => from + i * step);
}

/** What the independent reference found for pairs of averages: sums over all of them, and the best one. */
const SWEEPS = [
  {
    name: "W3-100",
    pairs: { fasts: counted(10, 5, 5), slows: counted(10, 60, 20) },
    nav: 18087571.48485623,
    sharpe: 45.8010372987741,
    drawdown: 50.85976364326379,
    fills: 13504,
    best: { pair: "45/240", nav: 381204.09207518527 },
  },
  {
    name: "W3-10k",
    pairs: { fasts: counted(100, 2, 1), slows: counted(100, 105, 5) },
    nav: 1866011428.1068165,
    sharpe: 5054.5245908322295,
    drawdown: 4894.079957568118,
    fills: 629383,
    best: { pair: "13/275", nav: 386118.56898403255 },
  },
] as const;

for (const { name, pairs, nav, sharpe, drawdown, fills, best: expected } of SWEEPS) {
  Deno.test(`SC-006 the sweep ${name} agrees with the independent reference to a billionth`, async () => {
    const { loaded, runner } = await oracle();
    const { sum, best } = sums(loaded, runner, pairs);
    near(sum("final_nav"), nav, "final equities");
    near(sum("bar_sharpe"), sharpe, "Sharpe ratios");
    near(sum("max_drawdown"), drawdown, "drawdowns");
    strictEqual(sum("fills"), fills);
    strictEqual(best.pair, expected.pair);
    near(best.nav, expected.nav, "best equity");
  });
}

/** A trial's figures and the statistics that a run shows, name by name. */
function agree(request: Parameters<typeof execute>[0], of: Parameters<typeof execute>[1]): void {
  const { figures } = trialRunner(request, of).run(request.plan);
  const statistics: Readonly<Record<string, unknown>> = {
    ...deriveRun(execute(request, of)).statistics.portfolio,
  };
  for (const figure of TRIAL_FIGURES) {
    if (ONLY_OF_TRIALS.includes(figure)) continue;
    ok(figure in statistics, figure);
    const [found, expected] = [figureAt(figures, figure), statistics[figure] ?? NaN];
    ok(Object.is(found, expected), `${figure}: found ${found}, expected ${expected}`);
  }
}

Deno.test("FR-045 a trial has the very figures that a run of its plan shows", async () => {
  for (const seed of [1, 2, 3]) {
    for (const fill of ["next_open", "same_close"] as const) {
      agree({ plan: planUntil(end, { fill }), data: market(seed) }, models);
    }
  }
  const { plan, models: shipped, ...loaded } = await loadPlan(CROSS_FILE, {
    start: "2020-01-01",
    end: "2020-12-31",
    sets: ["models.MovingAverageCrossModel_v1.parameters.slow_ma=60"],
  });
  const { assets } = await loadData({ plan, models: shipped, ...loaded });
  agree({ plan, data: assets }, shipped);
  ok(plan.end - plan.start > 2000 * H4_MS);
});
