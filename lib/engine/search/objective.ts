import type { ExperimentCard, Objective } from "../../core/experiment.ts";
import { figureAt, TRIAL_FIGURES, type TrialFigure } from "../../core/trial_figures.ts";

/** What a search makes large; spelled as in YAML. */
export interface ObjectiveSettings {
  readonly metric: TrialFigure | Readonly<Partial<Record<TrialFigure, number>>>;
  readonly maximize: boolean;
}

/** Figures of which less is better. */
const LESS: readonly TrialFigure[] = [
  ...["annual_volatility", "max_drawdown", "turnover", "fills"] as const,
  ...["fees", "slippage", "kurtosis"] as const,
];

/** Figures with their weights, turned round where less is wanted; named in words like `0.5 × sharpe − max_drawdown`. */
export function objectiveOf({ metric, maximize }: ObjectiveSettings): Objective {
  const given = typeof metric === "string" ? { [metric]: 1 } : metric;
  const terms = TRIAL_FIGURES.flatMap((figure) => {
    const weight = given[figure as keyof typeof given] ?? 0;
    return weight === 0 ? [] : [{ figure, weight: maximize ? weight : -weight }];
  });
  const name = terms.map(({ figure, weight }, i) => {
    const size = Math.abs(weight) === 1 ? figure : `${Math.abs(weight)} × ${figure}`;
    if (i === 0) return weight < 0 ? `−${size}` : size;
    return weight < 0 ? ` − ${size}` : ` + ${size}`;
  }).join("");
  return { name, weights: Object.fromEntries(terms.map(({ figure, weight }) => [figure, weight])) };
}

/**
 * The score of a trial from its row of figures, higher is better; NaN when a figure that counts is undefined or it closed
 * fewer trades than `min_round_trips`.
 */
export function scoreOf(
  row: ArrayLike<number>,
  { weights }: Objective,
  { min_round_trips = 0 }: { readonly min_round_trips?: number } = {},
): number {
  if (min_round_trips > 0 && !(figureAt(row, "round_trips") >= min_round_trips)) return NaN;
  let score = 0;
  for (const [place, figure] of TRIAL_FIGURES.entries()) {
    const weight = weights[figure];
    if (weight !== undefined) score += weight * row[place]!;
  }
  return score;
}

/** Objectives of a front, each with whether more of it is better. */
export function frontOf(objectives: readonly TrialFigure[]): ExperimentCard["front"] {
  return objectives.map((figure) => ({ figure, more: !LESS.includes(figure) }));
}
