import { type Bars, DAY_MS, type Millis } from "../../core/bars.ts";
import { parseDate } from "../../core/clock.ts";
import { type Random, seededRandom } from "../../core/random.ts";
import { movingAverageCross } from "../../models/moving_average_cross.ts";
import type { PlannedAsset } from "../plan.ts";
import { trialRunner } from "../sweep/runner.ts";
import { garchMarket } from "./garch_market.ts";
import { judgeSweep, type SweepVerdict } from "./judge.ts";
import { type Pair, PAIRS, proofPlans } from "./proof_plans.ts";
import { signFlipped } from "./sign_flip.ts";

/** A real price history, in total-return units, and what trading it costs. */
export interface HistoryMarket {
  readonly asset: PlannedAsset;
  readonly bars: Bars;
}

/** What all sweeps of a proof have in common: plain data that workers can be sent. */
export interface ProofGround {
  readonly seed: number;
  /** Bars of each synthetic market. */
  readonly bars: number;
  readonly resamples: number;
  readonly histories: readonly HistoryMarket[];
}

/** One sweep of a proof: a market and its number, from 0. */
export type ProofSweep =
  | { readonly kind: "garch"; readonly strength: number; readonly number: number }
  | { readonly kind: "garch_free"; readonly number: number }
  | { readonly kind: "sign_flipped"; readonly history: number; readonly number: number };

const START = parseDate("2020-01-01");

const SYNTHETIC: PlannedAsset = {
  ...{ symbol: "GARCH", assetClass: "crypto", venue: "binance" },
  ...{ minOrderSize: 0, quantityPrecision: null, pricePrecision: null },
  ...{ feeBps: 10, slippageBps: 5 },
};

/**
 * Makes the market of one sweep, runs its trials, costs included, and judges the best. Depends on nothing but the ground
 * and the sweep itself. Sweeps of one number have the same news at every strength, so that only the edge differs.
 */
export function runProofSweep(
  ground: ProofGround,
  sweep: ProofSweep,
  pairs: readonly Pair[] = PAIRS,
): SweepVerdict {
  const { asset, bars, random } = marketOf(ground, sweep);
  const end = bars.openTime.at(-1)! + DAY_MS;
  const range = { start: dayOf(bars.openTime[0]!), end: dayOf(end) };
  const plans = proofPlans(asset, range, pairs);
  const data = [{
    symbol: asset.symbol,
    bars: { h4: bars },
    ...{ actions: [], splitsApplied: false },
  }];
  const runner = trialRunner({ data }, [movingAverageCross]);
  return judgeSweep(plans.map((plan) => runner.run(plan)), {
    // As the ledger counts them: a plan that is tried twice is one trial.
    trials: new Set(plans.map((plan) => JSON.stringify(plan))).size,
    periodsPerYear: asset.assetClass === "equity" ? 252 : 365,
    seed: random.fork("superior ability").integer(0x8000_0000),
    resamples: ground.resamples,
  });
}

function dayOf(time: Millis): Millis {
  return Math.floor(time / DAY_MS) * DAY_MS;
}

function marketOf(
  { seed, bars, histories }: ProofGround,
  sweep: ProofSweep,
): HistoryMarket & { readonly random: Random } {
  const root = seededRandom(seed).fork("prove search");
  if (sweep.kind !== "sign_flipped") {
    const isFree = sweep.kind === "garch_free";
    const random = root.fork("garch").fork(String(sweep.number));
    const { symbol } = SYNTHETIC;
    const market = garchMarket({
      random,
      symbol,
      start: START,
      bars,
      strength: isFree ? 0 : sweep.strength,
    });
    const asset = isFree ? { ...SYNTHETIC, feeBps: 0, slippageBps: 0 } : SYNTHETIC;
    return { asset, bars: market.bars, random };
  }
  const { asset, bars: real } = histories[sweep.history]!;
  const random = root.fork(asset.symbol).fork(String(sweep.number));
  return { asset, bars: signFlipped(real, random.fork("coins")), random };
}
