import { log } from "../core/math.ts";
import { isRoundingNoise, moments } from "./moments.ts";

/** How often the best trial in sample was below the median out of sample. */
export interface BacktestOverfitting {
  /** Share of logits at or below 0; null for fewer than two trials or too few rows. */
  readonly pbo: number | null;
  /** ln(ω/(1 − ω)) for each choice of in-sample blocks, choices in lexicographic order. */
  readonly logits: readonly number[];
}

// 24 blocks give 2.7 million choices; beyond that a call would seem to hang.
const MOST_BLOCKS = 24;

/**
 * Probability of backtest overfitting by combinatorially symmetric cross-validation (Bailey, Borwein, López de
 * Prado and Zhu 2017). `matrix` holds one column of returns a trial; rows beyond a multiple of `blocks` are dropped
 * from the start. Throws RangeError for an odd number of blocks, unequal columns or a return that is not finite.
 */
export function probabilityOfBacktestOverfitting(
  matrix: readonly Float64Array[],
  { blocks }: { readonly blocks: number },
): BacktestOverfitting {
  requireBlocks(blocks);
  requireColumns(matrix);
  const all = new Float64Array(matrix.length * 2 * blocks);
  matrix.forEach((column, trial) => all.set(momentsOfBlocks(column, blocks), trial * 2 * blocks));
  return overfittingFromBlocks(all, { blocks, days: matrix[0]?.length ?? 0 });
}

/**
 * All that cross-validation needs of one trial, in little memory: the mean of each block of returns, then of each the
 * sum of squared distances from it. Throws RangeError as `probabilityOfBacktestOverfitting` does.
 */
export function blockMoments(returns: Float64Array, blocks: number): Float64Array {
  requireBlocks(blocks);
  requireColumns([returns]);
  return momentsOfBlocks(returns, blocks);
}

/**
 * What `probabilityOfBacktestOverfitting` says of the same trials, to the last bit. `all` holds the `blockMoments` of
 * trial after trial, taken of `days` returns each. Throws RangeError for a length that is not one of whole trials.
 */
export function overfittingFromBlocks(
  all: Float64Array,
  { blocks, days }: { readonly blocks: number; readonly days: number },
): BacktestOverfitting {
  requireBlocks(blocks);
  const trials = all.length / (2 * blocks);
  if (!Number.isInteger(trials)) {
    throw new RangeError(
      `Cannot cross-validate: ${all.length} moments are not ${2 * blocks} for each trial`,
    );
  }
  const rows = Math.floor(days / blocks);
  const half = blocks / 2;
  if (trials < 2 || !(rows * half >= 2)) return { pbo: null, logits: [] };

  const here = new Float64Array(trials);
  const there = new Float64Array(trials);
  const order = Int32Array.from({ length: blocks }, (_, block) => block);
  const logits = new Array<number>(numberOfHalves(blocks));
  // In lexicographic order the complement of a choice is its mirror image, so each pair is scored once.
  for (let i = 0; i < logits.length / 2; i++) {
    score(here, all, { order, from: 0, rows });
    score(there, all, { order, from: half, rows });
    logits[i] = logitOfBest(here, there);
    logits[logits.length - 1 - i] = logitOfBest(there, here);
    nextHalf(order);
  }
  return { pbo: logits.filter((logit) => logit <= 0).length / logits.length, logits };
}

/** Lower quartile, median and upper quartile of the logits, linear between neighbours; null when there are none. */
export function logitQuartiles(
  logits: readonly number[],
): readonly [number, number, number] | null {
  if (logits.length === 0) return null;
  const sorted = Float64Array.from(logits).sort();
  const at = (share: number) => {
    const position = share * (sorted.length - 1);
    const lower = sorted[Math.floor(position)]!;
    const upper = sorted[Math.ceil(position)]!;
    return lower + (upper - lower) * (position - Math.floor(position));
  };
  return [at(0.25), at(0.5), at(0.75)];
}

