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
  outcomes(outcomes: readonly OrderOutcome[]): void;
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
    raw: new Float64Array(size).fill(NaN),
    live: new Uint8Array(size),
    stop: new Float64Array(size).fill(NaN),
    limit: new Float64Array(size).fill(NaN),
  };
  let lastAdjustments: readonly Adjustment[] = [];
  const lastSkip: (Skip | undefined)[] = new Array(assets).fill(undefined);

  const write = (index: number, at: number, { wanted, shares }: Decision) => {
    const model = Math.floor(at / assets);
    const wish = {
      index,
      model,
      asset: at % assets,
      raw: memory.live[at] === 1 ? memory.raw.values[at]! : NaN,
      budget: models[model]!.planned.budgetFraction,
      wanted: wanted.values[at]!,
      share: shares.values[at]!,
      stop: memory.stops.values[at]!,
      limit: memory.limits.values[at]!,
    };
    const same = wish.wanted === last.wanted[at] && wish.share === last.share[at] &&
      Object.is(wish.raw, last.raw[at]) && Object.is(wish.stop, last.stop[at]) &&
      Object.is(wish.limit, last.limit[at]);
    last.live[at] = memory.live[at]!;
    if (same) return;
    last.wanted[at] = wish.wanted;
    last.share[at] = wish.share;
    last.raw[at] = wish.raw;
    last.stop[at] = wish.stop;
    last.limit[at] = wish.limit;
    wishes.push(wish);
  };
  /** Most wishes stay as they were: a look at three numbers tells. */
  const moved = (at: number, { wanted, shares }: Decision) =>
    wanted.values[at] !== last.wanted[at] || shares.values[at] !== last.share[at] ||
    memory.live[at] !== last.live[at];
  return {
    wishes,
    adjustments,
    recorded,
    decision(index, decision) {
      for (let at = 0; at < size; at++) {
        if (memory.legs > 0 || moved(at, decision)) write(index, at, decision);
      }
      if (sameAdjustments(decision.adjustments, lastAdjustments)) return;
      lastAdjustments = decision.adjustments;
      for (const adjustment of decision.adjustments) adjustments.push({ index, ...adjustment });
    },
    outcomes(outcomes) {
      for (const outcome of outcomes) {
        if (outcome.status === "skipped") {
          // A wish too small to send comes back at every decision; it is said once.
          const before = lastSkip[outcome.asset];
          lastSkip[outcome.asset] = outcome;
          if (before?.reason === outcome.reason && before.model === outcome.model) continue;
        } else lastSkip[outcome.asset] = undefined;
        recorded.push(outcome);
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
