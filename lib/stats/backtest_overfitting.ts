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
  const rows = Math.floor((matrix[0]?.length ?? 0) / blocks);
  const half = blocks / 2;
  if (matrix.length < 2 || rows * half < 2) return { pbo: null, logits: [] };

  const ratios = matrix.map((column) => blockRatios(column, blocks, rows));
  const choices = halves(blocks);
  const logits = new Array<number>(choices.length);
  // In lexicographic order the complement of a choice is its mirror image, so each pair is scored once.
  for (let i = 0; i < choices.length / 2; i++) {
    const mirror = choices.length - 1 - i;
    const here = ratios.map((ratio) => ratio(choices[i]!));
    const there = ratios.map((ratio) => ratio(choices[mirror]!));
    logits[i] = logitOfBest(here, there);
    logits[mirror] = logitOfBest(there, here);
  }
  return { pbo: logits.filter((logit) => logit <= 0).length / logits.length, logits };
}

/** Mean ÷ sample deviation of one column over any choice of blocks, from each block's mean and spread alone. */
function blockRatios(column: Float64Array, blocks: number, rows: number) {
  const start = column.length - blocks * rows;
  const parts = Array.from(
    { length: blocks },
    (_, block) => moments(column.subarray(start + block * rows, start + (block + 1) * rows)),
  );
  const means = Float64Array.from(parts, (part) => part.mean);
  const squares = Float64Array.from(parts, (part) => part.squares);
  return (choice: Uint8Array): number => {
    // Distances from one of the means: equal blocks then differ by exactly nothing.
    const origin = means[choice[0]!]!;
    let within = 0;
    let sum = 0;
    let between = 0;
    for (let i = 0; i < choice.length; i++) {
      const block = choice[i]!;
      const distance = means[block]! - origin;
      within += squares[block]!;
      sum += distance;
      between += distance * distance;
    }
    const mean = origin + sum / choice.length;
    const total = within + rows * Math.max(0, between - sum * sum / choice.length);
    const deviation = Math.sqrt(total / (rows * choice.length - 1));
    return isRoundingNoise(deviation, mean) ? 0 : mean / deviation;
  };
}

/** Logit of the out-of-sample rank of the trial that is best in sample: the first maximum, ties sharing ranks. */
function logitOfBest(inSample: readonly number[], outOfSample: readonly number[]): number {
  let best = 0;
  for (let i = 1; i < inSample.length; i++) if (inSample[i]! > inSample[best]!) best = i;
  const own = outOfSample[best]!;
  let below = 0;
  let equal = 0;
  for (const other of outOfSample) {
    if (other < own) below++;
    else if (other === own) equal++;
  }
  const rank = below + (equal + 1) / 2;
  // ω = rank ÷ (N + 1), so ω ÷ (1 − ω) is this ratio, and exactly 1 in the middle.
  return log(rank / (outOfSample.length + 1 - rank));
}

/** Every choice of half the blocks, ascending, in lexicographic order. */
function halves(blocks: number): Uint8Array[] {
  const choices: Uint8Array[] = [];
  const choice = Uint8Array.from({ length: blocks / 2 }, (_, i) => i);
  while (true) {
    choices.push(choice.slice());
    let i = choice.length - 1;
    while (i >= 0 && choice[i] === blocks - choice.length + i) i--;
    if (i < 0) return choices;
    choice[i]!++;
    for (let j = i + 1; j < choice.length; j++) choice[j] = choice[j - 1]! + 1;
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
