import { gridMs, type Timeframe, YEAR_MS } from "../../core/bars.ts";
import type { Asset } from "../../core/asset.ts";
import { TRIAL_FIGURES, type TrialFigure } from "../../core/trial_figures.ts";
import { dailyClock } from "../../stats/daily_clock.ts";
import { maxDrawdown } from "../../stats/drawdown.ts";
import {
  annualVolatility,
  bps,
  cagr,
  calmar,
  kurtosis,
  sharpe,
  simpleReturns,
  skewness,
  sortino,
  turnover,
  yearsBetween,
} from "../../stats/metrics.ts";
import { finiteOrNull, meanOf } from "../../stats/moments.ts";
import { type Fill, profitFactor, roundTrips, winRate } from "../../stats/round_trips.ts";

/** What one trial went through: all that its figures are made of. */
export interface TrialPath {
  /** NAV at every mark. */
  readonly nav: Float64Array;
  /** In time order. */
  readonly fills: readonly Fill[];
  readonly fees: number;
  readonly slippage: number;
}

/** One trial, measured. */
export interface TrialRow {
  /** In the order of `TRIAL_FIGURES`; NaN where undefined. */
  readonly figures: Float64Array;
  /** Daily simple returns, one shorter than the days. */
  readonly returns: Float64Array;
}

/** Marks of all trials on one range: what a year and a day are there. */
export interface TrialClock {
  readonly times: Float64Array;
  /** Place among the marks of each mark that daily returns are taken from. */
  readonly dailyRows: Int32Array;
  readonly periodsPerYear: number;
  readonly barsPerYear: number;
}

/** The clock of trials with these marks. */
export function trialClock(
  { assets, markTimes: times, timeframe }: {
    readonly assets: readonly Asset[];
    readonly markTimes: Float64Array;
    readonly timeframe: Timeframe;
  },
): TrialClock {
  const clock = dailyClock({ assets, markTimes: times, timeframe });
  // Places handed in as a curve come back as the places of the daily marks.
  const { dailyNav } = clock.daily({ times, nav: Float64Array.from(times, (_, place) => place) });
  return {
    times,
    dailyRows: Int32Array.from(dailyNav),
    periodsPerYear: clock.periodsPerYear,
    barsPerYear: Math.round(YEAR_DAYS_MS / gridMs(timeframe)),
  };
}

// A market that never closes has 365 days in a year, as everywhere in the metrics.
const YEAR_DAYS_MS = 365 / 365.25 * YEAR_MS;

/** The figures of a trial, each as `summarize` has it for a run. */
export function trialRow({ nav, fills, fees, slippage }: TrialPath, clock: TrialClock): TrialRow {
  const { times, dailyRows, periodsPerYear, barsPerYear } = clock;
  const dailyNav = new Float64Array(dailyRows.length);
  for (let day = 0; day < dailyNav.length; day++) dailyNav[day] = nav[dailyRows[day]!]!;
  const returns = simpleReturns(dailyNav);
  const trips = roundTrips(fills);
  const growth = cagr(nav, times);
  const depth = maxDrawdown(nav);
  const ratio = sharpe(returns, { periodsPerYear });
  const rate = winRate(trips);
  const values: Readonly<Record<TrialFigure, number | null>> = {
    final_nav: nav.at(-1)!,
    total_return: nav.at(-1)! / nav[0]! - 1,
    cagr: growth,
    annual_volatility: annualVolatility(returns, { periodsPerYear }),
    sharpe: ratio,
    sortino: sortino(returns, { periodsPerYear }),
    calmar: calmar(growth, depth),
    max_drawdown: depth,
    win_rate: rate,
    profit_factor: profitFactor(trips),
    turnover: turnover(
      fills.map(({ quantity, price }) => quantity * price),
      meanOf(nav) ?? NaN,
      yearsBetween(times),
    ),
    fills: fills.length,
    round_trips: trips.length,
    fees: finiteOrNull(fees),
    slippage: finiteOrNull(slippage),
    bps: bps({ sharpe: ratio, cagr: growth, winRate: rate, maxDrawdown: depth }),
    skew: skewness(returns),
    kurtosis: kurtosis(returns),
    days: returns.length,
    bar_sharpe: sharpe(simpleReturns(nav), { periodsPerYear: barsPerYear }),
  };
  const figures = Float64Array.from(TRIAL_FIGURES, (figure) => values[figure] ?? NaN);
  return { figures, returns };
}
