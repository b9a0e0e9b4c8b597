import { formatTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import type { RegimeLabels } from "../regime/mod.ts";
import { type AnswerRules, readAnswer, sumProblem, weightProblem } from "./answer.ts";
import { inputChanges, nextSet } from "./inputs.ts";
import { type Model, ruleOf, type Target } from "./model.ts";
import { grossOf, nothingSaid, take } from "./standing.ts";
import { assetViews, contextAt, type Cursor, type FeatureColumn, type OwnState } from "./view.ts";

/** A model set up on the columns of one run: it proposes weights decision by decision. */
export interface Proposer {
  /** The model's newest weights by place in its universe; NaN where the asset was not seen. */
  readonly weights: Float64Array;
  /** Stop and limit prices by place; NaN where the model set none. */
  readonly stops: Float64Array;
  readonly limits: Float64Array;
  /** The newest answer's own words by place; undefined where it gave a bare number. */
  readonly hints: readonly (Target | undefined)[];
  /** Decides at decision index `t`, later than the last one. True when a weight, stop or limit changed. */
  propose(t: number, state: OwnState): boolean;
  /** The next decision after `t`, the last one made, at which the answer may be another: nobody need ask before. */
  quietUntil(t: number): number;
  /** Places whose answer the last `propose` changed, as far as they are known one by one; else every place. */
  readonly changedPlaces: ArrayLike<number>;
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
  /** The labels in force at each decision; without it those of warm-up, for ever. */
  readonly regimeAt?: ((index: number) => RegimeLabels) | undefined;
  /** 1 at each decision where a label differs from the decision before; without it any may differ at each. */
  readonly regimeChanged?: Uint8Array | undefined;
}

/**
 * Runs a model on its columns. Equal contexts give equal targets, so the model is asked again only when a feature
 * moved, when a label did if it ever looked at the regime, or at every decision once it has looked at something that
 * always moves (its holdings, the time, a history).
 * Whatever is wrong with its answer is a Refusal that names the model and the decision time (FR-018).
 */
export function proposer(inputs: ProposerInputs): Proposer {
  const { model, universe, usable, times, regimeAt, regimeChanged } = inputs;
  const standing = nothingSaid(universe.length);
  const { weights } = standing;
  const changes = inputChanges(inputs.columns, usable, times.length);
  const rule = ruleOf(model.decide);
  const cursor: Cursor = { index: 0, state: NO_STATE, touched: false, regimeRead: false };
  const views = assetViews(universe, inputs.featureNames, inputs.columns, cursor);
  const isSeen = (place: number) => usable[place]![cursor.index] === 1;
  const context = contextAt(cursor, {
    times,
    parameters: inputs.parameters,
    universe,
    regimeAt: regimeAt ?? (() => WARM_UP_REGIME),
    seen() {
      // The rule of one asset that looks at others depends on more than its own features.
      if (rule) cursor.touched = true;
      return Object.freeze(views.filter((_, place) => isSeen(place)));
    },
  });
  const rules: AnswerRules = {
    universe,
    places: new Map(universe.map((symbol, place) => [symbol, place])),
    shorts: model.shorts && inputs.allowShort,
  };
  const everyPlace = Int32Array.from(universe, (_, place) => place);
  let changedPlaces: Int32Array = everyPlace;
  let nextChange = 0;
  let alwaysMoves = false;
  let nextRegime = 0;

  const regimeAfter = (t: number): number => {
    if (!regimeAt) return Infinity;
    return regimeChanged ? nextSet(regimeChanged, t + 1) : t + 1;
  };
  const refusal = (problem: string, cause?: unknown) =>
    new Refusal(`${model.name} at ${formatTime(times[cursor.index]!)} ${problem}`, { cause });
  const ask = <Reply>(reply: () => Reply): Reply => {
    try {
      return reply();
    } catch (error) {
      throw refusal(`failed: ${messageOf(error)}`, error);
    }
  };
  const decideAll = (): boolean => {
    const answer = ask(() => readAnswer(model.decide(context), rules));
    if ("problem" in answer) throw refusal(answer.problem);
    return take(answer.wishes, standing, isSeen);
  };
  const decideOne = (place: number): boolean => {
    const before = weights[place]!;
    weights[place] = NaN;
    if (isSeen(place)) {
      const weight = ask(() => rule!(views[place]!, context));
      const problem = ask(() => weightProblem(weight, universe[place]!, rules));
      if (problem !== undefined) throw refusal(problem);
      weights[place] = weight + 0;
    }
    return !Object.is(weights[place], before);
  };
  const decideEach = (places: Int32Array): boolean => {
    let changed = false;
    for (let i = 0; i < places.length; i++) changed = decideOne(places[i]!) || changed;
    changedPlaces = places;
    const problem = changed ? sumProblem(grossOf(weights)) : undefined;
    if (problem !== undefined) throw refusal(problem);
    return changed;
  };

  return {
    ...standing,
    get changedPlaces() {
      return changedPlaces;
    },
    quietUntil(t) {
      if (alwaysMoves) return t + 1;
      let next = t + 1;
      const end = cursor.regimeRead ? Math.min(nextRegime, times.length) : times.length;
      while (next < end && changes.start[next + 1] === nextChange) next++;
      return next;
    },
    propose(t, state) {
      cursor.index = t;
      cursor.state = state;
      const from = nextChange;
      const to = changes.start[t + 1]!;
      nextChange = to;
      const anyMoved = alwaysMoves || cursor.regimeRead && nextRegime <= t;
      if (from === to && !anyMoved) return false;
      const changed = rule
        ? decideEach(anyMoved ? everyPlace : changes.assets.subarray(from, to))
        : decideAll();
      alwaysMoves ||= cursor.touched;
      if (cursor.regimeRead && nextRegime <= t) nextRegime = regimeAfter(t);
      return changed;
    },
  };
}

/** The labels in force before anything is known, and where nobody tells any (FR-037). */
export const WARM_UP_REGIME: RegimeLabels = Object.freeze({
  equity: "NEUTRAL",
  volatility: "NORMAL",
  crypto: "RISK_OFF",
  macro: "SLOWDOWN",
});

const NO_STATE: OwnState = {
  weight: () => 0,
  barsHeld: () => 0,
  budget: () => ({ fraction: 0, money: 0 }),
};

/** The first line of what was thrown, which may be anything, also something that cannot be put into words. */
function messageOf(error: unknown): string {
  try {
    const message = error instanceof Error ? error.message || error.name : error;
    return String(message).split(/[\r\n]/)[0]!;
  } catch {
    return "it threw something that cannot be told";
  }
}
