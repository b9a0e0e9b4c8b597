import type { ExperimentCard } from "../../core/experiment.ts";
import { figureAt } from "../../core/trial_figures.ts";
import { paretoFront as frontOfRows } from "../../stats/pareto.ts";

/**
 * Which trials are on the front: no other is better in one objective and as good in all. Rows with an undefined objective
 * are not; of equal rows all are.
 */
export function paretoFront(
  rows: readonly ArrayLike<number>[],
  front: ExperimentCard["front"],
): boolean[] {
  const points = rows.map((row) => Float64Array.from(front, ({ figure }) => figureAt(row, figure)));
  const flags = frontOfRows(points, front.map(({ more }) => more));
  return Array.from(flags, (flag) => flag === 1);
}
