import type { ExperimentCard, TrialRecord } from "../core/experiment.ts";
import { assignmentText } from "./charts/experiment_source.ts";
import { counted } from "./charts/text.ts";
import {
  type DeflatedFigures,
  GATE_WORDS,
  gateOf,
  honestVerdict,
  honestyRows,
} from "./experiment_honesty.ts";
import {
  frontTable,
  searchedTable,
  type TextTable,
  topTrialsTable,
  validationTable,
} from "./experiment_tables.ts";
import { formatNumber } from "./format.ts";
import { formatTable, wrapName } from "./table.ts";
import { figureText, figureTitle, objectiveTitle } from "./trial_figure_text.ts";

/** The page that a search prints: what was tried, what won, what luck alone explains, and what was kept apart. */
export function experimentPage(
  card: ExperimentCard,
  trials: readonly TrialRecord[],
  deflated?: DeflatedFigures,
): string {
  const source = { card, trials };
  return [
    `${card.name}: ${card.method} search over ${card.target_model ?? "the portfolio"}, ` +
    `${card.start} to ${card.end}`,
    ...(card.description === null ? [] : [card.description]),
    "",
    ...block("What was searched", searchedTable(card)),
    ...(card.constraints.length > 0 ? [`Constraints: ${card.constraints.join("; ")}`] : []),
    trialsLine(card),
    ...failures(trials),
    "",
    ...winnerLines(card),
    "",
    ...block("Best trials", topTrialsTable(source)),
    "",
    ...honestyLines(card, deflated),
    "",
    ...validationLines(card),
    ...frontLines(source),
    `Experiment ${card.experiment_id}`,
    ...(card.saved.length > 0 ? [`Saved runs: ${card.saved.join(" ")}`] : []),
  ].join("\n");
}

/** `192 trials: 188 finished, 4 failed; 24 combinations excluded`. */
export function trialsLine({ trials, objective, seed }: ExperimentCard): string {
  const { count, finished, failed, excluded } = trials;
  return `${counted(count, "trial")}: ${formatNumber(finished, 0)} finished, ` +
    `${formatNumber(failed, 0)} failed; ${counted(excluded, "combination")} excluded; ` +
    `objective ${objectiveTitle(objective)}, seed ${seed}`;
}

function block(title: string, { rows, header, align }: TextTable): readonly string[] {
  return [
    title,
    "",
    formatTable(rows, { header: header.map((name) => wrapName(name, 18)), align }),
  ];
}

/** Why trials failed, each reason once, the most frequent first. */
export function failureReasons(
  trials: readonly TrialRecord[],
): readonly { readonly reason: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const { status, message } of trials) {
    if (status !== "failed") continue;
    const reason = message ?? "no reason on record";
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => ({ reason, count }))
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

const MOST_REASONS = 5;

function failures(trials: readonly TrialRecord[]): readonly string[] {
  const reasons = failureReasons(trials);
  const left = reasons.length - MOST_REASONS;
  return [
    ...reasons.slice(0, MOST_REASONS).map(({ reason, count }) => `Failed, ${count} ×: ${reason}`),
    ...(left > 0 ? [`and ${counted(left, "further reason")}`] : []),
  ];
}

function winnerLines(card: ExperimentCard): readonly string[] {
  const { winner, objective } = card;
  if (winner === null) return ["No winner: no trial has a score"];
  const figures = (["sharpe", "total_return", "cagr", "max_drawdown", "turnover"] as const)
    .filter((figure) => figure !== objective.name)
    .map((figure) => `${figureTitle(figure)} ${figureText(figure, winner.figures[figure])}`);
  return [
    `Winner by min(score, plateau): trial ${winner.trial}, run ${winner.run_id}`,
    `  ${assignmentText(card, winner.values)}`,
    `  ${objectiveTitle(objective)} ${formatNumber(winner.score, 3)} (rank ${winner.rank}), ` +
    `plateau ${formatNumber(winner.plateau, 3)} of ${counted(winner.neighbours, "neighbour")}` +
    (winner.test_score === null ? "" : `, out of sample ${formatNumber(winner.test_score, 3)}`),
    `  ${figures.join(", ")}`,
  ];
}

const NOTE_WIDTH = 84;
const PAGE_WIDTH = 112;

function honestyLines(card: ExperimentCard, deflated?: DeflatedFigures): readonly string[] {
  const rows = honestyRows(card, deflated).flatMap(({ label, value, note }) =>
    wrapWords(note, NOTE_WIDTH).map((line, place) =>
      place === 0 ? [label, value, line] : ["", "", line]
    )
  );
  return [
    "What luck alone explains",
    "",
    formatTable(rows, { align: ["left", "right", "left"] }),
    "",
    ...wrapWords(
      `Gate ${GATE_WORDS[gateOf(card, deflated).state]}. ${honestVerdict(card, deflated)}`,
      PAGE_WIDTH,
    ),
  ];
}

function validationLines(card: ExperimentCard): readonly string[] {
  if (card.validation === null) return ["Nothing was kept out of the sample", ""];
  const { notes, ...table } = validationTable(card, card.validation);
  const title = `Out of sample: ${card.validation.method.replaceAll("_", " ")}`;
  return [...block(title, table), ...notes, ""];
}

function frontLines(source: { card: ExperimentCard; trials: readonly TrialRecord[] }) {
  const table = frontTable(source);
  if (!table) return [];
  const left = table.left > 0 ? [`and ${counted(table.left, "further trial")} on the front`] : [];
  return [...block("Pareto front", table), ...left, ""];
}

/** Lines of at most `width` letters, broken between words. */
function wrapWords(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
