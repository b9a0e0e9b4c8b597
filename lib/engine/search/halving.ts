/** One rung of a successive halving: how many trials run on which share of the range, from its first day on. */
export interface Rung {
  readonly trials: number;
  readonly share: number;
}

/**
 * Rungs of a successive halving (Jamieson and Talwalkar 2016): all trials on a short range, one in `factor` on a range
 * `factor` times as long, the last of them on the whole. RangeError unless there is something to halve.
 */
export function halvingRungs(
  trials: number,
  { rungs, factor }: { readonly rungs: number; readonly factor: number },
): Rung[] {
  if (trials < 1 || rungs < 1 || factor < 2) {
    throw new RangeError(`Cannot halve ${trials} trials in ${rungs} rungs by ${factor}`);
  }
  const list: Rung[] = [];
  let share = 1;
  for (let rung = 0; rung < rungs; rung++) {
    list.unshift({ trials: 0, share });
    share /= factor;
  }
  let left = trials;
  return list.map((rung) => {
    const here = { ...rung, trials: left };
    left = Math.ceil(left / factor);
    return here;
  });
}

/** Places of the `count` best scores in ascending order; of equals the earlier survive. NaN never does. */
export function survivors(scores: ArrayLike<number>, count: number): Uint32Array {
  const places = Array.from(scores, (score, place) => ({ score, place }))
    .filter(({ score }) => !Number.isNaN(score))
    .sort((a, b) => a.score === b.score ? a.place - b.place : b.score > a.score ? 1 : -1);
  return Uint32Array.from(places.slice(0, count), ({ place }) => place).sort();
}
