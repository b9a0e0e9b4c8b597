import type { Wish } from "./answer.ts";
import type { Target } from "./model.ts";

/** What a model said last, by place in its universe. */
export interface Standing {
  readonly weights: Float64Array;
  readonly stops: Float64Array;
  readonly limits: Float64Array;
  readonly hints: (Target | undefined)[];
}

/** The standing of a model that was never asked: NaN everywhere. */
export function nothingSaid(size: number): Standing {
  const missing = () => new Float64Array(size).fill(NaN);
  return {
    weights: missing(),
    stops: missing(),
    limits: missing(),
    hints: new Array(size).fill(undefined),
  };
}

/** Puts a whole answer in place of the one before; true when a weight, a price or a hint differs. */
export function take(
  wishes: readonly Wish[],
  standing: Standing,
  isSeen: (place: number) => boolean,
): boolean {
  const { weights, stops, limits, hints } = standing;
  const said = spoken(wishes, weights.length);
  let changed = false;
  for (let place = 0; place < weights.length; place++) {
    const seen = isSeen(place);
    // An asset without usable data keeps its last target, whatever is said of it now.
    const wish = seen ? said[place] : undefined;
    // −0 becomes 0, lest it count as another answer.
    const weight = wish ? wish.weight + 0 : seen ? 0 : NaN;
    const target = wish?.target;
    const stop = target?.stop ?? NaN;
    const limit = target?.limit ?? NaN;
    changed ||= !Object.is(weight, weights[place]) || !Object.is(stop, stops[place]) ||
      !Object.is(limit, limits[place]) || !sameHints(target, hints[place]);
    weights[place] = weight;
    stops[place] = stop;
    limits[place] = limit;
    hints[place] = target;
  }
  return changed;
}

/** The wishes by place in the universe. */
function spoken(wishes: readonly Wish[], size: number): readonly (Wish | undefined)[] {
  const byPlace = new Array<Wish | undefined>(size).fill(undefined);
  for (const wish of wishes) byPlace[wish.place] = wish;
  return byPlace;
}

function sameHints(a: Target | undefined, b: Target | undefined): boolean {
  return a?.confidence === b?.confidence && a?.urgency === b?.urgency &&
    a?.horizon_hours === b?.horizon_hours;
}

/** The sum of weights, signs aside; NaN, an asset not seen, counts for nothing. */
export function grossOf(weights: Float64Array): number {
  let gross = 0;
  for (let place = 0; place < weights.length; place++) {
    const weight = weights[place]!;
    if (weight === weight) gross += Math.abs(weight);
  }
  return gross;
}
