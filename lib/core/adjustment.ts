import { type Bars, type CorporateAction, lowerBound, type Millis, upperBound } from "./bars.ts";
import { formatDate } from "./clock.ts";
import { Refusal } from "./errors.ts";

/** From `exDate` on, a raw price times `factor` is a total-return price. */
export interface AdjustmentStep {
  readonly exDate: Millis;
  /** The whole product so far, not this step's share of it. */
  readonly factor: number;
}

/**
 * The factor A as a staircase of ex-dates: each takes A times split ratio ÷ (1 − dividend ÷ close of the session
 * before). An event's price is known before it happens, so the steps reach past the last daily bar, and a later
 * action never changes an earlier step. Actions up to the first daily bar are before the story and left out; splits
 * are, too, where the file's prices have them applied.
 */
export function adjustmentSteps(
  dailyOpenTime: Float64Array,
  dailyRawClose: Float64Array,
  actions: readonly CorporateAction[],
  splitsApplied: boolean,
): readonly AdjustmentStep[] {
  const first = dailyOpenTime[0] ?? Infinity;
  const steps: AdjustmentStep[] = [];
  let factor = 1;
  for (const action of inOrder(actions)) {
    if (action.exDate <= first) continue;
    const previousClose = dailyRawClose[lowerBound(dailyOpenTime, action.exDate) - 1]!;
    if (action.kind === "dividend") factor /= 1 - dividendShare(action, previousClose);
    else if (splitsApplied) continue;
    else factor *= action.value;
    steps.push({ exDate: action.exDate, factor });
  }
  return steps;
}

/** The factor in force at each moment: 1 before the first step. Serves daily and H4 open times alike. */
export function factorsAt(times: Float64Array, steps: readonly AdjustmentStep[]): Float64Array {
  const exDates = Float64Array.from(steps, (step) => step.exDate);
  return times.map((time) => steps[upperBound(exDates, time) - 1]?.factor ?? 1);
}

/**
 * The factor of every daily bar (1 at the first): times a raw price it gives a total-return price that later events
 * never change. `actions` are those of this symbol. An ex-date between sessions counts from the next session.
 */
export function adjustmentFactors(
  dailyOpenTime: Float64Array,
  dailyRawClose: Float64Array,
  actions: readonly CorporateAction[],
  splitsApplied: boolean,
): Float64Array {
  const steps = adjustmentSteps(dailyOpenTime, dailyRawClose, actions, splitsApplied);
  return factorsAt(dailyOpenTime, steps);
}

/** The factor of each bar: that of its session's daily bar, else of the newest before it, else 1. */
export function factorsForBars(
  bars: Bars,
  dailyOpenTime: Float64Array,
  factors: Float64Array,
): Float64Array {
  // A session's bars open on its UTC date, and the daily bar at 00:00 of it.
  return bars.openTime.map((time) => factors[upperBound(dailyOpenTime, time) - 1] ?? 1);
}

function dividendShare(action: CorporateAction, previousClose: number): number {
  const share = action.value / previousClose;
  if (share < 1) return share;
  const { symbol, value, exDate } = action;
  throw new Refusal(
    `Cannot adjust "${symbol}": its dividend of ${formatDate(exDate)} is ${value}, ` +
      `expected less than the close before, ${previousClose}`,
  );
}

/** By ex-date, and on one day always in the same order, so that the product has the same bits. */
function inOrder(actions: readonly CorporateAction[]): readonly CorporateAction[] {
  return actions.toSorted((a, b) =>
    a.exDate - b.exDate || (a.kind === b.kind ? a.value - b.value : a.kind < b.kind ? -1 : 1)
  );
}
