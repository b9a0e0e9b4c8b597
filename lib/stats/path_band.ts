import type { Random } from "../core/random.ts";
import { drawDays } from "./bootstrap_resample.ts";

/** Quantiles of drawn histories, day after day, and the growth of each history. */
export interface PathBand {
  /** By level: growth since the start after 0, 1, … days. */
  readonly levels: readonly Float64Array[];
  /** Of each history over all days, ascending. */
  readonly growths: Float64Array;
}

/**
 * What daily returns could make of 1 over some days: histories drawn by the stationary bootstrap (Politis and Romano 1994)
 * from returns of another time, quantiles with linear interpolation. RangeError without returns.
 */
export function pathBand(
  returns: Float64Array,
  { days, random, blockLength, resamples = 2_000, levels }: {
    readonly days: number;
    readonly random: Random;
    readonly blockLength: number;
    readonly resamples?: number;
    readonly levels: readonly number[];
  },
): PathBand {
  if (returns.length === 0) throw new RangeError("A band is drawn from returns, found none");
  const byDay = Array.from({ length: days + 1 }, () => new Float64Array(resamples).fill(1));
  const drawn = new Int32Array(returns.length);
  for (let history = 0; history < resamples; history++) {
    let growth = 1;
    for (let day = 0; day < days; day++) {
      const at = day % drawn.length;
      if (at === 0) drawDays(drawn, { random, blockLength });
      growth *= 1 + returns[drawn[at]!]!;
      byDay[day + 1]![history] = growth;
    }
  }
  for (const column of byDay) column.sort();
  return {
    levels: levels.map((level) => Float64Array.from(byDay, (column) => quantile(column, level))),
    growths: byDay.at(-1)!,
  };
}

function quantile(sorted: Float64Array, level: number): number {
  const at = level * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(sorted.length - 1, low + 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (at - low);
}
