import type {
  CrossRecord,
  CrossSplit,
  ExperimentCard,
  ExperimentDimension,
  TrialRecord,
  ValidationRecord,
  WalkWindow,
} from "../core/experiment.ts";
import {
  assignmentText,
  type ExperimentSource,
  rankedTrials,
  valueText,
} from "./charts/experiment_source.ts";
import { counted } from "./charts/text.ts";
import { pathSharpes } from "./experiment_validation.ts";
import { formatNumber, formatPercent, NOTHING } from "./format.ts";
import type { Align } from "./table.ts";
import { capitalized, figureText, figureTitle, objectiveTitle } from "./trial_figure_text.ts";

/** A table as text, for a terminal, a page or a notebook. */
export interface TextTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly align: readonly Align[];
}

/** With more parameters than this they share one column. */
const MOST_COLUMNS = 4;

/** What was searched: each parameter, where its values came from, and what the winner has. */
export function searchedTable(card: ExperimentCard): TextTable {
  return {
    header: ["Parameter", "Searched", "Winner"],
    align: ["left", "left", "right"],
    rows: card.dimensions.map((dimension, place) => [
      dimension.label,
      choiceText(dimension),
      card.winner ? valueText(card.winner.values[place] ?? null) : NOTHING,
    ]),
  };
}

const MOST_VALUES = 8;

function choiceText({ values, low, high, log }: ExperimentDimension): string {
  if (values === undefined) {
    return `${valueText(low ?? null)} to ${valueText(high ?? null)}${log ? ", logarithmic" : ""}`;
  }
  const texts = values.map(valueText);
  return texts.length <= MOST_VALUES
    ? texts.join(", ")
    : `${texts.slice(0, MOST_VALUES - 2).join(", ")}, …, ${texts.at(-1)!} (${texts.length} values)`;
}

/** The best trials by score, best first, the winner among them even where its rank is lower. */
export function topTrialsTable({ card, trials }: ExperimentSource, most = 10): TextTable {
  const hasTest = trials.some(({ test_score }) => test_score !== null);
  const isWinner = ({ trial }: TrialRecord) => trial === card.winner?.trial;
  const ranked = rankedTrials(trials).filter((trial, place) => place < most || isWinner(trial));
  const { labels, cells } = parameterColumns(card);
  const figures = (["sharpe", "total_return", "max_drawdown", "turnover"] as const)
    .filter((figure) => card.objective.name !== figure);
  return {
    header: [
      ...["Rank", "Trial", ...labels, capitalized(objectiveTitle(card.objective)), "Plateau"],
      ...(hasTest ? ["Out of sample"] : []),
      ...figures.map((figure) => capitalized(figureTitle(figure))),
      "Run",
    ],
    align: [
      ...["left", "right", ...labels.map(() => labels.length === 1 ? "left" : "right")] as Align[],
      ...[
        "right",
        "right",
        ...(hasTest ? ["right"] : []),
        ...figures.map(() => "right"),
      ] as Align[],
      "left",
    ],
    rows: ranked.map((trial, place) => [
      ...[rankText(trial, place, isWinner(trial)), String(trial.trial), ...cells(trial.values)],
      ...[formatNumber(trial.score, 3), formatNumber(trial.plateau, 3)],
      ...(hasTest ? [formatNumber(trial.test_score, 3)] : []),
      ...figures.map((figure) => figureText(figure, trial.figures[figure])),
      trial.run_id,
    ]),
  };
}

function rankText({ rank }: TrialRecord, place: number, isWinner: boolean): string {
  return `${rank ?? place + 1}${isWinner ? ", winner" : ""}`;
}

/** The front of the objectives, by the first of them; undefined where there is none. */
export function frontTable(
  { card, trials }: ExperimentSource,
  most = 12,
): TextTable & { readonly left: number } | undefined {
  const [first] = card.front;
  const front = trials.filter(({ pareto }) => pareto);
  if (!first || front.length === 0) return undefined;
  const value = ({ figures }: TrialRecord) =>
    (figures[first.figure] ?? -Infinity) * (first.more ? 1 : -1);
  const { labels, cells } = parameterColumns(card);
  return {
    left: Math.max(0, front.length - most),
    header: [
      ...["Trial", ...labels],
      ...card.front.map(({ figure, more }) =>
        `${capitalized(figureTitle(figure))} ${more ? "↑" : "↓"}`
      ),
      "Rank",
    ],
    align: ["left", ...labels.map(() => labels.length === 1 ? "left" : "right") as Align[]],
    rows: front.toSorted((a, b) => value(b) - value(a) || a.trial - b.trial).slice(0, most)
      .map((trial) => [
        ...[String(trial.trial), ...cells(trial.values)],
        ...card.front.map(({ figure }) => figureText(figure, trial.figures[figure])),
        trial.rank === null ? NOTHING : String(trial.rank),
      ]),
  };
}

function parameterColumns(card: ExperimentCard) {
  const { dimensions } = card;
  const isWide = dimensions.length > MOST_COLUMNS;
  return {
    labels: isWide ? ["Parameters"] : dimensions.map(({ label }) => label),
    cells: (values: TrialRecord["values"]) =>
      isWide
        ? [assignmentText(card, values)]
        : dimensions.map((_, place) => valueText(values[place] ?? null)),
  };
}

