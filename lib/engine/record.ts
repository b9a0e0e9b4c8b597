import type { OrderOutcome, Skip, TargetWeights } from "../core/orders.ts";
import type {
  Adjustment,
  AdjustmentRecord,
  OutcomeRecord,
  RunRecord,
  WishRecord,
} from "../core/run_record.ts";
import { fillRow } from "../execution/simulated_market.ts";
import type { Target } from "../models/model.ts";
import type { Decision } from "./decide.ts";
import type { Market } from "./market.ts";
import type { DecisionMemory } from "./memory.ts";
import type { SeatedModel } from "./setup.ts";

/** Writes decisions down, only where they changed. */
export interface Recorder {
  decision(index: number, decision: Decision): void;
  outcomes(outcomes: readonly OrderOutcome[]): void;
  readonly wishes: WishRecord[];
  /** Those of them with a weight, stop or limit that the model itself said anew. */
  readonly spoken: WishRecord[];
  readonly adjustments: AdjustmentRecord[];
  readonly recorded: OutcomeRecord[];
  /** What was written down last, copied; and taken over from a run that this one goes on with. */
  written(): WrittenState;
  goOnFrom(state: WrittenState): void;
}

/** The last words of a recorder: what comes next is written down only where it differs. */
export interface WrittenState {
  readonly wanted: Float64Array;
  readonly share: Float64Array;
  readonly raw: Float64Array;
  readonly live: Uint8Array;
  readonly stop: Float64Array;
  readonly limit: Float64Array;
  readonly hints: readonly (Hints | undefined)[];
  readonly adjustments: readonly Adjustment[];
  readonly skips: readonly (Skip | undefined)[];
}

/** A recorder for these models on `assets` assets, reading the models' own words from `memory`. */
export function recorder(
  models: readonly SeatedModel[],
  assets: number,
  memory: DecisionMemory,
): Recorder {
  const wishes: WishRecord[] = [];
  const spoken: WishRecord[] = [];
  const adjustments: AdjustmentRecord[] = [];
  const recorded: OutcomeRecord[] = [];
  const size = models.length * assets;
  const hints = hintReader(models, assets, memory);
  // Numbers as last written down; a wish of nothing, never spoken, is where each begins.
  const last = {
    wanted: new Float64Array(size),
    share: new Float64Array(size),
    raw: new Float64Array(size).fill(NaN),
    live: new Uint8Array(size),
    stop: new Float64Array(size).fill(NaN),
    limit: new Float64Array(size).fill(NaN),
    hints: new Array<Hints | undefined>(size).fill(undefined),
  };
  let lastAdjustments: readonly Adjustment[] = [];
  const lastSkip: (Skip | undefined)[] = new Array(assets).fill(undefined);
  const columns = ["wanted", "share", "raw", "stop", "limit"] as const;

  const write = (index: number, at: number, { wanted, shares, setting }: Decision) => {
    const model = Math.floor(at / assets);
    const numbers = {
      index,
      model,
      asset: at % assets,
      raw: memory.live[at] === 1 ? memory.raw.values[at]! : NaN,
      budget: setting.budgets[model]!,
      wanted: wanted.values[at]!,
      share: shares.values[at]!,
      stop: memory.stops.values[at]!,
      limit: memory.limits.values[at]!,
    };
    const said = hints.at(at);
    const wish: WishRecord & Hints = said ? { ...numbers, ...said } : numbers;
    const same = wish.wanted === last.wanted[at] && wish.share === last.share[at] &&
      Object.is(wish.raw, last.raw[at]) && Object.is(wish.stop, last.stop[at]) &&
      Object.is(wish.limit, last.limit[at]) && sameHints(said, last.hints[at]);
    last.live[at] = memory.live[at]!;
    if (same) return;
    if (
      isNew(wish.raw, last.raw[at]!) || isNew(wish.stop, last.stop[at]!) ||
      isNew(wish.limit, last.limit[at]!)
    ) spoken.push(wish);
    last.wanted[at] = wish.wanted;
    last.share[at] = wish.share;
    last.raw[at] = wish.raw;
    last.stop[at] = wish.stop;
    last.limit[at] = wish.limit;
    last.hints[at] = said;
    wishes.push(wish);
  };
  /** Most wishes stay as they were: a look at three numbers tells. */
  const moved = (at: number, { wanted, shares }: Decision) =>
    wanted.values[at] !== last.wanted[at] || shares.values[at] !== last.share[at] ||
    memory.live[at] !== last.live[at];
  return {
    wishes,
    spoken,
    adjustments,
    recorded,
    written: () => ({
      wanted: last.wanted.slice(),
      share: last.share.slice(),
      raw: last.raw.slice(),
      live: last.live.slice(),
      stop: last.stop.slice(),
      limit: last.limit.slice(),
      hints: [...last.hints],
      adjustments: lastAdjustments,
      skips: [...lastSkip],
    }),
    goOnFrom(state) {
      for (const name of columns) last[name].set(state[name]);
      last.live.set(state.live);
      state.hints.forEach((said, at) => last.hints[at] = said);
      lastAdjustments = state.adjustments;
      state.skips.forEach((skip, asset) => lastSkip[asset] = skip);
    },
    decision(index, decision) {
      const worded = memory.legs > 0 || hints.any();
      for (let at = 0; at < size; at++) {
        if (worded || moved(at, decision)) write(index, at, decision);
      }
      if (sameAdjustments(decision.adjustments, lastAdjustments)) return;
      for (const { rule, asset } of ended(lastAdjustments, decision.adjustments)) {
        const weight = decision.weights[asset]!;
        adjustments.push({ index, rule, asset, before: weight, after: weight });
      }
      lastAdjustments = decision.adjustments;
      for (const adjustment of decision.adjustments) adjustments.push({ index, ...adjustment });
    },
    outcomes(outcomes) {
      for (const outcome of outcomes) {
        if (outcome.status === "skipped") {
          // A wish too small to send comes back at every decision while it lasts; it is said once.
          const before = lastSkip[outcome.asset];
          lastSkip[outcome.asset] = outcome;
          if (before && isRepeated(before, outcome)) continue;
        } else lastSkip[outcome.asset] = undefined;
        recorded.push(outcome);
      }
    },
  };
}

