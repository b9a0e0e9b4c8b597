import { holdPlan } from "../../engine/benchmarks.ts";
import type { Plan } from "../../engine/plan.ts";
import { type SweepGround, trialRunner } from "../../engine/sweep/runner.ts";
import { NothingWarm } from "../../engine/setup.ts";
import { dailySharpe, type HeldReturns } from "../../engine/sweep/sweep_statistics.ts";
import { holdBenchmark } from "../../models/benchmarks.ts";

/**
 * Daily returns of the plan's `hold` benchmark over its first `days`, on the clock of its trials: the same assets, fills and
 * costs. Undefined where they never have a price.
 */
export function holdReturns(
  plan: Plan,
  { data }: Pick<SweepGround, "data">,
  { days, periodsPerYear }: { readonly days: number; readonly periodsPerYear: number },
): HeldReturns | undefined {
  try {
    const row = trialRunner({ data }, [holdBenchmark]).run(holdPlan(plan), { gear: "loop" });
    const returns = row.returns.slice(0, days);
    const ratio = dailySharpe(returns);
    return { returns, sharpe: ratio === null ? null : ratio * Math.sqrt(periodsPerYear) };
  } catch (error) {
    if (error instanceof NothingWarm) return undefined;
    throw error;
  }
}
