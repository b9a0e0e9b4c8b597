import { gridMs, lowerBound, type Millis, type Timeframe, YEAR_MS } from "../../core/bars.ts";
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
import {
  type Fill,
  profitFactor,
  type RoundTrip,
  roundTrips,
  winRate,
} from "../../stats/round_trips.ts";

/** One execution of a trial. */
export interface TrialFill extends Fill {
  /** When it was decided: at the close, an order fills on a bar that has ended by then. */
  readonly time: Millis;
  /** Money that slippage took of it. */
  readonly slippage: number;
}

/** What one trial went through: all that its figures are made of. */
export interface TrialPath {
  /** NAV at every mark. */
  readonly nav: Float64Array;
  /** In time order. */
  readonly fills: readonly TrialFill[];
}

/** One trial, measured. */
export interface TrialRow {
  /** In the order of `TRIAL_FIGURES`, NaN where undefined: of the whole range, then of each slice that was asked for. */
  readonly figures: Float64Array;
  /** Daily simple returns over the whole range, one shorter than the days. */
  readonly returns: Float64Array;
}

/** A part of a range, from midnight to midnight, UTC. */
export interface Slice {
  readonly start: Millis;
  readonly end: Millis;
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

/** The part of a clock that a slice covers, and the places among the marks where it begins and ends. */
export interface SliceClock extends TrialClock {
  readonly from: number;
  readonly to: number;
}

/** The clock of a slice; RangeError for one that holds no two marks. */
export function sliceClock(
  market: Parameters<typeof trialClock>[0],
  { start, end }: Slice,
): SliceClock {
  const from = lowerBound(market.markTimes, start);
  const to = Math.min(lowerBound(market.markTimes, end), market.markTimes.length - 1);
  if (to <= from) throw new RangeError(`A slice from ${start} to ${end} holds no two marks`);
  return {
    ...trialClock({ ...market, markTimes: market.markTimes.subarray(from, to + 1) }),
    from,
    to,
  };
}

/** Memory that trials which nobody asks for their returns write them to, one after the other. */
export interface ReturnsScratch {
  memory: Float64Array;
}

/** The figures of a trial, each as `summarize` has it for a run: of its whole range, and of slices of it. */
export function trialRow(
  path: TrialPath,
  clock: TrialClock,
  { slices = [], scratch }: {
    readonly slices?: readonly SliceClock[];
    /** Where it is given, the returns hold until the next trial. */
    readonly scratch?: ReturnsScratch | undefined;
  } = {},
): TrialRow {
  const trips = roundTrips(path.fills);
  const returns = dailyReturns(path.nav, clock.dailyRows, scratch);
  const whole = figuresOf({ ...path, trips, returns }, clock);
  if (slices.length === 0) return { figures: whole, returns };
  const figures = new Float64Array((1 + slices.length) * whole.length);
  figures.set(whole);
  slices.forEach((slice, i) => {
    const nav = path.nav.subarray(slice.from, slice.to + 1);
    const [start, end] = [slice.times[0]!, slice.times.at(-1)!];
    const isInside = (time: Millis) => time >= start && time < end;
    const part = {
      nav,
      fills: path.fills.filter(({ time }) => isInside(time)),
      // A trade counts where it was closed: until then nobody knew what became of it.
      trips: trips.filter(({ closeTime }) => isInside(closeTime)),
      returns: dailyReturns(nav, slice.dailyRows),
    };
    figures.set(figuresOf(part, slice), (i + 1) * whole.length);
  });
  return { figures, returns };
}

function figuresOf(
  { nav, fills, trips, returns }: TrialPath & {
    readonly trips: readonly RoundTrip[];
    readonly returns: Float64Array;
  },
  { times, periodsPerYear, barsPerYear }: TrialClock,
): Float64Array {
  const spread = moments(returns);
  const { skew, kurtosis } = shape(returns, spread);
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
    fees: fills.reduce((sum, { fee }) => sum + fee, 0),
    slippage: fills.reduce((sum, { slippage }) => sum + slippage, 0),
    bps: bps({ sharpe: ratio, cagr: growth, winRate: rate, maxDrawdown: depth }),
    skew,
    kurtosis,
    days: returns.length,
    bar_sharpe: barRatio === null ? null : barRatio * Math.sqrt(barsPerYear),
  };
  return Float64Array.from(TRIAL_FIGURES, (figure) => values[figure] ?? NaN);
}

/** Zeros, new ones or where the trial before wrote. */
function memoryFor(length: number, scratch: ReturnsScratch | undefined): Float64Array {
  if (!scratch) return new Float64Array(length);
  if (scratch.memory.length === length) return scratch.memory.fill(0);
  return scratch.memory = new Float64Array(length);
}

/** `simpleReturns` of the NAVs at these rows. */
function dailyReturns(
  nav: Float64Array,
  rows: Int32Array,
  scratch?: ReturnsScratch,
): Float64Array {
  const returns = memoryFor(rows.length - 1, scratch);
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
