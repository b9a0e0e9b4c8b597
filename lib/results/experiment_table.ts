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

/** Trials as columns. */
export function trialColumns(
  { dimensions }: Pick<ExperimentCard, "dimensions">,
  trials: readonly TrialRecord[],
): Readonly<Record<string, ColumnValues[ColumnKind]>> {
  const numbers = (of: (trial: TrialRecord) => number | null) =>
    Float64Array.from(trials, (trial) => of(trial) ?? NaN);
  return {
    trial: numbers(({ trial }) => trial),
    run_id: trials.map(({ run_id }) => run_id),
    batch: numbers(({ batch }) => batch),
    status: trials.map(({ status }) => status),
    message: trials.map(({ message }) => message ?? ""),
    score: numbers(({ score }) => score),
    rank: numbers(({ rank }) => rank),
    plateau: numbers(({ plateau }) => plateau),
    pareto: trials.map(({ pareto }) => pareto),
    test_score: numbers(({ test_score }) => test_score),
    ...Object.fromEntries(
      TRIAL_FIGURES.map((figure) => [figure, numbers(({ figures }) => figures[figure])]),
    ),
    ...Object.fromEntries(dimensions.map((dimension, i) => [
      columnOf(dimension),
      isNumeric(dimension)
        ? numbers(({ values }) => values[i] as number | null)
        : trials.map(({ values }) => JSON.stringify(values[i])),
    ])),
  };
}

/** Trials read back from their columns. */
export function trialRecords(
  { dimensions }: Pick<ExperimentCard, "dimensions">,
  columns: Readonly<Record<string, ColumnValues[ColumnKind]>>,
): TrialRecord[] {
  const number = (name: string, row: number) => {
    const value = (columns[name] as Float64Array)[row]!;
    return Number.isNaN(value) ? null : value;
  };
  const text = (name: string, row: number) => (columns[name] as readonly string[])[row]!;
  return Array.from(columns["trial"] as Float64Array, (trial, row): TrialRecord => ({
    trial,
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
    pareto: (columns["pareto"] as readonly boolean[])[row]!,
    test_score: number("test_score", row),
  }));
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
  trials: readonly TrialRecord[],
): Generator<string> {
  const labels = dimensions.map(columnOf);
  yield line(["rank", "trial", "run_id", ...labels, "score", "plateau", "test_score", ...RANKING]);
  const place = ({ rank, trial }: TrialRecord) => rank ?? trials.length + 1 + trial;
  for (const trial of trials.toSorted((a, b) => place(a) - place(b))) {
    const { rank, run_id, values, score, plateau, test_score, figures } = trial;
    yield line([
      ...[rank, trial.trial, run_id, ...values, score, plateau, test_score],
      ...RANKING.map((figure) => figures[figure]),
    ]);
  }
}

function line(cells: readonly (ParameterValue | null)[]): string {
  return `${cells.map(cellText).join()}\n`;
}

/** A spreadsheet must not take a text for a formula. */
function cellText(value: ParameterValue | null): string {
  if (value === null) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
