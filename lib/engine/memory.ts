import { DAY_MS, type Millis } from "../core/bars.ts";
import { type Matrix, matrix } from "../portfolio/combine.ts";
import { initialRiskState, type RiskState } from "../risk/drawdown.ts";

/**
 * What decisions carry from one to the next. A model's wish for an asset is either *live*, a weight it gave at the
 * newest decision, or *kept*, the quantity that its last weight meant then.
 */
export interface DecisionMemory {
  /** 1 where the wish is live. */
  readonly live: Uint8Array;
  /** Live wishes: shares of the model's budget. */
  readonly raw: Matrix;
  /** Kept wishes before risk: the units they would be if the budget were all of NAV. */
  readonly kept: Matrix;
  /** Stop and limit prices of the model's newest answer; NaN where there is none. */
  readonly stops: Matrix;
  readonly limits: Matrix;
  /** How many stop and limit prices there are. */
  legs: number;
  /** Decision at which each model with a schedule was last due; one without is due at all of them. */
  readonly lastDue: Int32Array;
  /** Kept wishes other than 0, per model. */
  readonly keptCount: Int32Array;
  /** 1 where a stop has undone a wish, so that the model's answer must be read again when it is next due. */
  readonly reread: Uint8Array;
  /** How many models that is. */
  stoppedOut: number;
  risk: RiskState;
}

/** Memory of models that have not decided yet. */
export function emptyMemory(models: number, assets: number, initialNav: number): DecisionMemory {
  return {
    live: new Uint8Array(models * assets),
    raw: matrix(models, assets),
    kept: matrix(models, assets),
    stops: matrix(models, assets, NaN),
    limits: matrix(models, assets, NaN),
    legs: 0,
    lastDue: new Int32Array(models).fill(-1),
    keptCount: new Int32Array(models),
    reread: new Uint8Array(models),
    stoppedOut: 0,
    risk: initialRiskState(initialNav),
  };
}

/** Counts anew what the memory counts along the way: for a memory that was filled from outside. */
export function countAll(memory: DecisionMemory): void {
  const { models, assets } = memory.raw;
  const isPrice = (price: number) => price === price;
  memory.legs = [...memory.stops.values, ...memory.limits.values].filter(isPrice).length;
  memory.stoppedOut = memory.reread.reduce((sum, flag) => sum + flag, 0);
  for (let model = 0; model < models; model++) {
    const kept = memory.kept.values.subarray(model * assets, (model + 1) * assets);
    memory.keptCount[model] = kept.filter((units) => units !== 0).length;
  }
}

// 1970-01-05, the first Monday.
const FIRST_MONDAY = 4 * DAY_MS;

/** Whether a model with a schedule of `days` decides at `time`. */
export function isDue(days: number, time: Millis): boolean {
  const since = time - FIRST_MONDAY;
  return since % DAY_MS === 0 && (since / DAY_MS) % days === 0;
}

/** Takes a model's stop and limit for one asset; NaN for none. */
export function setLegs(
  memory: DecisionMemory,
  at: number,
  { stop, limit }: { stop: number; limit: number },
): void {
  const { stops, limits } = memory;
  memory.legs += count(stop) + count(limit) - count(stops.values[at]!) - count(limits.values[at]!);
  stops.values[at] = stop;
  limits.values[at] = limit;
}

function count(price: number): number {
  return price === price ? 1 : 0;
}

/** Turns a live wish into the quantity it meant at the model's last decision, by the NAV and close of that time. */
export function keep(
  memory: DecisionMemory,
  place: { model: number; asset: number },
  then: { nav: number; close: number },
): void {
  const { model, asset } = place;
  const index = model * memory.raw.assets + asset;
  if (memory.live[index] === 0) return;
  const weight = memory.raw.values[index]!;
  const units = weight === 0 ? 0 : weight * then.nav / then.close;
  memory.live[index] = 0;
  memory.kept.values[index] = units;
  if (units !== 0) memory.keptCount[model]!++;
}

/** Forgets a kept wish: the model has spoken again, or its stop was hit. */
export function release(memory: DecisionMemory, model: number, asset: number): void {
  const index = model * memory.raw.assets + asset;
  if (memory.kept.values[index] !== 0) memory.keptCount[model]!--;
  memory.kept.values[index] = 0;
}

/** A stop was hit: the model wants nothing of the asset until it is due again. */
export function stopOut(memory: DecisionMemory, model: number, asset: number): void {
  release(memory, model, asset);
  memory.live[model * memory.raw.assets + asset] = 0;
  if (memory.reread[model] === 0) memory.stoppedOut++;
  memory.reread[model] = 1;
}

/** The model's answer is being read. */
export function readAgain(memory: DecisionMemory, model: number): void {
  if (memory.reread[model] === 1) memory.stoppedOut--;
  memory.reread[model] = 0;
}
