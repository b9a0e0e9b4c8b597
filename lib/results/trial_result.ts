import type { Asset } from "../core/asset.ts";
import { DAY_MS, gridMs, type Timeframe } from "../core/bars.ts";
import { ceilToGrid } from "../core/calendar.ts";
import { parseTime } from "../core/clock.ts";
import type { RunRecord } from "../core/run_record.ts";
import { TRIAL_FIGURES, type TrialFigure } from "../core/trial_figures.ts";
import { sharpe, simpleReturns } from "../stats/metrics.ts";
import { dailyClock } from "../stats/daily_clock.ts";
import type { DerivedRun } from "./derive.ts";
import type { RunCard } from "./run_card.ts";
import type { LedgerKey, TrialResult } from "./trial_rows.ts";

/** What trials of these models on these data are counted under; in any order. */
export function ledgerKey(
  { models, symbols, timeframe }: {
    readonly models: readonly string[];
    readonly symbols: readonly string[];
    readonly timeframe: string;
  },
): LedgerKey {
  return {
    family: models.toSorted().join("+"),
    dataSet: `${symbols.toSorted().join(",")} ${timeframe}`,
  };
}

/** What a stored run is counted under. */
export function ledgerKeyOfCard({ plan, statistics }: RunCard): LedgerKey {
  return ledgerKey({
    models: Object.keys(statistics.models), // order: sorted there
    symbols: Object.keys(statistics.assets), // order: sorted there
    timeframe: timeframeOf(plan),
  });
}

/** What the ledger keeps of a run that was computed. */
export function trialResult(record: RunRecord, derived: DerivedRun): TrialResult {
  const { periods_per_year, portfolio } = derived.statistics;
  const { times, nav } = derived.portfolio;
  const days = dailyClock(record).daily({ times, nav }).dailyNav.length - 1;
  const barsPerYear = 365 * DAY_MS / gridMs(record.timeframe);
  const others: Partial<Record<TrialFigure, number | null>> = {
    days,
    bar_sharpe: sharpe(simpleReturns(nav), { periodsPerYear: barsPerYear }),
  };
  const figures = TRIAL_FIGURES.map((name) =>
    name in others ? others[name] : portfolio[name as Exclude<TrialFigure, "bar_sharpe">]
  );
  return {
    ...perDay(portfolio, periods_per_year),
    days,
    figures: Float64Array.from(figures, (value) => value ?? NaN),
  };
}

/** The same of a stored run, without the figures that its card does not hold. */
export function trialResultOfCard(
  { plan, statistics }: RunCard,
): TrialResult & { readonly days: number } {
  const { portfolio, periods_per_year } = statistics;
  const { start, end } = portfolio;
  const days = start === null || end === null ? 0 : dailyReturns(parseTime(start), parseTime(end), {
    timeframe: timeframeOf(plan),
    equitiesOnly: periods_per_year === 252,
  });
  return { ...perDay(portfolio, periods_per_year), days };
}

type Moments = { readonly [Name in "sharpe" | "skew" | "kurtosis"]: number | null };

function perDay({ sharpe, skew, kurtosis }: Moments, periodsPerYear: number): Moments {
  return { sharpe: sharpe === null ? null : sharpe / Math.sqrt(periodsPerYear), skew, kurtosis };
}

/** Its class is all that a clock asks for. */
const ANY_EQUITY: Asset = {
  symbol: "SPY",
  assetClass: "equity",
  venue: "",
  ...{ minOrderSize: 0, quantityPrecision: null, pricePrecision: null },
};

/** How many daily returns a run from its first to its last mark has. */
function dailyReturns(
  start: number,
  end: number,
  { timeframe, equitiesOnly }: { timeframe: Timeframe; equitiesOnly: boolean },
): number {
  const step = gridMs(timeframe);
  const inside: number[] = [];
  for (let time = ceilToGrid(start + 1, timeframe); time < end; time += step) inside.push(time);
  const times = Float64Array.from(end > start ? [start, ...inside, end] : [start]);
  const assets = equitiesOnly ? [ANY_EQUITY] : [];
  const clock = dailyClock({ assets, markTimes: times, timeframe });
  return clock.daily({ times, nav: new Float64Array(times.length) }).dailyNav.length - 1;
}

function timeframeOf(plan: unknown): Timeframe {
  return (plan as { readonly timeframe: Timeframe }).timeframe;
}
