import type { RunRecord } from "../core/run_record.ts";
import { drawdownCurve } from "../stats/drawdown.ts";
import { type Benchmark, benchmarkOf } from "./benchmarks.ts";
import type { ModelCurve, PortfolioCurve } from "./curves.ts";
import { dailyClock } from "../stats/daily_clock.ts";
import { accountOf, type AccountValues, type Holdings } from "./holdings.ts";
import { ledgersOf } from "./ledgers.ts";
import { accountStatistics, type RunStatistics, runStatistics } from "./run_statistics.ts";

/** What follows from a run's record alone. */
export interface DerivedRun {
  readonly portfolio: PortfolioCurve;
  readonly models: readonly ModelCurve[];
  /** Money gained by no model since the start: interest on cash. With the models' P&L it makes the change of NAV. */
  readonly residualPnl: Float64Array;
  readonly holdings: Holdings;
  /** In the order of the record; empty when it has none. */
  readonly benchmarks: readonly Benchmark[];
  readonly statistics: RunStatistics;
}

/** Curves, holdings and statistics of a run. */
export function deriveRun(record: RunRecord): DerivedRun {
  const { pnl, exposure, residualPnl } = ledgersOf(record);
  const account = accountOf(record);
  const portfolio = portfolioCurve(record, account);
  const { times, nav } = portfolio;
  const models = record.models.map(({ name }, model) => ({
    name,
    times,
    pnl: pnl[model]!,
    ...modelCurve(nav, {
      budgets: record.budgets[model]!,
      pnl: pnl[model]!,
      exposure: exposure[model]!,
    }),
  }));
  const clock = dailyClock(record);
  const { assetPnl, holdings } = account;
  const statistics = runStatistics(record, { portfolio, models, assetPnl, clock });
  const benchmarks = deriveBenchmarks(record);
  return { portfolio, models, residualPnl, holdings, benchmarks, statistics };
}

/** Curves and statistics of the yardsticks alone, on the clock of the run they stand beside. */
export function deriveBenchmarks(record: RunRecord): readonly Benchmark[] {
  const clock = dailyClock(record);
  return (record.benchmarks ?? []).map((benchmark) => {
    const curve = portfolioCurve(benchmark.record);
    return benchmarkOf(benchmark, curve, accountStatistics(benchmark.record, curve, clock));
  });
}

/** The account's values at every mark; `account` is the replay of its fills where that is at hand. */
export function portfolioCurve(
  record: RunRecord,
  { grossExposure, netExposure }: AccountValues = accountOf(record),
): PortfolioCurve {
  const { markTimes: times, nav, cash } = record;
  return { times, nav, cash, grossExposure, netExposure, drawdown: drawdownCurve(nav) };
}

/** NAV, returns and exposure of a model that is lent its budget's share of the account at every mark. */
function modelCurve(
  nav: Float64Array,
  model: { budgets: Float64Array; pnl: Float64Array; exposure: Float64Array },
) {
  const { budgets, pnl, exposure } = model;
  const own = new Float64Array(nav.length);
  const returns = new Float64Array(nav.length);
  const grossExposure = new Float64Array(nav.length);
  for (let mark = 0; mark < nav.length; mark++) {
    const budget = budgets[mark]! * nav[mark]!;
    if (mark === 0) own[0] = budget;
    else {
      const before = budgets[mark - 1]! * nav[mark - 1]!;
      const gained = before > 0 ? (pnl[mark]! - pnl[mark - 1]!) / before : 0;
      returns[mark] = gained;
      own[mark] = own[mark - 1]! * (1 + gained);
    }
    // What is held at a mark was bought with the budget that was in force before it.
    const lent = budgets[Math.max(0, mark - 1)]! * nav[mark]!;
    grossExposure[mark] = lent > 0 ? exposure[mark]! / lent : 0;
  }
  return { nav: own, returns, grossExposure };
}
