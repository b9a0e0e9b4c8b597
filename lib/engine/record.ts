import type { Fill, OrderOutcome, Skip } from "../core/orders.ts";
import type { Booking } from "../portfolio/ledger.ts";
import type { Adjustment } from "../risk/apply_rules.ts";
import type { RiskMode } from "../risk/drawdown.ts";
import type { Decision } from "./decide.ts";
import type { SeatedModel } from "./setup.ts";

/** One wish on its way to a target, written down when any number of the chain changed. */
export interface WishRecord {
  /** Place on the decision clock. */
  readonly index: number;
  readonly model: number;
  readonly asset: number;
  /** The model's own weight; NaN while a kept quantity stands for it. */
  readonly raw: number;
  readonly budget: number;
  /** Shares of NAV before and after risk. */
  readonly wanted: number;
  readonly share: number;
}

/** An adjustment with its decision. */
export interface AdjustmentRecord extends Adjustment {
  readonly index: number;
}

/** A change of mode. */
export interface ModeRecord {
  readonly index: number;
  readonly mode: RiskMode;
  readonly nav: number;
  readonly drawdown: number;
}

/** A fill or skip with the decision it came from. */
export type OutcomeRecord = { readonly index: number } & (Fill | Skip);

/** Everything a run leaves behind, market time only. */
export interface RunRecord {
  /** Every decision time, then the final mark. */
  readonly markTimes: Float64Array;
  /** NAV and cash at each mark. */
  readonly nav: Float64Array;
  readonly cash: Float64Array;
  readonly outcomes: readonly OutcomeRecord[];
  readonly bookings: readonly Booking[];
  readonly wishes: readonly WishRecord[];
  readonly adjustments: readonly AdjustmentRecord[];
  readonly modes: readonly ModeRecord[];
  /** Orders that still waited for a market when the run ended: place in the plan's assets, and target weight. */
  readonly lapsed: readonly { readonly asset: number; readonly weight: number }[];
}

/** Writes decisions down, only where they changed. */
export interface Recorder {
  decision(index: number, decision: Decision): void;
  outcomes(index: number, outcomes: readonly OrderOutcome[]): void;
  readonly wishes: WishRecord[];
  readonly adjustments: AdjustmentRecord[];
  readonly recorded: OutcomeRecord[];
}

/** A recorder for these models on `assets` assets; `raw` is where decisions keep live weights. */
export function recorder(
  models: readonly SeatedModel[],
  assets: number,
  wishOf: (at: number) => number,
): Recorder {
  const wishes: WishRecord[] = [];
  const adjustments: AdjustmentRecord[] = [];
  const recorded: OutcomeRecord[] = [];
  const last = models.map(() => new Float64Array(assets * 3));
  let lastAdjustments: readonly Adjustment[] = [];
  const lastSkip: (Skip | undefined)[] = new Array(assets).fill(undefined);

  const wish = (index: number, model: number, asset: number, decision: Decision) => {
    const at = model * assets + asset;
    const before = last[model]!;
    const wanted = decision.wanted.values[at]!;
    const share = decision.shares.values[at]!;
    const raw = wishOf(at);
    const place = asset * 3;
    const same = before[place] === wanted && before[place + 1] === share &&
      Object.is(before[place + 2], raw);
    if (same) return;
    before[place] = wanted;
    before[place + 1] = share;
    before[place + 2] = raw;
    const budget = models[model]!.planned.budgetFraction;
    wishes.push({ index, model, asset, raw, budget, wanted, share });
  };
  return {
    wishes,
    adjustments,
    recorded,
    decision(index, decision) {
      models.forEach(({ places }, model) => {
        for (let i = 0; i < places.length; i++) wish(index, model, places[i]!, decision);
      });
      if (sameAdjustments(decision.adjustments, lastAdjustments)) return;
      lastAdjustments = decision.adjustments;
      for (const adjustment of decision.adjustments) adjustments.push({ index, ...adjustment });
    },
    outcomes(index, outcomes) {
      for (const outcome of outcomes) {
        if (outcome.status === "skipped") {
          // A wish too small to send comes back at every decision; it is said once.
          const before = lastSkip[outcome.asset];
          lastSkip[outcome.asset] = outcome;
          if (before?.reason === outcome.reason && before.model === outcome.model) continue;
        } else lastSkip[outcome.asset] = undefined;
        recorded.push({ index, ...outcome });
      }
    },
  };
}

function sameAdjustments(a: readonly Adjustment[], b: readonly Adjustment[]): boolean {
  return a.length === b.length && a.every((item, i) => {
    const other = b[i]!;
    return item.rule === other.rule && item.asset === other.asset &&
      item.before === other.before && item.after === other.after;
  });
}
