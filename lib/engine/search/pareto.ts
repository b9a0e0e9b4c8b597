import type { ExperimentCard } from "../../core/experiment.ts";
import { figureAt } from "../../core/trial_figures.ts";

/**
 * Which trials are on the front: no other is better in one objective and as good in all. Rows with an undefined objective
 * are not; of equal rows all are.
 */
export function paretoFront(
  rows: readonly ArrayLike<number>[],
  front: ExperimentCard["front"],
): boolean[] {
  const points = rows.map((row) =>
    front.map(({ figure, more }) => more ? figureAt(row, figure) : -figureAt(row, figure))
  );
  const order = points.flatMap((point, i) => point.some(Number.isNaN) ? [] : [i])
    .sort((a, b) => compare(points[b]!, points[a]!));
  const onFront = rows.map(() => false);
  const kept: (readonly number[])[] = [];
  // Sorted, a point can only be beaten by one before it, and then by one of the front.
  for (const place of order) {
    const point = points[place]!;
    if (kept.some((other) => beats(other, point))) continue;
    kept.push(point);
    onFront[place] = true;
  }
  return onFront;
}

function compare(one: readonly number[], other: readonly number[]): number {
  const place = one.findIndex((value, i) => value !== other[i]);
  return place < 0 ? 0 : one[place]! < other[place]! ? -1 : 1;
}

function beats(one: readonly number[], other: readonly number[]): boolean {
  return one.every((value, i) => value >= other[i]!) && one.some((value, i) => value > other[i]!);
}
