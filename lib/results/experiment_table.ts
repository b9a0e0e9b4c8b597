import type { ExperimentCard, ExperimentDimension, TrialRecord } from "../core/experiment.ts";
import type { ParameterValue } from "../core/search_space.ts";
import { TRIAL_FIGURES, type TrialFigure } from "../core/trial_figures.ts";
import type { ColumnKind, ColumnValues, TableSchema } from "./parquet.ts";

/** What stands before the figures and the parameters in the table of an experiment's trials. */
const OWN_COLUMNS = {
  trial: "number",
  run_id: "text",
  batch: "number",
  status: "text",
  message: "text",
  score: "number",
  rank: "number",
  plateau: "number",
  neighbours: "number",
  pareto: "flag",
  test_score: "number",
} as const satisfies TableSchema;

/** The columns of `trials.parquet`: a parameter of numbers has a column of numbers, another one of JSON texts. */
export function trialSchema({ dimensions }: Pick<ExperimentCard, "dimensions">): TableSchema {
  return {
    ...OWN_COLUMNS,
    ...Object.fromEntries(TRIAL_FIGURES.map((figure) => [figure, "number"] as const)),
    ...Object.fromEntries(
      dimensions.map((dimension) =>
        [columnOf(dimension), isNumeric(dimension) ? "number" : "text"] as const
      ),
    ),
  };
}

/** The trials of an experiment, each made when it is asked for. */
export interface TrialRecords {
  readonly count: number;
  /** Places of trials with a score, best first. */
  readonly order: Int32Array;
  /** Places of failed trials, and of those on the front. */
  readonly failed: readonly number[];
  readonly front: readonly number[];
  at(place: number): TrialRecord;
}

/** Trials as columns. */
export function trialColumns(
  card: Pick<ExperimentCard, "dimensions">,
  trials: TrialRecords,
): Readonly<Record<string, ColumnValues[ColumnKind]>> {
  const schema = trialSchema(card);
  const names = Object.keys(schema); // order: as the schema lists its columns
  const columns = names.map((name): Float64Array | string[] | boolean[] =>
    schema[name] === "number" ? new Float64Array(trials.count) : new Array(trials.count)
  );
  for (let row = 0; row < trials.count; row++) {
    const cells = cellsOf(card, trials.at(row));
    cells.forEach((cell, i) => {
      const column = columns[i]!;
      if (column instanceof Float64Array) column[row] = cell as number | null ?? NaN;
      else column[row] = cell as string & boolean;
    });
  }
  return Object.fromEntries(names.map((name, i) => [name, columns[i]!]));
}

/** One trial's cells in the order of the schema; null is no number. */
function cellsOf(
  { dimensions }: Pick<ExperimentCard, "dimensions">,
  trial: TrialRecord,
): readonly (number | string | boolean | null)[] {
  const { run_id, batch, status, message, score, rank, plateau, neighbours, pareto, test_score } =
    trial;
  return [
    ...[
      trial.trial,
      run_id,
      batch,
      status,
      message ?? "",
      score,
      rank,
      plateau,
      neighbours,
      pareto,
      test_score,
    ],
    ...TRIAL_FIGURES.map((figure) => trial.figures[figure]),
    ...dimensions.map((dimension, i) =>
      isNumeric(dimension) ? trial.values[i] as number | null : JSON.stringify(trial.values[i])
    ),
  ];
}

/** Trials beyond which only the notable ones are handed round: the winner, the best, the front, some of the failed. */
const MOST_AT_HAND = 20_000;
const MOST_NOTABLE = { best: 2_000, failed: 100 };

/** Places of the trials that pages are made from, ascending: all of them, or the notable ones of very many. */
export function notablePlaces(
  { count, order, failed, front }: Omit<TrialRecords, "at">,
  winner: number | null,
): readonly number[] {
  if (count <= MOST_AT_HAND) return Array.from({ length: count }, (_, place) => place);
  const notable = new Set([
    // Of a rank that may be far below the best.
    ...(winner === null ? [] : [winner]),
    ...order.subarray(0, MOST_NOTABLE.best),
    ...front,
    ...failed.slice(0, MOST_NOTABLE.failed),
  ]);
  return [...notable].sort((a, b) => a - b);
}

