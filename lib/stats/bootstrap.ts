import { exp, log } from "../core/math.ts";
import type { Interval, LuckFigures } from "../core/proofs.ts";
import { seededRandom } from "../core/random.ts";
import { stationaryBlockLength } from "./block_length.ts";
import { resampleColumns, type ResampledColumn } from "./bootstrap_resample.ts";
import { type Annual, sharpe } from "./metrics.ts";
import { finiteOrNull } from "./moments.ts";

/** What chance alone makes of one column of returns. */
export type BootstrapFigures = Pick<
  LuckFigures,
  "block_days" | "sharpe" | "cagr" | "max_drawdown" | "drawdown_quantiles"
>;

/** How histories are drawn, and how their figures are scaled to a year. */
export interface BootstrapOptions extends Annual {
  readonly seed: number;
  /** Years of 365.25 days that the returns cover, for the CAGR. */
  readonly years: number;
  /** Mean length of a block, in returns; chosen from the first column, and from its squares, when absent. */
  readonly blockLength?: number;
  readonly resamples?: number;
  /** Share of resamples inside each interval. */
  readonly confidence?: number;
}

/**
 * Percentile intervals (Efron) of Sharpe ratio, CAGR and max drawdown, from histories drawn by the stationary
 * bootstrap. Columns of daily simple returns are resampled together, with the block length of the first, the
 * portfolio's: all speak of the same histories, and drawing days, half of the work, is done once. A column with a
 * return of −1 or less, or with fewer than two, has no figures; RangeError when columns differ in length.
 */
export function stationaryBootstrap(
  columns: readonly Float64Array[],
  options: BootstrapOptions,
): readonly BootstrapFigures[] {
  const { seed, resamples = 2_000, confidence = 0.95 } = options;
  checkOptions(columns, { ...options, resamples, confidence });
  const usable = columns.filter(isUsable);
  const blockLength = options.blockLength ?? historyBlockLength(columns[0]!);
  const random = seededRandom(seed).fork("bootstrap");
  const resampled = resampleColumns(usable, { random, blockLength, resamples });
  let next = 0;
  return columns.map((returns) =>
    isUsable(returns)
      ? figuresOf(resampled[next++]!, { ...options, blockLength, confidence })
      : NO_FIGURES
  );
}

/**
 * Blocks as long as the returns ask for, or their squares where those ask for more: returns hardly remember the day
 * before, their size does for weeks, and without that memory drawn drawdowns are too mild.
 */
function historyBlockLength(returns: Float64Array): number {
  const size = stationaryBlockLength(returns.map((value) => value * value)) ?? 1;
  return Math.max(size, stationaryBlockLength(returns) ?? 1);
}

const NO_INTERVAL: Interval = { estimate: null, low: null, high: null };

const NO_FIGURES: BootstrapFigures = {
  block_days: null,
  sharpe: NO_INTERVAL,
  cagr: NO_INTERVAL,
  max_drawdown: NO_INTERVAL,
  drawdown_quantiles: { p50: null, p75: null, p90: null, p95: null, p99: null },
};

function checkOptions(
  columns: readonly Float64Array[],
  { blockLength = 1, resamples, confidence }: {
    readonly blockLength?: number;
    readonly resamples: number;
    readonly confidence: number;
  },
): void {
  const length = columns[0]?.length;
  if (length === undefined || columns.some((returns) => returns.length !== length)) {
    const lengths = columns.map((returns) => returns.length).join(", ");
    throw new RangeError(
      `Columns of returns must be equally long, found lengths ${lengths || "none"}`,
    );
  }
  if (!(blockLength >= 1 && blockLength <= Math.max(1, length))) {
    throw new RangeError(
      `A mean block length lies between 1 and the ${length} returns, found ${blockLength}`,
    );
  }
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new RangeError(
      `The number of resamples must be a whole number from 1, found ${resamples}`,
    );
  }
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`Confidence must lie between 0 and 1, found ${confidence}`);
  }
}

/** Once nothing is left there is nothing to earn on, and the order of days decides whether that happens. */
function isUsable(returns: Float64Array): boolean {
  return returns.length >= 2 && returns.every((value) => value > -1 && value < Infinity);
}

function figuresOf(
  column: ResampledColumn,
  options: Annual & {
    readonly years: number;
    readonly blockLength: number;
    readonly confidence: number;
  },
): BootstrapFigures {
  const { returns, growths, troughs } = column;
  const { years, confidence } = options;
  const drawdowns = ascending(troughs.map((trough) => 1 - trough));
  const observed = pathOf(returns);
  return {
    block_days: options.blockLength,
    sharpe: interval(sharpe(returns, options), ascending(sharpesOf(column, options)), confidence),
    cagr: interval(
      yearlyGrowth(observed.growth, years),
      ascending(growths.map((growth) => yearlyGrowth(growth, years) ?? NaN)),
      confidence,
    ),
    max_drawdown: interval(1 - observed.trough, drawdowns, confidence),
    drawdown_quantiles: {
      p50: quantile(drawdowns, 0.5),
      p75: quantile(drawdowns, 0.75),
      p90: quantile(drawdowns, 0.9),
      p95: quantile(drawdowns, 0.95),
      p99: quantile(drawdowns, 0.99),
    },
  };
}

/** The Sharpe ratio of every resample, as in `sharpe()`; NaN for one that drew nothing but equal returns. */
function sharpesOf(
  { returns, sums, squares }: ResampledColumn,
  { periodsPerYear, riskFree = 0 }: Annual,
): Float64Array {
  const count = returns.length;
  const scale = Math.sqrt(periodsPerYear);
  return sums.map((sum, i) => {
    const mean = sum / count;
    const spread = squares[i]! - sum * mean;
    // Sums of squares have no more than so many digits to lose.
    if (!(spread > 1e-12 * squares[i]!)) return NaN;
    return (mean - riskFree / periodsPerYear) / Math.sqrt(spread / (count - 1)) * scale;
  });
}

function pathOf(returns: Float64Array): { growth: number; trough: number } {
  let [growth, fall, trough] = [1, 1, 1];
  for (const value of returns) {
    growth *= 1 + value;
    fall = Math.min(1, fall * (1 + value));
    trough = Math.min(trough, fall);
  }
  return { growth, trough };
}

/** As in `cagr()`. */
function yearlyGrowth(growth: number, years: number): number | null {
  return years > 0 ? finiteOrNull(exp(log(growth) / years) - 1) : null;
}

/** Sorts in place, NaN last. */
function ascending(values: Float64Array): Float64Array {
  return values.sort();
}

/**
 * The middle `confidence` of the resamples. Those without a value are left out; when more are without one than may lie
 * outside, or when there is no estimate, there are no bounds.
 */
function interval(estimate: number | null, sorted: Float64Array, confidence: number): Interval {
  const defined = sorted.subarray(0, sorted.findLastIndex((value) => !Number.isNaN(value)) + 1);
  if (estimate === null || defined.length < confidence * sorted.length) {
    return { ...NO_INTERVAL, estimate };
  }
  const outside = (1 - confidence) / 2;
  return { estimate, low: quantile(defined, outside), high: quantile(defined, 1 - outside) };
}

/** Linear between the neighbours of position p·(n − 1), as in `valueAtRisk()`. */
function quantile(sorted: Float64Array, p: number): number | null {
  const position = p * (sorted.length - 1);
  const below = Math.floor(position);
  const lower = sorted[below] ?? NaN;
  const upper = sorted[Math.min(below + 1, sorted.length - 1)] ?? NaN;
  return finiteOrNull(lower + (upper - lower) * (position - below));
}
