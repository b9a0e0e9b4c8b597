import { DAY_MS } from "../core/bars.ts";
import { drawdownDetail, maxDrawdown } from "./drawdown.ts";
import {
  annualVolatility,
  bps,
  bpsBand,
  cagr,
  calmar,
  conditionalValueAtRisk,
  kurtosis,
  sharpe,
  simpleReturns,
  skewness,
  sortino,
  turnover,
  valueAtRisk,
  yearsBetween,
} from "./metrics.ts";
import { finiteOrNull, meanOf } from "./moments.ts";
import { bestMonth, monthlyReturns, positiveMonths, worstMonth } from "./monthly.ts";
import { profitFactor, type RoundTrip, roundTrips, winRate } from "./round_trips.ts";
import type { Account, Statistics } from "./statistics.ts";

export type { Account, Statistics } from "./statistics.ts";

/** Every figure of an account. RangeError when columns of one clock differ in length. */
export function summarize(account: Account): Statistics {
  checkLengths(account);
  const { fees, slippage } = account;
  const growth = growthStatistics(account);
  const drawdown = drawdownStatistics(account);
  const trading = tradingStatistics(account);
  const score = bps({
    sharpe: growth.sharpe,
    cagr: growth.cagr,
    winRate: trading.win_rate,
    maxDrawdown: drawdown.max_drawdown,
  });
  return {
    ...growth,
    calmar: calmar(growth.cagr, drawdown.max_drawdown),
    ...drawdown,
    ...trading,
    fees: finiteOrNull(fees),
    slippage: finiteOrNull(slippage),
    bps: score,
    bps_band: bpsBand(score),
  };
}

function growthStatistics({ times, nav, dailyNav, ...annual }: Account) {
  const returns = simpleReturns(dailyNav);
  const months = monthlyReturns(times, nav);
  const { start, end, first, final } = ends(times, nav);
  return {
    start,
    end,
    days: start === null || end === null ? null : (end - start) / DAY_MS,
    initial_nav: first,
    final_nav: final,
    total_return: first !== null && final !== null && first > 0
      ? finiteOrNull(final / first - 1)
      : null,
    cagr: cagr(nav, times),
    annual_volatility: annualVolatility(returns, annual),
    sharpe: sharpe(returns, annual),
    sortino: sortino(returns, annual),
    best_day: extreme(returns, Math.max),
    worst_day: extreme(returns, Math.min),
    best_month: bestMonth(months),
    worst_month: worstMonth(months),
    positive_months: positiveMonths(months),
    var_95: valueAtRisk(returns, 0.05),
    cvar_95: conditionalValueAtRisk(returns, 0.05),
    skew: skewness(returns),
    kurtosis: kurtosis(returns),
  };
}

function drawdownStatistics({ times, nav }: Account) {
  const depth = maxDrawdown(nav);
  const detail = drawdownDetail(nav, times);
  return {
    max_drawdown: depth,
    max_drawdown_start: detail?.peakTime ?? null,
    max_drawdown_trough: detail?.troughTime ?? null,
    max_drawdown_end: detail?.recoveryTime ?? null,
    max_drawdown_days: depth === null ? null : detail?.lengthDays ?? 0,
    longest_drawdown_days: depth === null ? null : detail?.longestDays ?? 0,
  };
}

function tradingStatistics({ times, nav, grossExposure, fills }: Account) {
  const trips = roundTrips(fills);
  const wins = trips.filter((trip) => trip.pnl > 0).map(fraction);
  const losses = trips.filter((trip) => !(trip.pnl > 0)).map(fraction);
  const notionals = fills.map(({ quantity, price }) => quantity * price);
  return {
    exposure_time: shareInvested(grossExposure),
    mean_gross_exposure: meanOf(grossExposure),
    max_gross_exposure: extreme(grossExposure, Math.max),
    turnover: turnover(notionals, meanOf(nav) ?? NaN, yearsBetween(times)),
    fills: fills.length,
    round_trips: trips.length,
    win_rate: winRate(trips),
    profit_factor: profitFactor(trips),
    average_win: meanOf(wins),
    average_loss: meanOf(losses),
    best_trade: extreme(trips.map(fraction), Math.max),
    worst_trade: extreme(trips.map(fraction), Math.min),
    average_holding_days: meanOf(
      trips.map(({ openTime, closeTime }) => (closeTime - openTime) / DAY_MS),
    ),
  };
}

function shareInvested(grossExposure: Float64Array): number | null {
  let invested = 0;
  for (let i = 0; i < grossExposure.length; i++) if (grossExposure[i]! > 0) invested++;
  return finiteOrNull(invested / grossExposure.length);
}

function fraction(trip: RoundTrip): number {
  return trip.pnlFraction;
}

function ends(times: Float64Array, nav: Float64Array) {
  const at = (column: Float64Array, row: number) => finiteOrNull(column.at(row) ?? NaN);
  return { start: at(times, 0), end: at(times, -1), first: at(nav, 0), final: at(nav, -1) };
}

/** Largest or smallest of a column; null when it is empty or holds anything not finite. */
function extreme(
  values: ArrayLike<number>,
  choose: (a: number, b: number) => number,
): number | null {
  let chosen = values[0] ?? NaN;
  for (let i = 1; i < values.length; i++) chosen = choose(chosen, values[i]!);
  return finiteOrNull(chosen);
}

function checkLengths({ times, nav, dailyTimes, dailyNav, grossExposure }: Account): void {
  const perMark = nav.length === times.length && grossExposure.length === times.length;
  if (perMark && dailyNav.length === dailyTimes.length) return;
  throw new RangeError(
    `Columns of an account differ in length: ${times.length} times, ${nav.length} NAVs, ` +
      `${grossExposure.length} exposures; ${dailyTimes.length} daily times, ${dailyNav.length} daily NAVs`,
  );
}