/** A number that is there, and another one than before. */
function isNew(now: number, before: number): boolean {
  return now === now && now !== before;
}

/** What a model said of a live wish beside its weight and prices; absent where it said nothing. */
export interface Hints {
  readonly confidence?: number;
  readonly urgency?: "low" | "normal" | "high";
  readonly horizonHours?: number;
}

/** Reads the models' hints by place in a matrix of models and assets. */
function hintReader(models: readonly SeatedModel[], assets: number, { live }: DecisionMemory) {
  const said = new Array<(() => Target | undefined) | undefined>(models.length * assets);
  for (const [model, { places, proposer }] of models.entries()) {
    for (const [place, asset] of places.entries()) {
      said[model * assets + asset] = () => proposer.hints[place];
    }
  }
  let spoken = false;
  return {
    /** Whether there was ever a hint: most models give none, and need no second look. */
    any: () => spoken ||= models.some(({ proposer }) => proposer.hints.some((hint) => hint)),
    at(at: number): Hints | undefined {
      const hint = spoken && live[at] === 1 ? said[at]?.() : undefined;
      return hint && {
        ...(hint.confidence === undefined ? {} : { confidence: hint.confidence }),
        ...(hint.urgency === undefined ? {} : { urgency: hint.urgency }),
        ...(hint.horizon_hours === undefined ? {} : { horizonHours: hint.horizon_hours }),
      };
    },
  };
}

function sameHints(a: Hints | undefined, b: Hints | undefined): boolean {
  return a?.confidence === b?.confidence && a?.urgency === b?.urgency &&
    a?.horizonHours === b?.horizonHours;
}

/** Cuts of the decision before that are no more; they are written once more, taking nothing. */
function ended(before: readonly Adjustment[], now: readonly Adjustment[]): readonly Adjustment[] {
  return before.filter(({ rule, asset }) =>
    !now.some((other) => other.rule === rule && other.asset === asset)
  );
}

/** The same skip again, within the days a market may be closed between two tries. */
function isRepeated(before: Skip, now: Skip): boolean {
  return before.reason === now.reason && before.model === now.model &&
    before.quantity > 0 === now.quantity > 0 && now.time - before.time <= LONGEST_PAUSE_MS;
}

// A long weekend between two sessions.
const LONGEST_PAUSE_MS = 5 * 86_400_000;

function sameAdjustments(a: readonly Adjustment[], b: readonly Adjustment[]): boolean {
  return a.length === b.length && a.every((item, i) => {
    const other = b[i]!;
    return item.rule === other.rule && item.asset === other.asset &&
      item.before === other.before && item.after === other.after;
  });
}

/** The price adjustment of each fill's bar, fill by fill. */
export function fillFactors({ assets }: Market, outcomes: readonly OrderOutcome[]): Float64Array {
  const factors = new Float64Array(outcomes.length);
  let fills = 0;
  for (const outcome of outcomes) {
    if (outcome.status !== "filled") continue;
    factors[fills++] = assets[outcome.asset]!.factors[outcome.row]!;
  }
  return factors.slice(0, fills);
}

/** Orders of the last decision, `index`, for which no bar opened before the end. */
export function lapsedOrders(
  market: Market,
  { trade, weights }: TargetWeights,
  index: number,
): RunRecord["lapsed"] {
  return market.assets.flatMap((traded, asset) =>
    trade[asset] === 1 && fillRow(market, traded, index) < 0
      ? [{ asset, weight: weights[asset]! }]
      : []
  );
}
