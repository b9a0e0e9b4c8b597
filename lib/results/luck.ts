import type { Luck, LuckFigures } from "../core/proofs.ts";
import type { RunRecord } from "../core/run_record.ts";
import { type BootstrapFigures, stationaryBootstrap } from "../stats/bootstrap.ts";
import { kurtosis, sharpe, simpleReturns, skewness, yearsBetween } from "../stats/metrics.ts";
import { minTrackRecordLength } from "../stats/overfitting.ts";
import { permutationTest } from "../stats/permutation.ts";
import { dailyClock } from "../stats/daily_clock.ts";
import type { DerivedRun } from "./derive.ts";
import { runSteps } from "./luck_steps.ts";

/** How much chance is drawn. */
export interface LuckOptions {
  readonly seed: number;
  /** Histories drawn by the bootstrap, 2,000. */
  readonly resamples?: number;
  /** Shuffled histories, 1,000. */
  readonly permutations?: number;
}

const CONFIDENCE = 0.95;

/**
 * What chance alone makes of a run, its portfolio and each of its models, on the daily clock of its statistics. Days are
 * sessions when only equities trade. A model's weights, from its own bookings, are shares of the money it was lent.
 */
export function luckOf(record: RunRecord, derived: DerivedRun, options: LuckOptions): Luck {
  const { seed, resamples = 2_000, permutations = 1_000 } = options;
  const clock = dailyClock(record);
  const { periodsPerYear } = clock;
  const columns = [derived.portfolio, ...derived.models].map((curve) =>
    simpleReturns(clock.daily(curve).dailyNav)
  );
  const bootstraps = stationaryBootstrap(columns, {
    ...{ seed, resamples, periodsPerYear },
    years: yearsBetween(record.markTimes),
    confidence: CONFIDENCE,
  });
  const { dailyTimes } = clock.daily(derived.portfolio);
  const { market, accounts } = runSteps(record, derived, dailyTimes);
  const shuffled = permutationTest(market, accounts, { seed, permutations, periodsPerYear });
  const figures = columns.map((returns, account) =>
    figuresOf(returns, bootstraps[account]!, shuffled[account]!)
  );
  return {
    ...{ seed, confidence: CONFIDENCE, resamples, permutations },
    portfolio: figures[0]!,
    models: Object.fromEntries(
      derived.models.map(({ name }, model) => [name, figures[model + 1]!]),
    ),
  };
}

function figuresOf(
  returns: Float64Array,
  bootstrap: BootstrapFigures,
  permutation: LuckFigures["permutation"],
): LuckFigures {
  const days = minTrackRecordLength({
    sharpe: sharpe(returns, { periodsPerYear: 1 }),
    benchmark: 0,
    skew: skewness(returns),
    kurtosis: kurtosis(returns),
    confidence: CONFIDENCE,
  });
  return {
    ...bootstrap,
    // Without a NAV there is no account whose decisions could be shuffled.
    permutation: bootstrap.sharpe.estimate === null ? null : permutation,
    min_track_record_days: days === null ? null : Math.ceil(days),
    days: returns.length,
  };
}