function momentsOfBlocks(returns: Float64Array, blocks: number): Float64Array {
  const rows = Math.floor(returns.length / blocks);
  const start = returns.length - blocks * rows;
  const found = new Float64Array(2 * blocks);
  for (let block = 0; block < blocks; block++) {
    const first = start + block * rows;
    const { mean, squares } = moments(returns.subarray(first, first + rows));
    found[block] = mean;
    found[blocks + block] = squares;
  }
  return found;
}

/** Mean ÷ sample deviation of every trial over the half of the blocks that stands at `from` in `order`. */
function score(
  ratios: Float64Array,
  all: Float64Array,
  { order, from, rows }: {
    readonly order: Int32Array;
    readonly from: number;
    readonly rows: number;
  },
): void {
  const blocks = order.length;
  const half = blocks / 2;
  for (let trial = 0; trial < ratios.length; trial++) {
    const means = trial * 2 * blocks;
    const squares = means + blocks;
    // Distances from one of the means: equal blocks then differ by exactly nothing.
    const origin = all[means + order[from]!]!;
    let within = 0;
    let sum = 0;
    let between = 0;
    for (let i = from; i < from + half; i++) {
      const block = order[i]!;
      const distance = all[means + block]! - origin;
      within += all[squares + block]!;
      sum += distance;
      between += distance * distance;
    }
    const mean = origin + sum / half;
    const total = within + rows * Math.max(0, between - sum * sum / half);
    const deviation = Math.sqrt(total / (rows * half - 1));
    ratios[trial] = isRoundingNoise(deviation, mean) ? 0 : mean / deviation;
  }
}

/** Logit of the out-of-sample rank of the trial that is best in sample: the first maximum, ties sharing ranks. */
function logitOfBest(inSample: Float64Array, outOfSample: Float64Array): number {
  let best = 0;
  for (let i = 1; i < inSample.length; i++) if (inSample[i]! > inSample[best]!) best = i;
  const own = outOfSample[best]!;
  let below = 0;
  let equal = 0;
  for (let i = 0; i < outOfSample.length; i++) {
    if (outOfSample[i]! < own) below++;
    else if (outOfSample[i] === own) equal++;
  }
  const rank = below + (equal + 1) / 2;
  // ω = rank ÷ (N + 1), so ω ÷ (1 − ω) is this ratio, and exactly 1 in the middle.
  return log(rank / (outOfSample.length + 1 - rank));
}

/** Ways to choose half of the blocks. */
function numberOfHalves(blocks: number): number {
  let ways = 1;
  for (let i = 1; i <= blocks / 2; i++) ways = ways * (blocks / 2 + i) / i;
  return ways;
}

/** Turns `order`, a choice of half the blocks and then the other half, both ascending, into the next choice. */
function nextHalf(order: Int32Array): void {
  const blocks = order.length;
  const half = blocks / 2;
  let i = half - 1;
  while (i > 0 && order[i] === half + i) i--;
  let next = order[i]! + 1;
  for (; i < half; i++) order[i] = next++;
  let chosen = 0;
  let left = half;
  for (let block = 0; block < blocks; block++) {
    if (chosen < half && order[chosen] === block) chosen++;
    else order[left++] = block;
  }
}

function requireBlocks(blocks: number): void {
  if (Number.isInteger(blocks) && blocks % 2 === 0 && blocks >= 2 && blocks <= MOST_BLOCKS) return;
  throw new RangeError(
    `Cannot cross-validate: blocks must be an even number from 2 to ${MOST_BLOCKS}, found ${blocks}`,
  );
}

function requireColumns(matrix: readonly Float64Array[]): void {
  for (const [trial, column] of matrix.entries()) {
    if (column.length !== matrix[0]!.length) {
      throw new RangeError(
        `Cannot cross-validate: trial ${trial} has ${column.length} returns, ` +
          `expected ${matrix[0]!.length} as in trial 0`,
      );
    }
    const row = column.findIndex((value) => !Number.isFinite(value));
    if (row >= 0) {
      throw new RangeError(
        `Cannot cross-validate: trial ${trial}, row ${row} is ${
          column[row]
        }, expected a finite return`,
      );
    }
  }
}
