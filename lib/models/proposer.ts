import { formatTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import { inputChanges } from "./inputs.ts";
import { type AssetView, type Model, ruleOf, type Target, type Targets } from "./model.ts";
import { assetViews, contextAt, type Cursor, type FeatureColumn, type OwnState } from "./view.ts";

/** A model set up on the columns of one run: it proposes weights decision by decision. */
export interface Proposer {
  /** The model's newest weights by place in its universe; NaN where the asset was not seen. */
  readonly weights: Float64Array;
  /** Stop and limit prices by place; NaN where the model set none. */
  readonly stops: Float64Array;
  readonly limits: Float64Array;
  /** Confidence, urgency and horizon of the newest answer, by place; undefined where it gave a bare number. */
  readonly hints: readonly (Target | undefined)[];
  /** Decides at decision index `t`, later than the last one. True when an answer changed. */
  propose(t: number, state: OwnState): boolean;
}

/** What a proposer needs: the model, its parameters, and its declared columns by asset and feature. */
export interface ProposerInputs {
  readonly model: Model;
  readonly parameters: unknown;
  readonly universe: readonly string[];
  readonly featureNames: readonly string[];
  readonly columns: readonly (readonly FeatureColumn[])[];
  /** 1 at each decision where the asset has all its features and a trading price, by asset. */
  readonly usable: readonly Uint8Array[];
  readonly times: Float64Array;
  readonly allowShort: boolean;
}

const SUM_TOLERANCE = 1e-9;

/**
 * Runs a model on its columns. Equal contexts give equal targets, so the model is asked again only when a feature
 * moved, or at every decision once it has looked at something that always moves (its holdings, the time, a history).
 */
export function proposer(inputs: ProposerInputs): Proposer {
  const { model, universe, columns, times } = inputs;
  const size = universe.length;
  const weights = new Float64Array(size).fill(NaN);
  const stops = new Float64Array(size).fill(NaN);
  const limits = new Float64Array(size).fill(NaN);
  const hints: (Target | undefined)[] = new Array(size).fill(undefined);
  const answer = { weights, stops, limits, hints };
  const { usable } = inputs;
  const changes = inputChanges(columns, usable, times.length);
  const rule = ruleOf(model.decide);
  const cursor: Cursor = { index: 0, state: NO_STATE, touched: false };
  const views = assetViews(universe, inputs.featureNames, columns, cursor);
  let seen: readonly AssetView<string>[] = [];
  let nextChange = 0;
  let started = false;
  let alwaysMoves = false;
  const context = contextAt(cursor, {
    times,
    parameters: inputs.parameters,
    universe,
    seen: () => seen,
  });
  const places = new Map(universe.map((symbol, place) => [symbol, place]));
  const describe = () => `${model.name} at ${formatTime(times[cursor.index]!)}`;

  const decideAll = (): boolean => {
    seen = Object.freeze(views.filter((_, asset) => usable[asset]![cursor.index] === 1));
    let targets: Targets;
    try {
      targets = model.decide(context);
    } catch (error) {
      throw new Refusal(`${describe()} failed: ${messageOf(error)}`, { cause: error });
    }
    return accept(targets, answer, { inputs, places, seen, describe });
  };
  const decideOne = (asset: number): boolean => {
    const before = weights[asset]!;
    let weight = NaN;
    if (usable[asset]![cursor.index] === 1) {
      try {
        weight = rule!(views[asset]!, context);
      } catch (error) {
        throw new Refusal(`${describe()} failed: ${messageOf(error)}`, { cause: error });
      }
      checkWeight(weight, universe[asset]!, inputs, describe);
    }
    weights[asset] = weight;
    return !Object.is(weight, before);
  };
  const decideEach = (from: number, to: number): boolean => {
    let changed = false;
    if (alwaysMoves) {
      for (let asset = 0; asset < size; asset++) changed = decideOne(asset) || changed;
    } else {
      for (let i = from; i < to; i++) changed = decideOne(changes.assets[i]!) || changed;
    }
    if (changed) checkSum(weights, describe);
    return changed;
  };

  return {
    ...answer,
    propose(t, state) {
      cursor.index = t;
      cursor.state = state;
      const from = nextChange;
      const to = changes.start[t + 1]!;
      nextChange = to;
      if (started && from === to && !alwaysMoves) return false;
      started = true;
      const changed = rule ? decideEach(from, to) : decideAll();
      alwaysMoves ||= cursor.touched;
      return changed;
    },
  };
}

const NO_STATE: OwnState = {
  weight: () => 0,
  barsHeld: () => 0,
  budget: () => ({ fraction: 0, money: 0 }),
};

interface Acceptance {
  readonly inputs: ProposerInputs;
  readonly places: ReadonlyMap<string, number>;
  readonly seen: readonly AssetView<string>[];
  readonly describe: () => string;
}

/** Checks a whole answer and copies it in; returns whether anything differs from the answer before. */
function accept(
  targets: Targets,
  answer: Pick<Proposer, "weights" | "stops" | "limits"> & { hints: (Target | undefined)[] },
  { inputs, places, seen, describe }: Acceptance,
): boolean {
  if (targets === null || typeof targets !== "object" || Array.isArray(targets)) {
    throw new Refusal(`${describe()} returned ${kindOf(targets)}, expected weights by symbol`);
  }
  if (typeof (targets as { then?: unknown }).then === "function") {
    throw new Refusal(`${describe()} returned a promise, expected weights by symbol at once`);
  }
  const { weights, stops, limits, hints } = answer;
  const before = [weights.slice(), stops.slice(), limits.slice()];
  weights.fill(NaN);
  stops.fill(NaN);
  limits.fill(NaN);
  hints.fill(undefined);
  for (const { symbol } of seen) weights[places.get(symbol)!] = 0;
  let sum = 0;
  for (const symbol of Object.keys(targets)) {
    const place = places.get(symbol);
    if (place === undefined) {
      throw new Refusal(
        `${describe()} named "${symbol}", which is not in its universe (${
          inputs.universe.join(", ")
        })`,
      );
    }
    const wish = targets[symbol];
    const target = typeof wish === "object" && wish !== null ? wish : undefined;
    const weight = target ? target.weight : wish as number;
    checkWeight(weight, symbol, inputs, describe);
    sum += Math.abs(weight);
    // An asset without usable data keeps its last target, whatever is said of it now.
    if (Number.isNaN(weights[place])) continue;
    weights[place] = weight;
    if (target) {
      stops[place] = checkPrice(target.stop, "stop", symbol, describe);
      limits[place] = checkPrice(target.limit, "limit", symbol, describe);
      hints[place] = checkHints(target, symbol, describe);
    }
  }
  if (sum > 1 + SUM_TOLERANCE) throw overBudget(sum, describe);
  return [weights, stops, limits].some((column, i) =>
    column.some((value, place) => !Object.is(value, before[i]![place]))
  );
}

function checkWeight(
  weight: unknown,
  symbol: string,
  { model, allowShort }: ProposerInputs,
  describe: () => string,
): void {
  if (typeof weight === "number" && weight >= 0 && weight <= 1 + SUM_TOLERANCE) return;
  const shorts = model.shorts && allowShort;
  if (shorts && typeof weight === "number" && weight >= -1 - SUM_TOLERANCE && weight < 0) return;
  const found = typeof weight === "number" ? String(weight) : kindOf(weight);
  throw new Refusal(
    `${describe()} returned ${found} as weight of ${symbol}, expected a number from ${
      shorts ? "-1" : "0"
    } to 1`,
  );
}

function checkSum(weights: Float64Array, describe: () => string): void {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    if (weight === weight) sum += Math.abs(weight);
  }
  if (sum > 1 + SUM_TOLERANCE) throw overBudget(sum, describe);
}

