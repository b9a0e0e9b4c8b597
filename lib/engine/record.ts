import type { OrderOutcome, Skip } from "../core/orders.ts";
import type {
  Adjustment,
  AdjustmentRecord,
  OutcomeRecord,
  WishRecord,
} from "../core/run_record.ts";
import type { Decision } from "./decide.ts";
import type { DecisionMemory } from "./memory.ts";
import type { SeatedModel } from "./setup.ts";

/** Writes decisions down, only where they changed. */
export interface Recorder {
  decision(index: number, decision: Decision): void;
  outcomes(index: number, outcomes: readonly OrderOutcome[]): void;
  readonly wishes: WishRecord[];
  readonly adjustments: AdjustmentRecord[];
  readonly recorded: OutcomeRecord[];
}

/** A recorder for these models on `assets` assets, reading the models' own words from `memory`. */
export function recorder(
  models: readonly SeatedModel[],
  assets: number,
  memory: DecisionMemory,
): Recorder {
  const wishes: WishRecord[] = [];
  const adjustments: AdjustmentRecord[] = [];
  const recorded: OutcomeRecord[] = [];
  const size = models.length * assets;
  // Numbers as last written down; a wish of nothing, never spoken, is where each begins.
  const last = {
    wanted: new Float64Array(size),
    share: new Float64Array(size),
    raw: new Float64Array(size),
    stop: new Float64Array(size).fill(NaN),
    limit: new Float64Array(size).fill(NaN),
  };
  let lastAdjustments: readonly Adjustment[] = [];
  const lastSkip: (Skip | undefined)[] = new Array(assets).fill(undefined);

  const wish = (index: number, model: number, asset: number, decision: Decision) => {
    const at = model * assets + asset;
    const wanted = decision.wanted.values[at]!;
    const share = decision.shares.values[at]!;
    const live = memory.live[at] === 1;
    const raw = live ? memory.raw.values[at]! : NaN;
    const same = wanted === last.wanted[at] && share === last.share[at] &&
      (live ? raw === last.raw[at] : last.raw[at] !== last.raw[at]);
    if (same && memory.legs === 0) return;
    const stop = memory.stops.values[at]!;
    const limit = memory.limits.values[at]!;
    if (same && Object.is(stop, last.stop[at]) && Object.is(limit, last.limit[at])) return;
    last.wanted[at] = wanted;
    last.share[at] = share;
    last.raw[at] = raw;
    last.stop[at] = stop;
    last.limit[at] = limit;
    const budget = models[model]!.planned.budgetFraction;
    wishes.push({ index, model, asset, raw, budget, wanted, share, stop, limit });
  };
  return {
    wishes,
    adjustments,
    recorded,
    decision(index, decision) {
      for (let model = 0; model < models.length; model++) {
        const { places } = models[model]!;
        for (let i = 0; i < places.length; i++) wish(index, model, places[i]!, decision);
      }
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
