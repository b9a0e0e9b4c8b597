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

const FIELDS = 5;

/** A recorder for these models on `assets` assets, reading the models' own words from `memory`. */
export function recorder(
  models: readonly SeatedModel[],
  assets: number,
  memory: DecisionMemory,
): Recorder {
  const wishes: WishRecord[] = [];
  const adjustments: AdjustmentRecord[] = [];
  const recorded: OutcomeRecord[] = [];
  const last = models.map(() => new Float64Array(assets * FIELDS));
  let lastAdjustments: readonly Adjustment[] = [];
  const lastSkip: (Skip | undefined)[] = new Array(assets).fill(undefined);

  const now = new Float64Array(FIELDS);

  const wish = (index: number, model: number, asset: number, decision: Decision) => {
    const at = model * assets + asset;
    now[0] = decision.wanted.values[at]!;
    now[1] = decision.shares.values[at]!;
    now[2] = memory.live[at] === 1 ? memory.raw.values[at]! : NaN;
    now[3] = memory.stops.values[at]!;
    now[4] = memory.limits.values[at]!;
    const before = last[model]!;
    let same = true;
    for (let field = 0; field < FIELDS; field++) {
      const place = asset * FIELDS + field;
      if (!Object.is(before[place], now[field])) same = false;
      before[place] = now[field]!;
    }
    if (same) return;
    const budget = models[model]!.planned.budgetFraction;
    const [wanted, share, raw, stop, limit] = now as unknown as [
      number,
      number,
      number,
      number,
      number,
    ];
    wishes.push({ index, model, asset, raw, budget, wanted, share, stop, limit });
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
