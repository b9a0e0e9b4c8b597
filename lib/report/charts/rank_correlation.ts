import type { Dot } from "./scatter.ts";

/** Spearman's rank correlation (1904), ties at their mean rank; null below three dots or where one side never varies. */
export function rankCorrelation(dots: readonly Dot[]): number | null {
  if (dots.length < 3) return null;
  const x = ranks(dots.map((dot) => dot.x));
  const y = ranks(dots.map((dot) => dot.y));
  const middle = (dots.length - 1) / 2;
  let [xx, yy, xy] = [0, 0, 0];
  for (const [place, rank] of x.entries()) {
    const [a, b] = [rank - middle, y[place]! - middle];
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : null;
}

function ranks(values: readonly number[]): Float64Array {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]!] === values[order[from]!]) to++;
    for (let place = from; place <= to; place++) ranks[order[place]!] = (from + to) / 2;
    from = to + 1;
  }
  return ranks;
}
