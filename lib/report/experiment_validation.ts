import type { ExperimentCard } from "../core/experiment.ts";
import { counted } from "./charts/text.ts";
import { NOTHING } from "./format.ts";

/** What a validation comes to in one number: score of a split, Sharpe of a walk-forward, median Sharpe of the paths. */
export function figureOfValidation({ validation }: ExperimentCard): number | null {
  if (validation === null) return null;
  if (validation.method === "split") return validation.test_score;
  if (validation.method === "walk_forward") return validation.figures.sharpe;
  return pathSharpes(validation.path_sharpes)?.median ?? null;
}

/** Sharpe ratios of the paths that have one; undefined where none has. */
export function pathSharpes(sharpes: readonly (number | null)[]) {
  const known = sharpes.filter((sharpe) => sharpe !== null).sort((a, b) => a - b);
  const [low, high] = [known[0], known.at(-1)];
  if (low === undefined || high === undefined) return undefined;
  const middle = known.slice(Math.floor((known.length - 1) / 2), Math.floor(known.length / 2) + 1);
  return {
    ...{ count: known.length, low, high },
    median: (middle[0]! + middle.at(-1)!) / 2,
  };
}

/** `walk-forward, 8 windows`; "–" where nothing was kept apart. */
export function validationName({ validation }: ExperimentCard): string {
  switch (validation?.method) {
    case undefined:
      return NOTHING;
    case "split":
      return "split";
    case "walk_forward":
      return `walk-forward, ${counted(validation.windows.length, "window")}`;
    case "purged_kfold":
      return `purged, ${counted(validation.splits.length, "split")}`;
    case "combinatorial":
      return `combinatorial, ${counted(validation.splits.length, "split")}`;
  }
}
