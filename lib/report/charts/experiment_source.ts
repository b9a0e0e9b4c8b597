import type { ExperimentCard, TrialRecord } from "../../core/experiment.ts";
import type { ParameterValue } from "../../core/search_space.ts";
import { formatNumber } from "../format.ts";
import type { Chart } from "./chart.ts";
import { framed } from "./frame.ts";
import { counted } from "./text.ts";

/** What charts of an experiment are drawn from. */
export interface ExperimentSource {
  readonly card: ExperimentCard;
  readonly trials: readonly TrialRecord[];
}

/** A trial with a score. */
export interface ScoredTrial extends TrialRecord {
  readonly score: number;
}

/** Trials with a score, best first; equal ones as they were proposed. */
export function rankedTrials(trials: readonly TrialRecord[]): readonly ScoredTrial[] {
  return trials.filter(isScored).sort((a, b) => b.score - a.score || a.trial - b.trial);
}

/** Whether a trial came to a score. */
export function isScored(trial: TrialRecord): trial is ScoredTrial {
  return trial.score !== null && Number.isFinite(trial.score);
}

/** `Experiment 0123456789abcdef · trend_grid · 2018-01-01 to 2022-12-31 UTC · 192 trials, grid · …`. */
export function experimentCaption(card: ExperimentCard, ...more: readonly string[]): string {
  return [
    `Experiment ${card.experiment_id}`,
    card.name,
    `${card.start} to ${card.end} UTC`,
    `${counted(card.trials.count, "trial")}, ${card.method}`,
    ...more,
  ].join(" · ");
}

/** A parameter's value in one line; long numbers to five significant digits. */
export function valueText(value: ParameterValue): string {
  if (value === null) return "not set";
  if (typeof value === "number") {
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** `fast_ma_period 30, slow_ma_period 120`, in the order of the dimensions. */
export function assignmentText(
  { dimensions }: ExperimentCard,
  values: readonly (ParameterValue | null)[],
): string {
  return dimensions.flatMap(({ label }, place) => {
    const value = values[place] ?? null;
    return value === null ? [] : [`${label} ${valueText(value)}`];
  }).join(", ");
}

/** Decimals that tell these scores apart: 2, more where all lie close together. */
export function scoreDigits(scores: readonly number[]): number {
  let low = Infinity;
  let high = -Infinity;
  for (const score of scores) {
    low = Math.min(low, score);
    high = Math.max(high, score);
  }
  const spread = high - low;
  return spread > 0 && spread < 0.02 ? 4 : spread > 0 && spread < 0.2 ? 3 : 2;
}

/** A picture that only says why there is nothing to see. */
export function emptyChart(
  card: ExperimentCard,
  { title, width }: { readonly title: string; readonly width: number },
): Chart {
  const { failed } = card.trials;
  return framed({
    title,
    caption: experimentCaption(card, ...(failed > 0 ? [`${formatNumber(failed, 0)} failed`] : [])),
    alt: `Nothing is drawn: ${title}.`,
    width,
    rows: [],
  });
}
