import type { Millis } from "../core/bars.ts";

/** When each sample's outcome was in the making, both moments included: row `i` is sample `i`, starts ascending. */
export interface Intervals {
  readonly start: Float64Array;
  readonly end: Float64Array;
}

/** Samples to learn from and samples to be judged by, as indices, ascending. */
export interface Split {
  readonly train: Int32Array;
  readonly test: Int32Array;
  /** Folds that make up the test, from 0, ascending. */
  readonly testFolds: readonly number[];
  /** Samples left out because their interval overlaps that of a test sample. */
  readonly purged: number;
  /** Further samples left out because they begin within the embargo after a test sample's end. */
  readonly embargoed: number;
}

/** How samples are dealt out. */
export interface FoldOptions {
  /** Number of runs of successive samples; the first ones are longer by one where samples do not divide evenly. */
  readonly folds: number;
  /** Time after a test sample's end in which no training sample begins, as what the market remembers may leak. */
  readonly embargoMs: Millis;
}

/** 15 folds choose 7; beyond that lists of indices would fill the memory. */
export const MOST_SPLITS = 6_435;

/**
 * k-fold cross-validation of samples whose outcomes take time (López de Prado 2018, ch. 7): each fold is tested once,
 * and training leaves out what overlaps with it or follows it too soon. RangeError for intervals out of order or a
 * number of folds that is not from 2 to the number of samples.
 */
export function purgedKFold(intervals: Intervals, options: FoldOptions): readonly Split[] {
  return combinatorialPurged(intervals, { ...options, testFolds: 1 });
}

/**
 * Combinatorial purged cross-validation (López de Prado 2018, ch. 12): every choice of `testFolds` folds is tested
 * once, choices in lexicographic order. RangeError as `purgedKFold`, and for more than 6,435 splits.
 */
export function combinatorialPurged(
  intervals: Intervals,
  { folds, testFolds, embargoMs }: FoldOptions & { readonly testFolds: number },
): readonly Split[] {
  requireIntervals(intervals);
  requireFolds(folds, testFolds);
  const samples = intervals.start.length;
  if (folds > samples) {
    throw new RangeError(`Cannot deal ${samples} samples out to ${folds} folds`);
  }
  if (!(embargoMs >= 0)) {
    throw new RangeError(`An embargo must not be negative, found ${embargoMs} ms`);
  }
  const edges = foldEdges(samples, folds);
  return choicesOf(folds, testFolds).map((chosen) =>
    splitOf(intervals, { edges, chosen, embargoMs })
  );
}

/**
 * Paths through all folds that the splits of `combinatorialPurged` make up: for each path, the split (by place) that
 * supplies each fold. Every split supplies each of its test folds to one path; there are C(N, k) · k ÷ N paths.
 */
export function pathsOf(folds: number, testFolds: number): readonly (readonly number[])[] {
  requireFolds(folds, testFolds);
  const suppliers = Array.from({ length: folds }, (): number[] => []);
  for (const [split, chosen] of choicesOf(folds, testFolds).entries()) {
    for (const fold of chosen) suppliers[fold]!.push(split);
  }
  return suppliers[0]!.map((_, path) => suppliers.map((splits) => splits[path]!));
}

/** How many choices of `testFolds` of so many folds there are. */
export function splitCount(folds: number, testFolds: number): number {
  let splits = 1;
  for (let i = 1; i <= testFolds; i++) splits = splits * (folds - testFolds + i) / i;
  return splits;
}

/** Where each fold begins, and the end. */
export function foldEdges(samples: number, folds: number): readonly number[] {
  const [size, longer] = [Math.floor(samples / folds), samples % folds];
  return Array.from({ length: folds + 1 }, (_, fold) => fold * size + Math.min(fold, longer));
}

function splitOf(
  { start, end }: Intervals,
  { edges, chosen, embargoMs }: {
    readonly edges: readonly number[];
    readonly chosen: readonly number[];
    readonly embargoMs: Millis;
  },
): Split {
  const use = new Uint8Array(start.length);
  for (const fold of chosen) use.fill(TEST, edges[fold]!, edges[fold + 1]!);
  for (const fold of chosen) {
    const [from, to] = [edges[fold]!, edges[fold + 1]!];
    const first = start[from]!;
    // As starts ascend, whatever lies before or after a fold and touches its hull overlaps one of its samples.
    const last = end.subarray(from, to).reduce((latest, moment) => Math.max(latest, moment));
    for (let i = 0; i < use.length; i++) {
      if (use[i] === TEST || use[i] === PURGED) continue;
      if (start[i]! <= last && end[i]! >= first) use[i] = PURGED;
      else if (start[i]! > last && start[i]! <= last + embargoMs) use[i] = EMBARGOED;
    }
  }
  return {
    train: placesOf(use, TRAIN),
    test: placesOf(use, TEST),
    testFolds: chosen,
    purged: placesOf(use, PURGED).length,
    embargoed: placesOf(use, EMBARGOED).length,
  };
}

const TRAIN = 0;
const TEST = 1;
const PURGED = 2;
const EMBARGOED = 3;

function placesOf(use: Uint8Array, wanted: number): Int32Array {
  const places = new Int32Array(use.length);
  let count = 0;
  for (let i = 0; i < use.length; i++) if (use[i] === wanted) places[count++] = i;
  return places.slice(0, count);
}

/** Every choice of `size` of the numbers below `count`, ascending, in lexicographic order. */
function choicesOf(count: number, size: number, from = 0): readonly (readonly number[])[] {
  if (size === 0) return [[]];
  return Array.from({ length: count - size - from + 1 }, (_, i) => from + i).flatMap((first) =>
    choicesOf(count, size - 1, first + 1).map((rest) => [first, ...rest])
  );
}

function requireIntervals({ start, end }: Intervals): void {
  if (start.length !== end.length) {
    throw new RangeError(`Intervals have ${start.length} starts and ${end.length} ends`);
  }
  for (let i = 0; i < start.length; i++) {
    if (!(start[i]! <= end[i]!)) {
      throw new RangeError(`Interval ${i} starts at ${start[i]} and ends before, at ${end[i]}`);
    }
    if (i > 0 && start[i]! < start[i - 1]!) {
      throw new RangeError(
        `Intervals must be in order of their start: ${i} starts before ${i - 1}`,
      );
    }
  }
}

function requireFolds(folds: number, testFolds: number): void {
  if (!Number.isInteger(folds) || folds < 2) {
    throw new RangeError(`The number of folds must be a whole number from 2, found ${folds}`);
  }
  if (!Number.isInteger(testFolds) || testFolds < 1 || testFolds >= folds) {
    throw new RangeError(
      `Test folds must be a whole number from 1 and fewer than the ${folds} folds, found ${testFolds}`,
    );
  }
  const splits = splitCount(folds, testFolds);
  if (splits <= MOST_SPLITS) return;
  throw new RangeError(
    `${folds} folds choose ${testFolds} are ${splits} splits, expected at most ${MOST_SPLITS}`,
  );
}
