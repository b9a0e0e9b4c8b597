import type { Random } from "../core/random.ts";
import { drawDays } from "./bootstrap_resample.ts";

/** Days drawn by the stationary bootstrap, kept as runs of successive days: what a sum over them needs. */
export interface StationaryDraws {
  /** First day and the day after the last of each run, in turn. */
  readonly runs: Int32Array;
  /** Where each resample begins in `runs`; one more than there are resamples. */
  readonly offsets: Int32Array;
}

/**
 * Draws every resample once for any number of columns (Politis and Romano 1994). A block that goes on from the last
 * day to the first is two runs.
 */
export function stationaryDraws(
  count: number,
  options: {
    readonly random: Random;
    /** Mean length of a block, at least 1. */
    readonly blockLength: number;
    readonly resamples: number;
  },
): StationaryDraws {
  const { resamples } = options;
  const days = new Int32Array(count);
  const offsets = new Int32Array(resamples + 1);
  const drawn: Int32Array[] = [];
  for (let resample = 0; resample < resamples; resample++) {
    drawDays(days, options);
    const runs = runsOf(days);
    offsets[resample + 1] = offsets[resample]! + runs.length;
    drawn.push(runs);
  }
  const runs = new Int32Array(offsets[resamples]!);
  drawn.forEach((part, resample) => runs.set(part, offsets[resample]!));
  return { runs, offsets };
}

function runsOf(days: Int32Array): Int32Array {
  const runs = new Int32Array(2 * days.length);
  let length = 0;
  for (let i = 0; i < days.length; i++) {
    if (i === 0 || days[i] !== days[i - 1]! + 1) {
      runs[length] = days[i]!;
      length += 2;
    }
    runs[length - 1] = days[i]! + 1;
  }
  return runs.slice(0, length);
}
