import type { LuckFigures } from "../core/proofs.ts";
import { seededRandom } from "../core/random.ts";
import { type Annual, sharpe } from "./metrics.ts";
import { daysThatSwap, shuffleWithin } from "./permutation_days.ts";
import { exposureOf, type MarketMoves, movesOf, returnsOn } from "./permutation_exposure.ts";

/** What the market did on the decision clock, cut into days. */
export interface MarketSteps {
  /** First step of each day, then the number of steps in all days. Step `i` leads from mark `i` to `i + 1`. */
  readonly dayStarts: Int32Array;
  /** By asset: simple return over each step, 0 while closed; NaN counts as not traded. */
  readonly assetReturns: readonly Float64Array[];
}

/** What an account did in that market. */
export interface AccountSteps {
  /** Its own simple return over each step, costs paid. */
  readonly returns: Float64Array;
  /** By asset: the share of NAV held over each step, after the fills that begin it; negative is short. */
  readonly weights: readonly Float64Array[];
}

/** Sharpe ratio of an account among those that the same decisions had on shuffled days. */
export type PermutationResult = NonNullable<LuckFigures["permutation"]>;

// Summing in another order moves the last digits of a ratio; equal histories must count as equal.
const SAME = 1e-9;

/**
 * Whether decisions met the days they were made for: whole days of market returns change places with days of the
 * same kind (as many steps, the same assets traded), the weights stay where they are, and so does what is not weight
 * times return: costs, fill prices, interest. The first and the last day, which may be partial, stay too. The statistic
 * is the yearly Sharpe ratio of daily returns, the p-value (1 + #{shuffled ≥ observed}) ÷ (1 + permutations). All
 * accounts see the same shuffled markets. Null where no exposed day has another to swap with, or without a Sharpe ratio.
 */
export function permutationTest(
  market: MarketSteps,
  accounts: readonly AccountSteps[],
  options: Annual & { readonly seed: number; readonly permutations?: number },
): readonly (PermutationResult | null)[] {
  const { seed, permutations = 1_000 } = options;
  if (!Number.isInteger(permutations) || permutations < 1) {
    throw new RangeError(
      `The number of permutations must be a whole number from 1, found ${permutations}`,
    );
  }
  checkLengths(market, accounts);
  const kinds = daysThatSwap(market);
  const days = Int32Array.from({ length: market.dayStarts.length - 1 }, (_, day) => day);
  const moves = movesOf(market, kinds);
  const contests = accounts.map((account) => contestOf(account, { moves, days, options }));
  const random = seededRandom(seed).fork("permutation");
  for (let i = 0; i < permutations && kinds.length > 0; i++) {
    shuffleWithin(kinds, days, random);
    for (const contest of contests) contest?.enter(days);
  }
  return contests.map((contest) => contest?.result() ?? null);
}

function checkLengths(
  { dayStarts, assetReturns }: MarketSteps,
  accounts: readonly AccountSteps[],
): void {
  const steps = dayStarts.at(-1);
  if (steps === undefined) {
    throw new RangeError("Days need at least the number of steps, found none");
  }
  const columns = accounts.flatMap(({ returns, weights }) => [returns, ...weights]);
  const short = [...assetReturns, ...columns].find(({ length }) => length < steps);
  if (short) throw new RangeError(`Columns must have ${steps} steps, found ${short.length}`);
  const other = accounts.find(({ weights }) => weights.length !== assetReturns.length);
  if (other) {
    throw new RangeError(
      `Weights must be given for ${assetReturns.length} assets, found ${other.weights.length}`,
    );
  }
}

/** One account's own history against the shuffled ones. */
function contestOf(
  account: AccountSteps,
  { moves, days, options }: {
    readonly moves: MarketMoves;
    readonly days: Int32Array;
    readonly options: Annual;
  },
) {
  const exposure = exposureOf(moves, account);
  const observed = sharpe(returnsOn(exposure, moves, days), options);
  if (exposure.days.length === 0 || observed === null) return null;
  const bar = observed - SAME * (1 + Math.abs(observed));
  let entered = 0, defined = 0, atLeast = 0, sum = 0;
  return {
    enter(shuffled: Int32Array): void {
      const value = sharpe(returnsOn(exposure, moves, shuffled), options);
      entered++;
      // A history without a ratio is no evidence of skill.
      if (value === null || value >= bar) atLeast++;
      if (value === null) return;
      sum += value;
      defined++;
    },
    result(): PermutationResult | null {
      if (defined === 0) return null;
      return {
        observed,
        shuffled_mean: sum / defined,
        p_value: (1 + atLeast) / (1 + entered),
      };
    },
  };
}
