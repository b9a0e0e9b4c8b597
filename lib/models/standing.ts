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
  { weights, stops, limits, hints }: Standing,
  isSeen: (place: number) => boolean,
): boolean {
  const before = [weights, stops, limits].map((column) => column.slice());
  const saidBefore = hints.slice();
  for (let place = 0; place < weights.length; place++) {
    weights[place] = isSeen(place) ? 0 : NaN;
    stops[place] = limits[place] = NaN;
    hints[place] = undefined;
  }
  for (const { place, weight, target } of wishes) {
    // An asset without usable data keeps its last target, whatever is said of it now.
    if (!isSeen(place)) continue;
    weights[place] = weight + 0; // −0 becomes 0, lest it count as another answer
    stops[place] = target?.stop ?? NaN;
    limits[place] = target?.limit ?? NaN;
    hints[place] = target;
  }
  return [weights, stops, limits].some((column, i) =>
    column.some((value, place) => !Object.is(value, before[i]![place]))
  ) || hints.some((said, place) => !sameHints(said, saidBefore[place]));
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
