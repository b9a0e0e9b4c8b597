import { upperBound } from "../core/bars.ts";
import type { RegimeDimensionName, RegimeRecord, RunRecord } from "../core/run_record.ts";
import { maxDrawdown } from "../stats/drawdown.ts";
import { annualVolatility, sharpe, simpleReturns } from "../stats/metrics.ts";
import { finiteOrNull } from "../stats/moments.ts";
import type { ModelCurve, PortfolioCurve } from "./curves.ts";
import type { DailyClock } from "../stats/daily_clock.ts";
import { REGIME_DIMENSIONS } from "./regimes.ts";

/** How an account did on the days of one label; every figure is null when there are fewer than two. */
export interface RegimeFigures {
  /** The returns of those days compounded, whatever lies between them. */
  readonly total_return: number | null;
  readonly annual_volatility: number | null;
  readonly sharpe: number | null;
  /** Largest fall of those days' compounded returns from an earlier peak of theirs. */
  readonly max_drawdown: number | null;
}

/** The days of one label, and what came of them. */
export interface RegimeState {
  /** Behind each figure. A day belongs to the label in force at its start. */
  readonly days: number;
  readonly share_of_days: number | null;
  /** Days on which the label was a default. */
  readonly default_days: number;
  readonly portfolio: RegimeFigures;
  readonly models: Readonly<Record<string, RegimeFigures>>;
}

/** By dimension and label, in the order of the record. */
export type RegimeStatistics = Readonly<
  Record<RegimeDimensionName, Readonly<Record<string, RegimeState>>>
>;

/** FR-063: performance by regime, from daily returns; undefined for a run that was not told of regimes. */
export function byRegime(
  { regimes, markTimes }: RunRecord,
  curves: {
    readonly portfolio: PortfolioCurve;
    readonly models: readonly ModelCurve[];
    readonly clock: DailyClock;
  },
): RegimeStatistics | undefined {
  if (!regimes) return undefined;
  const { portfolio, models, clock } = curves;
  const { dailyTimes, dailyNav } = clock.daily(portfolio);
  const decisions = decisionAtStart(dailyTimes, markTimes);
  const returns = simpleReturns(dailyNav);
  const modelReturns = models.map(({ name, ...curve }) => ({
    name,
    returns: simpleReturns(clock.daily(curve).dailyNav),
  }));
  const stateOf = (dimension: RegimeDimensionName, code: number): RegimeState => {
    const chosen = daysOf(regimes, { dimension, code, decisions });
    const figures = (all: Float64Array) =>
      figuresOf(Float64Array.from(chosen, (day) => all[day]!), clock);
    return {
      days: chosen.length,
      share_of_days: finiteOrNull(chosen.length / decisions.length),
      default_days:
        chosen.filter((day) => regimes.defaults[dimension][decisions[day]!] === 1).length,
      portfolio: figures(returns),
      models: Object.fromEntries(modelReturns.map(({ name, returns }) => [name, figures(returns)])),
    };
  };
  const statesOf = (dimension: RegimeDimensionName) =>
    Object.fromEntries(
      regimes.labels[dimension].map((label, code) => [label, stateOf(dimension, code)]),
    );
  return Object.fromEntries(
    REGIME_DIMENSIONS.map((dimension) => [dimension, statesOf(dimension)]),
  ) as RegimeStatistics;
}

/** By day: the decision whose labels were in force when it began. */
function decisionAtStart(dailyTimes: Float64Array, markTimes: Float64Array): Int32Array {
  const last = markTimes.length - 2; // the final mark is no decision
  return Int32Array.from(
    dailyTimes.subarray(0, Math.max(0, dailyTimes.length - 1)),
    (time) => Math.min(upperBound(markTimes, time) - 1, last),
  );
}

function daysOf(
  { codes }: RegimeRecord,
  { dimension, code, decisions }: {
    dimension: RegimeDimensionName;
    code: number;
    decisions: Int32Array;
  },
): Int32Array {
  return Int32Array.from(decisions.keys()).filter((day) =>
    codes[dimension][decisions[day]!] === code
  );
}

function figuresOf(returns: Float64Array, clock: DailyClock): RegimeFigures {
  if (returns.length < 2) return UNKNOWN;
  const nav = new Float64Array(returns.length + 1).fill(1);
  for (const [day, gained] of returns.entries()) nav[day + 1] = nav[day]! * (1 + gained);
  return {
    total_return: finiteOrNull(nav.at(-1)! - 1),
    annual_volatility: annualVolatility(returns, clock),
    sharpe: sharpe(returns, clock),
    max_drawdown: maxDrawdown(nav),
  };
}

const UNKNOWN: RegimeFigures = Object.freeze({
  total_return: null,
  annual_volatility: null,
  sharpe: null,
  max_drawdown: null,
});