/** Trials read back from their columns. */
export function trialRecords(
  { dimensions }: Pick<ExperimentCard, "dimensions">,
  columns: Readonly<Record<string, ColumnValues[ColumnKind]>>,
): TrialRecords {
  const number = (name: string, row: number) => {
    const value = (columns[name] as Float64Array)[row]!;
    return Number.isNaN(value) ? null : value;
  };
  const text = (name: string, row: number) => (columns[name] as readonly string[])[row]!;
  const count = (columns["trial"] as Float64Array).length;
  const ranks = columns["rank"] as Float64Array;
  const rows = Array.from({ length: count }, (_, row) => row);
  const order = Int32Array.from(rows.filter((row) => !Number.isNaN(ranks[row]!)))
    .sort((a, b) => ranks[a]! - ranks[b]!);
  return {
    count,
    order,
    failed: rows.filter((row) => text("status", row) === "failed"),
    front: rows.filter((row) => (columns["pareto"] as readonly boolean[])[row]!),
    at: (row): TrialRecord => ({
      trial: row,
      run_id: text("run_id", row),
      batch: number("batch", row)!,
      status: text("status", row) as TrialRecord["status"],
      message: text("message", row) || null,
      values: dimensions.map((dimension): ParameterValue =>
        isNumeric(dimension)
          ? number(columnOf(dimension), row)
          : JSON.parse(text(columnOf(dimension), row))
      ),
      score: number("score", row),
      figures: Object.fromEntries(
        TRIAL_FIGURES.map((figure) => [figure, number(figure, row)]),
      ) as Record<TrialFigure, number | null>,
      rank: number("rank", row),
      plateau: number("plateau", row),
      neighbours: number("neighbours", row)!,
      pareto: (columns["pareto"] as readonly boolean[])[row]!,
      test_score: number("test_score", row),
    }),
  };
}

/** A parameter's column: its label, unless a figure has that name. */
function columnOf({ label }: ExperimentDimension): string {
  const taken = label in OWN_COLUMNS || (TRIAL_FIGURES as readonly string[]).includes(label);
  return taken ? `parameter ${label}` : label;
}

function isNumeric({ values, low }: ExperimentDimension): boolean {
  return low !== undefined || (values ?? []).every((value) => typeof value === "number");
}

const RANKING: readonly TrialFigure[] = [
  ...["sharpe", "cagr", "max_drawdown", "win_rate", "turnover"] as const,
  ...["final_nav", "fills", "bps"] as const,
];

/** The ranking as lines of comma-separated values, best first, trials without a score last. */
export function* rankingLines(
  { dimensions }: Pick<ExperimentCard, "dimensions">,
  trials: TrialRecords,
): Generator<string> {
  const labels = dimensions.map(columnOf);
  yield line(["rank", "trial", "run_id", ...labels, "score", "plateau", "test_score", ...RANKING]);
  const ranked = new Set(trials.order);
  const cells = (place: number) => {
    const { trial, rank, run_id, values, score, plateau, test_score, figures } = trials.at(place);
    return line([
      ...[rank, trial, run_id, ...values, score, plateau, test_score],
      ...RANKING.map((figure) => figures[figure]),
    ]);
  };
  for (const place of trials.order) yield cells(place);
  for (let place = 0; place < trials.count; place++) if (!ranked.has(place)) yield cells(place);
}

function line(cells: readonly (ParameterValue | null)[]): string {
  return `${cells.map(cellText).join()}\n`;
}

/** A spreadsheet must not take a text for a formula. */
function cellText(value: ParameterValue | null): string {
  if (value === null) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
