import type { RunRecord } from "../core/run_record.ts";
import { drawdownCurve } from "../stats/drawdown.ts";
import type { ModelCurve, PortfolioCurve } from "./curves.ts";
import { accountOf, type Holdings } from "./holdings.ts";
import { ledgersOf } from "./ledgers.ts";
import { type RunStatistics, runStatistics } from "./run_statistics.ts";

/** What follows from a run's record alone. */
export interface DerivedRun {
  readonly portfolio: PortfolioCurve;
  readonly models: readonly ModelCurve[];
  /** Money gained by no model since the start: interest on cash. With the models' P&L it makes the change of NAV. */
  readonly residualPnl: Float64Array;
  readonly holdings: Holdings;
  readonly statistics: RunStatistics;
}

/** Curves, holdings and statistics of a run. */
export function deriveRun(record: RunRecord): DerivedRun {
  const { pnl, exposure, residualPnl } = ledgersOf(record);
  const account = accountOf(record);
  const { markTimes: times, nav, cash } = record;
  const portfolio = {
    times,
    nav,
    cash,
    grossExposure: account.grossExposure,
    netExposure: account.netExposure,
    drawdown: drawdownCurve(nav),
  };
  const models = record.models.map(({ name, budgetFraction }, model) => ({
    name,
    times,
    pnl: pnl[model]!,
    ...modelCurve(nav, { budgetFraction, pnl: pnl[model]!, exposure: exposure[model]! }),
  }));
  const statistics = runStatistics(record, { portfolio, models, assetPnl: account.assetPnl });
  return { portfolio, models, residualPnl, holdings: account.holdings, statistics };
}

/** NAV, returns and exposure of a model that is lent `budgetFraction` of the account at every mark. */
function modelCurve(
  nav: Float64Array,
  model: { budgetFraction: number; pnl: Float64Array; exposure: Float64Array },
) {
  const { budgetFraction, pnl, exposure } = model;
  const own = new Float64Array(nav.length);
  const returns = new Float64Array(nav.length);
  const grossExposure = new Float64Array(nav.length);
  for (let mark = 0; mark < nav.length; mark++) {
    const budget = budgetFraction * nav[mark]!;
    if (mark === 0) own[0] = budget;
    else {
      const before = budgetFraction * nav[mark - 1]!;
      const gained = before > 0 ? (pnl[mark]! - pnl[mark - 1]!) / before : 0;
      returns[mark] = gained;
      own[mark] = own[mark - 1]! * (1 + gained);
    }
    grossExposure[mark] = budget > 0 ? exposure[mark]! / budget : 0;
  }
  return { nav: own, returns, grossExposure };
}
