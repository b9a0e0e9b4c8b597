import { lowerBound, type Millis, upperBound } from "../core/bars.ts";
import type { Intervals, Split } from "./splits.ts";

/** What training could have learned of the test it is judged by; nothing, after a purge. */
export interface Overlaps {
  /** Pairs of a training and a test sample whose intervals share a moment. */
  readonly overlaps: number;
  /** Training samples that are in such a pair. */
  readonly samples: number;
  /** Pairs in which the training sample begins after the test sample's end, but within the embargo. */
  readonly embargoBreaches: number;
}

/**
 * Counts, from the intervals alone, what a split should have kept apart. Of all test samples a training sample misses
 * just those that start after its end and those that end before its start; the rest overlap with it.
 */
export function overlapsOf(
  split: Pick<Split, "train" | "test">,
  intervals: Intervals,
  { embargoMs = 0 }: { readonly embargoMs?: Millis } = {},
): Overlaps {
  const starts = ascending(split.test, intervals.start);
  const ends = ascending(split.test, intervals.end);
  let overlaps = 0;
  let samples = 0;
  let embargoBreaches = 0;
  for (const sample of split.train) {
    const [start, end] = [intervals.start[sample]!, intervals.end[sample]!];
    const endedBefore = lowerBound(ends, start);
    const startedByThen = upperBound(starts, end);
    overlaps += startedByThen - endedBefore;
    if (startedByThen > endedBefore) samples++;
    embargoBreaches += endedBefore - lowerBound(ends, start - embargoMs);
  }
  return { overlaps, samples, embargoBreaches };
}

function ascending(samples: Int32Array, moments: Float64Array): Float64Array {
  return Float64Array.from(samples, (sample) => moments[sample]!).sort();
}
