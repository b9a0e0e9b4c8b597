/**
 * The figures of one trial, in the order of its row: those of the account under the names that runs use, and `days`, the
 * number of daily returns; `bar_sharpe` is the Sharpe ratio of returns per bar, at bars per year of a market that never
 * closes. What is undefined is NaN in a row and null wherever it is shown.
 */
export const TRIAL_FIGURES = [
  "final_nav",
  "total_return",
  "cagr",
  "annual_volatility",
  "sharpe",
  "sortino",
  "calmar",
  "max_drawdown",
  "win_rate",
  "profit_factor",
  "turnover",
  "fills",
  "round_trips",
  "fees",
  "slippage",
  "bps",
  "skew",
  "kurtosis",
  "days",
  "bar_sharpe",
] as const;

/** One of the figures of a trial. */
export type TrialFigure = typeof TRIAL_FIGURES[number];

/** A figure at its place in a row. */
export function figureAt(row: ArrayLike<number>, figure: TrialFigure): number {
  return row[TRIAL_FIGURES.indexOf(figure)]!;
}
