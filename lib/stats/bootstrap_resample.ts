import type { Random } from "../core/random.ts";

/** One column of returns and what each of its resampled histories came to, in the order they were drawn. */
export interface ResampledColumn {
  readonly returns: Float64Array;
  readonly sums: Float64Array;
  readonly squares: Float64Array;
  /** Final NAV ÷ first NAV. */
  readonly growths: Float64Array;
  /** The lowest NAV ÷ the highest before it; 1 when nothing was ever lost. */
  readonly troughs: Float64Array;
}

/**
 * Draws histories by the stationary bootstrap (Politis and Romano 1994) and walks each column of returns along them.
 * A day's returns stay together: every column takes the same days.
 */
export function resampleColumns(
  columns: readonly Float64Array[],
  options: {
    readonly random: Random;
    /** Mean length of a block, at least 1. */
    readonly blockLength: number;
    readonly resamples: number;
  },
): readonly ResampledColumn[] {
  const { resamples } = options;
  const resampled = columns.map((returns): ResampledColumn => ({
    returns,
    sums: new Float64Array(resamples),
    squares: new Float64Array(resamples),
    growths: new Float64Array(resamples),
    troughs: new Float64Array(resamples),
  }));
  const days = new Int32Array(columns[0]?.length ?? 0);
  for (let resample = 0; resample < resamples; resample++) {
    drawDays(days, options);
    for (let i = 0; i < resampled.length; i += 2) {
      const first = resampled[i]!;
      walkTwo(days, { first, second: resampled[i + 1] ?? first, resample });
    }
  }
  return resampled;
}

/** Fills `days` with blocks of geometric length that begin anywhere and run on from the last day to the first. */
export function drawDays(
  days: Int32Array,
  { random, blockLength }: { readonly random: Random; readonly blockLength: number },
): void {
  const count = days.length;
  const scale = blockLength * count;
  let day = random.integer(count);
  for (let i = 0; i < count; i++) {
    days[i] = day;
    // One number decides both: below 1 ÷ length it begins a block, and where in that range it lies says at which day.
    // Bits choose, as a branch that chance decides costs more than all else here.
    const chance = random.next();
    const goesOn = -Math.floor(chance * blockLength) >> 31;
    day = ((day + 1) & goesOn) | ((chance * scale) & ~goesOn);
    if (day >= count) day = 0;
  }
}

/** Two columns at once: one is multiplied while the other's product is awaited, which halves the time. */
function walkTwo(
  days: Int32Array,
  { first, second, resample }: {
    readonly first: ResampledColumn;
    readonly second: ResampledColumn;
    readonly resample: number;
  },
): void {
  const { returns } = first;
  const otherReturns = second.returns;
  let sum = 0, squares = 0, growth = 1, fall = 1, trough = 1;
  let otherSum = 0, otherSquares = 0, otherGrowth = 1, otherFall = 1, otherTrough = 1;
  for (let i = 0; i < days.length; i++) {
    const day = days[i]!;
    const value = returns[day]!;
    sum += value;
    squares += value * value;
    growth *= 1 + value;
    // NAV ÷ its peak so far, without a division.
    fall *= 1 + value;
    if (fall > 1) fall = 1;
    else if (fall < trough) trough = fall;
    const other = otherReturns[day]!;
    otherSum += other;
    otherSquares += other * other;
    otherGrowth *= 1 + other;
    otherFall *= 1 + other;
    if (otherFall > 1) otherFall = 1;
    else if (otherFall < otherTrough) otherTrough = otherFall;
  }
  store(first, resample, [sum, squares, growth, trough]);
  store(second, resample, [otherSum, otherSquares, otherGrowth, otherTrough]);
}

function store(
  column: ResampledColumn,
  resample: number,
  [sum, squares, growth, trough]: readonly [number, number, number, number],
): void {
  column.sums[resample] = sum;
  column.squares[resample] = squares;
  column.growths[resample] = growth;
  column.troughs[resample] = trough;
}
