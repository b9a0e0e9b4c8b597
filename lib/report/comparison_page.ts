import type { Proofs } from "../core/proofs.ts";
import type { Comparison, Deflated, FigureRow, RunCard } from "../results/mod.ts";
import { deflatedLines } from "./deflated_lines.ts";
import { NOTHING } from "./format.ts";
import { causalityLine, figuresOf } from "./run_summary.ts";
import { briefTable, type Figures, statisticsTable } from "./statistics_table.ts";
import { formatTable } from "./table.ts";

const WIDEST_VALUE = 40;

/** What the runs can show for themselves, in the order of their cards. */
export interface ComparedProofs {
  readonly proofs?: readonly Proofs[];
  /** For each run the names of proofs that are on file and not to be believed. */
  readonly damagedProofs?: readonly (readonly string[])[];
  /** Their Sharpe ratios against all trials on record. */
  readonly deflated?: readonly (Deflated | undefined)[];
}

/** Runs side by side: every figure of the portfolios, the main ones of each model, and what they were made of. */
export function comparisonPage(
  comparison: Comparison,
  cards: readonly RunCard[],
  { proofs = [], damagedProofs = [], deflated = [] }: ComparedProofs = {},
): string {
  const { portfolio, models, plan, data, code } = comparison;
  const columns = cards.map(({ run_id, statistics }, place) => ({
    title: run_id,
    statistics: figuresOf(statistics.portfolio),
    luck: proofs[place]?.luck?.portfolio,
  }));
  return [
    `Comparison of ${cards.length} runs`,
    "",
    statisticsTable([...columns, ...differenceColumn(portfolio)]),
    ...Object.entries(models).flatMap(([name, rows]) => ["", modelTable(name, rows, cards)]),
    "",
    planTable(comparison),
    "",
    `Plan: ${plan.length === 0 ? "equal" : "different"}`,
    `Data: ${data.equal ? "equal" : "different"}`,
    `Code: ${code.equal ? "equal" : "different"}`,
    ...cards.flatMap(({ run_id }, place) =>
      deflatedLines(deflated[place]).map((line) => `${run_id}  ${line}`)
    ),
    ...cards.flatMap(({ run_id }, place) =>
      proofLines(run_id, proofs[place] ?? {}, damagedProofs[place] ?? [])
    ),
  ].join("\n");
}

/** What a run can show for itself, in a line or two. */
function proofLines(
  run: string,
  proofs: Proofs,
  damaged: readonly string[],
): readonly string[] {
  const { envelope } = proofs;
  return [
    `${run}  ${causalityLine(run, proofs, damaged)}`,
    ...(envelope?.headline ? [`${run}  ${envelope.headline}`] : []),
  ];
}

function modelTable(name: string, rows: readonly FigureRow[], cards: readonly RunCard[]): string {
  const columns = cards.flatMap(({ run_id, statistics }) => {
    const found = statistics.models[name];
    return found ? [{ title: run_id, statistics: figuresOf(found) }] : [];
  });
  return `${name}\n\n${briefTable([...columns, ...differenceColumn(rows)])}`;
}

/** One column where exactly two runs are compared. */
function differenceColumn(rows: readonly FigureRow[]) {
  if (rows[0]?.values.length !== 2) return [];
  const differences = rows.map(({ figure, difference }) => [figure, difference] as const);
  return [{ title: "Difference", statistics: Object.fromEntries(differences) as Figures }];
}

function planTable({ plan, runs }: Comparison): string {
  if (plan.length === 0) return "The plans are the same";
  const rows = plan.map(({ path, values }) => [path, ...values.map(valueText)]);
  return formatTable(rows, { header: ["Plan", ...runs] });
}

function valueText(value: unknown): string {
  if (value === undefined) return NOTHING;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= WIDEST_VALUE ? text : `${text.slice(0, WIDEST_VALUE - 1)}…`;
}
