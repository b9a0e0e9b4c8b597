import { DAY_MS } from "../../core/bars.ts";
import type { CrossRecord, CrossSplit } from "../../core/experiment.ts";
import type { TrialClock } from "../../engine/sweep/trial_row.ts";
import { overlapsOf } from "../../learn/overlaps.ts";
import { foldEdges, type Intervals, pathsOf } from "../../learn/splits.ts";
import { dailySharpe, type TrialReturns } from "../../engine/sweep/sweep_statistics.ts";
import { type CrossSettings, crossSplits } from "./sweep_parts.ts";

/** What a cross-validation stands on beside returns. */
export interface CrossGround {
  readonly clock: Pick<TrialClock, "times" | "dailyRows" | "periodsPerYear">;
  /** From when to when the positions were held that a trial had on each day. */
  held(place: number): Intervals;
  /** By split: places of the trials that it may choose, where each bred its own; any of them elsewhere. */
  readonly pools?: readonly (readonly number[])[] | undefined;
}

/**
 * Purged and embargoed cross-validation over trials: on each split the trial with the best Sharpe ratio on the training days
 * is judged on the test days. The purge is a number of days, given or found before; whether it was long enough for what the
 * winner really held is counted on every split, from its own fills.
 */
export function crossValidation(
  { places, days, read }: TrialReturns,
  settings: CrossSettings,
  { clock, held, pools }: CrossGround,
): CrossRecord {
  const { method, folds, purge_days, embargo_days } = settings;
  const testFolds = method === "purged_kfold" ? 1 : settings.test_folds;
  const splits = crossSplits(clock, settings);
  const winners = splits.map((): Best => ({ place: null, train: null, test: null }));
  const own = pools?.map((pool) => new Set(pool));
  const best: Float64Array[] = splits.map(() => new Float64Array(0));
  for (const place of places) {
    const returns = read(place);
    splits.forEach((split, i) => {
      // What another split bred knows days that this one tests on.
      if (own && !own[i]!.has(place)) return;
      const train = dailySharpe(returns, split.train);
      if (train === null || train <= (winners[i]!.train ?? -Infinity)) return;
      winners[i] = { place, train, test: dailySharpe(returns, split.test) };
      best[i] = returns;
    });
  }
  const annual = (ratio: number | null) =>
    ratio === null ? null : ratio * Math.sqrt(clock.periodsPerYear);
  const heldOnce = remembered(held);
  return {
    ...{ method, folds, test_folds: testFolds, purge_days, embargo_days },
    longest_holding_days: longestOf(winners.map(({ place }) => place), heldOnce),
    splits: splits.map((split, i): CrossSplit => {
      const { place, train, test } = winners[i]!;
      return {
        folds: split.testFolds,
        train_days: split.train.length,
        test_days: split.test.length,
        purged_days: split.purged,
        embargoed_days: split.embargoed,
        overlaps: place === null ? null : overlapsOf(split, heldOnce(place)).samples,
        winner: place,
        ...(pools ? { bred: pools[i]!.length } : {}),
        train_sharpe: annual(train),
        test_sharpe: annual(test),
      };
    }),
    path_sharpes: pathsOf(folds, testFolds).map((path) =>
      annual(pathSharpe(path, best, { folds, days }))
    ),
  };
}

interface Best {
  readonly place: number | null;
  readonly train: number | null;
  readonly test: number | null;
}

/** One trial wins many splits. */
function remembered(held: CrossGround["held"]): CrossGround["held"] {
  const known = new Map<number, Intervals>();
  return (place) => {
    const found = known.get(place) ?? held(place);
    known.set(place, found);
    return found;
  };
}

function longestOf(
  places: readonly (number | null)[],
  held: CrossGround["held"],
): number | null {
  const known = [...new Set(places)].filter((place) => place !== null).map(held);
  if (known.length === 0) return null;
  const longest = known.map(({ start, end }) =>
    start.reduce((most, moment, day) => Math.max(most, end[day]! - moment), 0)
  );
  return Math.ceil(Math.max(...longest) / DAY_MS);
}

/** The Sharpe ratio of one path through all folds, each traded with what won on the split that supplies it. */
function pathSharpe(
  path: readonly number[],
  winners: readonly Float64Array[],
  { folds, days }: { readonly folds: number; readonly days: number },
): number | null {
  const edges = foldEdges(days, folds);
  const joined = new Float64Array(days);
  for (const [fold, split] of path.entries()) {
    const returns = winners[split]!;
    if (returns.length === 0) return null;
    joined.set(returns.subarray(edges[fold]!, edges[fold + 1]!), edges[fold]!);
  }
  return dailySharpe(joined);
}