function overBudget(sum: number, describe: () => string): Refusal {
  return new Refusal(
    `${describe()} returned weights that sum to ${sum}, expected at most 1 (its whole budget)`,
  );
}

function checkPrice(
  price: number | undefined,
  kind: string,
  symbol: string,
  describe: () => string,
): number {
  if (price === undefined) return NaN;
  if (typeof price === "number" && price > 0 && price < Infinity) return price;
  throw new Refusal(
    `${describe()} returned ${String(price)} as ${kind} of ${symbol}, expected a price above 0`,
  );
}

function checkHints(target: Target, symbol: string, describe: () => string): Target {
  const { weight, confidence, urgency, horizon_hours } = target;
  const wrong = confidence !== undefined && !(confidence >= 0 && confidence <= 1)
    ? `confidence ${String(confidence)} of ${symbol}, expected 0 to 1`
    : urgency !== undefined && !["low", "normal", "high"].includes(urgency)
    ? `urgency "${String(urgency)}" of ${symbol}, expected low, normal or high`
    : horizon_hours !== undefined && !(horizon_hours > 0 && horizon_hours < Infinity)
    ? `horizon_hours ${String(horizon_hours)} of ${symbol}, expected a number above 0`
    : undefined;
  if (wrong) throw new Refusal(`${describe()} returned ${wrong}`);
  return {
    weight,
    ...(confidence === undefined ? {} : { confidence }),
    ...(urgency === undefined ? {} : { urgency }),
    ...(horizon_hours === undefined ? {} : { horizon_hours }),
  };
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
}
