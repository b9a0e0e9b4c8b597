import type { ExperimentCard } from "../core/experiment.ts";
import { assignmentText } from "./charts/experiment_source.ts";
import { type DeflatedFigures, GATE_WORDS, gateOf, probability } from "./experiment_honesty.ts";
import { figureOfValidation, validationName } from "./experiment_validation.ts";
import { formatNumber, formatPercent, NOTHING } from "./format.ts";
import { formatTable } from "./table.ts";
import { figureText, objectiveTitle } from "./trial_figure_text.ts";

/** One experiment of a list. */
export interface ExperimentRow {
  readonly card: ExperimentCard;
  readonly deflated?: DeflatedFigures;
}

/** Experiments one line each, in the order given. */
export function experimentList(rows: readonly ExperimentRow[]): string {
  if (rows.length === 0) return "No experiment yet";
  return formatTable(
    rows.map(({ card, deflated }) => [
      card.experiment_id,
      card.name,
      card.method,
      `${card.start} to ${card.end}`,
      formatNumber(card.trials.finished, 0),
      formatNumber(card.trials.failed, 0),
      objectiveTitle(card.objective),
      formatNumber(card.winner?.score ?? null, 3),
      formatNumber(figureOfValidation(card)),
      probability(deflated?.deflatedSharpe ?? null),
      probability(card.statistics?.spa?.consistent ?? null),
      GATE_WORDS[gateOf(card, deflated).state],
    ]),
    {
      header: [
        ...["Experiment", "Name", "Method", "Range", "Finished", "Failed", "Objective"],
        ...["Best", "Out of\nsample", "Deflated\nSharpe", "SPA p", "Gate"],
      ],
      align: [
        ...["left", "left", "left", "left", "right", "right", "left"] as const,
        ...["right", "right", "right", "right", "left"] as const,
      ],
    },
  );
}

interface Line {
  readonly label: string;
  show(row: ExperimentRow): string;
}

const LINES: readonly Line[] = [
  { label: "Name", show: ({ card }) => card.name },
  { label: "Method", show: ({ card }) => card.method },
  { label: "Model", show: ({ card }) => card.target_model ?? NOTHING },
  { label: "From", show: ({ card }) => card.start },
  { label: "To", show: ({ card }) => card.end },
  { label: "Objective", show: ({ card }) => objectiveTitle(card.objective) },
  { label: "Parameters", show: ({ card }) => String(card.dimensions.length) },
  { label: "Trials finished", show: ({ card }) => formatNumber(card.trials.finished, 0) },
  { label: "Trials failed", show: ({ card }) => formatNumber(card.trials.failed, 0) },
  { label: "Excluded", show: ({ card }) => formatNumber(card.trials.excluded, 0) },
  { label: "Winner's score", show: ({ card }) => formatNumber(card.winner?.score ?? null, 3) },
  { label: "Plateau", show: ({ card }) => formatNumber(card.winner?.plateau ?? null, 3) },
  { label: "Sharpe", show: ({ card }) => formatNumber(card.winner?.figures.sharpe ?? null) },
  {
    label: "Total return",
    show: ({ card }) => figureText("total_return", card.winner?.figures.total_return ?? null),
  },
  {
    label: "Max drawdown",
    show: ({ card }) => figureText("max_drawdown", card.winner?.figures.max_drawdown ?? null),
  },
  { label: "Validation", show: ({ card }) => validationName(card) },
  { label: "Out of sample", show: ({ card }) => formatNumber(figureOfValidation(card)) },
  {
    label: "Trials on record",
    show: ({ deflated }) => formatNumber(deflated?.trials ?? null, 0),
  },
  {
    label: "of this family",
    show: ({ deflated }) => formatNumber(deflated?.familyTrials ?? null, 0),
  },
  {
    label: "Deflated Sharpe",
    show: ({ deflated }) => probability(deflated?.deflatedSharpe ?? null),
  },
  {
    label: "SPA p against cash",
    show: ({ card }) => probability(card.statistics?.spa?.consistent ?? null),
  },
  {
    label: "and against holding",
    show: ({ card }) => probability(card.statistics?.hold?.consistent ?? null),
  },
  {
    label: "PBO (no gate)",
    show: ({ card }) => formatPercent(card.statistics?.pbo?.pbo ?? null, 0),
  },
  { label: "Gate", show: ({ card, deflated }) => GATE_WORDS[gateOf(card, deflated).state] },
];

/** Experiments side by side: what was searched, what won, and what luck explains of it. RangeError for none. */
export function experimentComparison(rows: readonly ExperimentRow[]): string {
  if (rows.length === 0) {
    throw new RangeError("experimentComparison() needs one experiment or more");
  }
  const equal = (what: (card: ExperimentCard) => string) =>
    new Set(rows.map(({ card }) => what(card))).size === 1 ? "equal" : "different";
  return [
    `Comparison of ${rows.length} experiments`,
    "",
    formatTable(LINES.map(({ label, show }) => [label, ...rows.map(show)]), {
      header: ["", ...rows.map(({ card }) => card.experiment_id)],
    }),
    "",
    ...rows.map(({ card }) =>
      `${card.experiment_id}  winner: ${
        card.winner ? assignmentText(card, card.winner.values) : "none"
      }`
    ),
    "",
    `Models and data on record: ${equal(({ family, data_set }) => `${family} ${data_set}`)}`,
    `Data: ${equal(({ data_fingerprint }) => data_fingerprint)}`,
    `Code: ${equal(({ code_fingerprint }) => code_fingerprint)}`,
  ].join("\n");
}
