import type { Millis } from "../core/bars.ts";
import type { BpsBand } from "./metrics.ts";
import type { Fill } from "./round_trips.ts";

/** What a portfolio or one model went through. */
export interface Account {
  /** Every mark on the decision clock, ascending. */
  readonly times: Float64Array;
  readonly nav: Float64Array;
  /** The marks that daily returns are taken from: see `dailyMarks`. */
  readonly dailyTimes: Float64Array;
  readonly dailyNav: Float64Array;
  /** Σ|position| as a share of NAV, one value per mark in `times`. */
  readonly grossExposure: Float64Array;
  /** In time order. */
  readonly fills: readonly Fill[];
  /** Money paid in fees. */
  readonly fees: number;
  /** Money lost to slippage. */
  readonly slippage: number;
  /** 365, or 252 when only equities trade. */
  readonly periodsPerYear: number;
  /** Per year, 0 by default. */
  readonly riskFree?: number;
}

/**
 * The figures of one account, under the names that results, JSON and SQL use. Rates, returns and
 * drawdowns are fractions; what is undefined is null, never NaN or infinite.
 */
export interface Statistics {
  readonly start: Millis | null;
  readonly end: Millis | null;
  /** Calendar days from start to end. */
  readonly days: number | null;
  readonly initial_nav: number | null;
  readonly final_nav: number | null;
  readonly total_return: number | null;
  readonly cagr: number | null;
  readonly annual_volatility: number | null;
  readonly sharpe: number | null;
  readonly sortino: number | null;
  readonly calmar: number | null;
  readonly best_day: number | null;
  readonly worst_day: number | null;
  readonly best_month: number | null;
  readonly worst_month: number | null;
  /** Share of months that gained. */
  readonly positive_months: number | null;
  /** 5 % quantile of daily returns; negative is a loss. */
  readonly var_95: number | null;
  /** Mean of the daily returns at or below `var_95`. */
  readonly cvar_95: number | null;
  readonly skew: number | null;
  /** Pearson: 3 for a normal distribution. */
  readonly kurtosis: number | null;
  readonly max_drawdown: number | null;
  /** Last mark at the peak before the deepest drawdown. */
  readonly max_drawdown_start: Millis | null;
  readonly max_drawdown_trough: Millis | null;
  /** Back at the peak; null when that never happened. */
  readonly max_drawdown_end: Millis | null;
  /** From its peak to its recovery, or to the end. */
  readonly max_drawdown_days: number | null;
  /** Longest stay below any peak. */
  readonly longest_drawdown_days: number | null;
  /** Share of marks with any position. */
  readonly exposure_time: number | null;
  readonly mean_gross_exposure: number | null;
  readonly max_gross_exposure: number | null;
  /** Times per year that the mean NAV was bought and sold. */
  readonly turnover: number | null;
  readonly fills: number;
  readonly round_trips: number;
  readonly win_rate: number | null;
  readonly profit_factor: number | null;
  /** Mean result of the round trips that gained, a share of their entry value. */
  readonly average_win: number | null;
  /** Mean result of those that did not, a share of their entry value; at most 0. */
  readonly average_loss: number | null;
  readonly best_trade: number | null;
  readonly worst_trade: number | null;
  readonly average_holding_days: number | null;
  /** Money. */
  readonly fees: number | null;
  /** Money. */
  readonly slippage: number | null;
  readonly bps: number | null;
  readonly bps_band: BpsBand | null;
}