/** What was kept apart, row by row, and below it what it comes to. */
export function validationTable(
  card: ExperimentCard,
  validation: ValidationRecord,
): TextTable & { readonly notes: readonly string[] } {
  const score = objectiveTitle(card.objective);
  switch (validation.method) {
    case "split":
      return {
        header: ["Range", "From", "To", capitalized(score)],
        align: ["left", "left", "left", "right"],
        rows: [
          ["in sample", ...validation.train, formatNumber(validation.train_score, 3)],
          ["out of sample", ...validation.test, formatNumber(validation.test_score, 3)],
        ],
        notes: ["The winner was chosen in sample only."],
      };
    case "walk_forward":
      return windowTable(card, validation);
    default:
      return splitTable(validation);
  }
}

function windowTable(
  card: ExperimentCard,
  { windows, anchored, figures }: Extract<ValidationRecord, { method: "walk_forward" }>,
) {
  const gained = windows.filter(({ test_return }) => (test_return ?? 0) > 0).length;
  return {
    header: ["Trained on", "Traded", "Winner", "In sample", "Out of sample", "Return"],
    align: ["left", "left", "left", "right", "right", "right"] as const,
    rows: windows.map((window) => [
      `${window.train[0]} to ${window.train[1]}`,
      `${window.test[0]} to ${window.test[1]}`,
      tradedText(card, window),
      formatNumber(window.train_score, 3),
      formatNumber(window.test_score, 3),
      formatPercent(window.test_return),
    ]),
    notes: [
      `${counted(windows.length, "window")}, ${
        anchored ? "anchored" : "rolling"
      }, ${gained} gained; joined: ` +
      (["total_return", "sharpe", "max_drawdown"] as const).map((figure) =>
        `${figureTitle(figure)} ${figureText(figure, figures[figure])}`
      ).join(", "),
      ...bredApart(windows, "window"),
      ...leftOpen(windows),
    ],
  };
}

function tradedText(card: ExperimentCard, { choice, winner, values }: WalkWindow): string {
  if (winner === null) return "cash";
  return `${winner}: ${assignmentText(card, values)}${choice === "kept" ? " (kept)" : ""}`;
}

/** Where each range was searched anew, among how many trials it chose. */
function bredApart(
  ranges: readonly Pick<WalkWindow, "bred">[],
  name: "window" | "split",
): readonly string[] {
  const bred = ranges.flatMap(({ bred }) => bred === undefined ? [] : [bred]);
  if (bred.length === 0) return [];
  const [least, most] = [Math.min(...bred), Math.max(...bred)];
  const count = least === most ? formatNumber(least, 0) : `${least} to ${most}`;
  return [
    `Each ${name} chose among the ${count} trials that were bred on its own training days; ` +
    "what several of them bred was tried once",
  ];
}

/** Windows on which nothing could be chosen, and what was traded there. */
function leftOpen(windows: readonly WalkWindow[]): readonly string[] {
  const counts = (["kept", "cash"] as const).map((wanted) =>
    windows.filter(({ choice }) => choice === wanted).length
  );
  const [kept, cash] = counts as [number, number];
  if (kept + cash === 0) return [];
  return [
    `No trial has a score on the training range of ${counted(kept + cash, "window")}: ` +
    `${kept} kept the winner before, ${cash} held cash`,
  ];
}

function splitTable(
  { splits, path_sharpes, purge_days, purge_trial, embargo_days, longest_holding_days }:
    CrossRecord,
) {
  const known = pathSharpes(path_sharpes);
  const paths = known === undefined ? [] : [
    `${counted(known.count, "path")} through all folds: Sharpe ${formatNumber(known.low)} to ` +
    `${formatNumber(known.high)}, median ${formatNumber(known.median)}`,
  ];
  return {
    header: [
      ...["Test folds", "Train days", "Test days", "Purged", "Embargoed", "Held across", "Winner"],
      ...["Sharpe in", "Sharpe out"],
    ],
    align: ["left"] as const,
    rows: splits.map((split) => [
      split.folds.map((fold) => fold + 1).join(" + "),
      ...[split.train_days, split.test_days, split.purged_days, split.embargoed_days]
        .map((days) => formatNumber(days, 0)),
      formatNumber(split.overlaps, 0),
      split.winner === null ? NOTHING : String(split.winner),
      formatNumber(split.train_sharpe),
      formatNumber(split.test_sharpe),
    ]),
    notes: [
      `${purgeProof(splits)} (purge ${purge_days} days, embargo ${embargo_days})`,
      ...(longest_holding_days === null ? [] : [
        `${
          purgeOrigin(purge_trial)
        }, and held against the fills of each split's winner: they held positions for up to ` +
        `${formatNumber(longest_holding_days, 0)} days`,
      ]),
      ...bredApart(splits, "split"),
      ...paths,
    ],
  };
}

function purgeOrigin(trial: number | null | undefined): string {
  if (trial === undefined) return "The purge is given";
  if (trial === null) return "No trial's positions need a purge";
  return `The purge is as long as the positions of trial ${trial} need it, as those of no other need more`;
}

/** What was counted on the splits: `15 splits, 0 training days held across into a test, 300 days purged, 75 embargoed`. */
export function purgeProof(splits: readonly CrossSplit[]): string {
  const total = (of: (split: CrossSplit) => number) =>
    formatNumber(splits.reduce((sum, split) => sum + of(split), 0), 0);
  return `${formatNumber(splits.length, 0)} splits, ${
    total(({ overlaps }) => overlaps ?? 0)
  } training days held across into a test, ` +
    `${total(({ purged_days }) => purged_days)} days purged, ` +
    `${total(({ embargoed_days }) => embargoed_days)} embargoed`;
}
