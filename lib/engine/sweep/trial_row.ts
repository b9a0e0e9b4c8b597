import { gridMs, type Timeframe, YEAR_MS } from "../../core/bars.ts";
import type { Asset } from "../../core/asset.ts";
import { TRIAL_FIGURES, type TrialFigure } from "../../core/trial_figures.ts";
import { dailyClock } from "../../stats/daily_clock.ts";
import {
  bps,
  cagr,
  calmar,
  sharpeOf,
  sortino,
  turnover,
  volatilityOf,
  yearsBetween,
} from "../../stats/metrics.ts";
import { finiteOrNull, moments, shape } from "../../stats/moments.ts";
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
  const returns = dailyReturns(nav, dailyRows);
  const spread = moments(returns);
  const { skew, kurtosis } = shape(returns, spread);
  const trips = roundTrips(fills);
  const growth = cagr(nav, times);
  const { mean, depth, ratio: barRatio } = barFigures(nav);
  const ratio = sharpeOf(spread, { periodsPerYear });
  const rate = winRate(trips);
  const values: Readonly<Record<TrialFigure, number | null>> = {
    final_nav: nav.at(-1)!,
    total_return: nav.at(-1)! / nav[0]! - 1,
    cagr: growth,
    annual_volatility: volatilityOf(spread, { periodsPerYear }),
    sharpe: ratio,
    sortino: sortino(returns, { periodsPerYear }),
    calmar: calmar(growth, depth),
    max_drawdown: depth,
    win_rate: rate,
    profit_factor: profitFactor(trips),
    turnover: turnover(
      fills.map(({ quantity, price }) => quantity * price),
      mean,
      yearsBetween(times),
    ),
    fills: fills.length,
    round_trips: trips.length,
    fees: finiteOrNull(fees),
    slippage: finiteOrNull(slippage),
    bps: bps({ sharpe: ratio, cagr: growth, winRate: rate, maxDrawdown: depth }),
    skew,
    kurtosis,
    days: returns.length,
    bar_sharpe: barRatio === null ? null : barRatio * Math.sqrt(barsPerYear),
  };
  const figures = Float64Array.from(TRIAL_FIGURES, (figure) => values[figure] ?? NaN);
  return { figures, returns };
}

/** `simpleReturns` of the NAVs at these rows. */
function dailyReturns(nav: Float64Array, rows: Int32Array): Float64Array {
  const returns = new Float64Array(rows.length - 1);
  let before = nav[rows[0]!]!;
  for (let day = 0; day < returns.length; day++) {
    const after = nav[rows[day + 1]!]!;
    if (after === before) continue;
    returns[day] = after / before - 1;
    before = after;
  }
  return returns;
}

/**
 * What every mark counts for: the mean NAV, the max drawdown, and mean ÷ sample deviation of the returns per bar; the last
 * two null where undefined. One pass, as this is most of what a trial costs; marks at which nothing is held cost least.
 */
function barFigures(
  nav: Float64Array,
): { readonly mean: number; readonly depth: number | null; readonly ratio: number | null } {
  let before = nav[0]!;
  let total = before;
  let peak = before;
  let trough = before;
  let depth = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 1; i < nav.length; i++) {
    const value = nav[i]!;
    total += value;
    if (value === before) continue;
    const change = value / before - 1;
    sum += change;
    squares += change * change;
    before = value;
    if (value >= peak) {
      // Below one peak the lowest value is the deepest drawdown: one division a peak is enough.
      if (trough < peak) depth = Math.max(depth, 1 - trough / peak);
      peak = value;
      trough = value;
    } else if (value < trough) trough = value;
  }
  depth = Math.max(depth, 1 - trough / peak);
  const count = nav.length - 1;
  const mean = sum / count;
  const variance = (squares - count * mean * mean) / (count - 1);
  return {
    mean: total / nav.length,
    depth: finiteOrNull(depth),
    ratio: variance > 0 ? finiteOrNull(mean / Math.sqrt(variance)) : null,
  };
}
