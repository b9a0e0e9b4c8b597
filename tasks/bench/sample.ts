import { systemClock } from "../../lib/core/clock.ts";

/** What several runs of one thing took, in the unit of its line. */
export interface Sample {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/** How long one thing is warmed up and measured. */
export interface Effort {
  /** Fewest runs that are not counted; they go on until `warmUpMs` are spent too. */
  readonly warmUps: number;
  readonly warmUpMs: number;
  /** Fewest runs that are counted; they go on until `measureMs` are spent too. */
  readonly runs: number;
  readonly measureMs: number;
}

/** Compilers need a second or so to settle, whatever the size of the work. */
export const THOROUGH: Effort = { warmUps: 10, warmUpMs: 1000, runs: 11, measureMs: 500 };

/** Enough for an impression. */
export const QUICK: Effort = { warmUps: 3, warmUpMs: 200, runs: 3, measureMs: 50 };

// Very short work would otherwise be run so often that its figures fill the memory.
const MOST_RUNS = 1000;

/** Durations of the counted runs of `work`, in milliseconds. */
export function durations(work: () => unknown, effort: Effort): number[] {
  repeat(work, effort.warmUps, effort.warmUpMs);
  return repeat(work, effort.runs, effort.measureMs);
}

function repeat(work: () => unknown, atLeast: number, forMs: number): number[] {
  const taken: number[] = [];
  let spent = 0;
  while (taken.length < atLeast || (spent < forMs && taken.length < MOST_RUNS)) {
    const begun = systemClock.elapsed();
    sink = work();
    const duration = systemClock.elapsed() - begun;
    taken.push(duration);
    spent += duration;
  }
  return taken;
}

/** Where results go, lest a compiler finds that nobody wants them. */
export let sink: unknown;

/** Median and ends of measured values. RangeError when there are none. */
export function sampleOf(values: readonly number[]): Sample {
  if (values.length === 0) throw new RangeError("A sample needs at least one value");
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1
    ? sorted[middle]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)!, runs: sorted.length };
}
