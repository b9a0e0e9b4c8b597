import { upperBound } from "../core/bars.ts";
import type { RunRecord } from "../core/run_record.ts";
import { simpleReturns } from "../stats/metrics.ts";
import type { AccountSteps, MarketSteps } from "../stats/permutation.ts";
import type { DerivedRun } from "./derive.ts";

/** A run as the permutation test wants it: the portfolio first, then the models. */
export interface RunSteps {
  readonly market: MarketSteps;
  readonly accounts: readonly AccountSteps[];
}

/**
 * Market, portfolio and models from mark to mark. Days lie between successive `dailyTimes`, so that they compound to
 * the run's daily returns; what comes after the last of them is in no day.
 */
export function runSteps(
  record: RunRecord,
  derived: DerivedRun,
  dailyTimes: Float64Array,
): RunSteps {
  const { markTimes, nav, closes, budgets } = record;
  const ends = Int32Array.from(dailyTimes, (time) => upperBound(markTimes, time) - 1);
  const portfolio = {
    returns: simpleReturns(nav),
    weights: weightsOf(record, fillsOf(record), nav),
  };
  const models = derived.models.map(({ returns }, model): AccountSteps => {
    const lent = nav.map((money, mark) => money * budgets[model]![mark]!);
    const bookings = record.bookings.filter((booking) => booking.model === model);
    return { returns: returns.subarray(1), weights: weightsOf(record, bookings, lent) };
  });
  return {
    market: {
      dayStarts: ends.length === 0 ? Int32Array.of(0) : ends,
      assetReturns: closes.map(simpleReturns),
    },
    accounts: [portfolio, ...models],
  };
}

/** Units gained or given by the decision at `index`. */
interface Change {
  readonly index: number;
  readonly asset: number;
  readonly quantity: number;
}

function fillsOf({ outcomes }: RunRecord): readonly Change[] {
  return outcomes.filter(({ status }) => status === "filled");
}

// As the ledgers themselves do: what is left of a holding after its last sale is rounding.
const DUST = 1e-12;

/** By asset: the share of `money` held from each mark to the next, valued at the mark; 0 without a price or money. */
function weightsOf(
  { closes, markTimes }: RunRecord,
  changes: readonly Change[],
  money: Float64Array,
): readonly Float64Array[] {
  const steps = Math.max(0, markTimes.length - 1);
  return closes.map((close, asset) => {
    const own = changes.filter((change) => change.asset === asset);
    const weights = new Float64Array(steps);
    let units = 0;
    let next = 0;
    for (let step = 0; step < steps; step++) {
      for (; next < own.length && own[next]!.index <= step; next++) {
        const after = units + own[next]!.quantity;
        units = Math.abs(after) <= DUST * Math.abs(units) ? 0 : after;
      }
      const priced = close[step]! > 0 && money[step]! > 0;
      if (units !== 0 && priced) weights[step] = units * close[step]! / money[step]!;
    }
    return weights;
  });
}
