import type { Interval, Proofs } from "../core/proofs.ts";
import type { Deflated, RunCard } from "../results/mod.ts";
import { certificateLine } from "./certificate_page.ts";
import { NOTEBOOK_DISPLAY } from "./charts/chart.ts";
import { deflatedLines } from "./deflated_lines.ts";
import { formatMoney, formatNumber, formatPercent, NOTHING } from "./format.ts";
import type { ShownColumn } from "./show_table.ts";
import { tableHtml } from "./show_table_html.ts";
import { formatTable } from "./table.ts";

/** Media type under which a notebook hands over its runs to machines. */
export const RUN_MEDIA_TYPE = "application/vnd.assay.run+json";

/** A finished run, as far as publishing it goes. */
export interface Publishable {
  readonly card: RunCard;
  readonly proofs?: Proofs;
  readonly deflated?: Deflated;
}

/** A run as machines read it. */
export interface PublishedRun {
  readonly run_id: string;
  readonly sealed: boolean;
  /** Figures of the portfolio, as in the run's card. */
  readonly statistics: RunCard["statistics"]["portfolio"];
  /** 95 % intervals; null where chance was not looked at. */
  readonly intervals: Readonly<Record<"sharpe" | "cagr" | "max_drawdown", Interval>> | null;
  /** Null where the run was not audited. */
  readonly certificate: "passed" | "optimistic" | "failed" | null;
  /** Its Sharpe ratio against all trials on record when the notebook ran; null where there were none. */
  readonly deflated: Deflated | null;
  /** SHA-256 of every file of the run but its card. */
  readonly artefacts: Readonly<Record<string, string>>;
}

/** What a notebook made: it shows itself, and tells machines which runs they are. */
export interface Publication {
  readonly runs: readonly PublishedRun[];
  toString(): string;
}

/** Closes a notebook: the ids of its runs, what they came to and how sure that is. RangeError without any run. */
export function publish(...runs: readonly Publishable[]): Publication {
  if (runs.length === 0) throw new RangeError("publish() needs one run or more");
  const published = runs.map(publishedRun);
  const columns = [labelColumn(), ...published.flatMap(runColumns)];
  const notes = runs.flatMap((run) => notesOf(run, runs.length > 1));
  const html = tableHtml(columns, notes);
  const text = plainText(columns, notes);
  return {
    runs: published,
    toString: () => text,
    [NOTEBOOK_DISPLAY]: () => ({
      "text/html": `<div class="assay-publication">${html}</div>`,
      "text/plain": text,
      [RUN_MEDIA_TYPE]: { runs: published },
    }),
    [Symbol.for("Deno.customInspect")]: () => text,
  } as Publication;
}

function publishedRun({ card, proofs = {}, deflated }: Publishable): PublishedRun {
  const { luck, certificate } = proofs;
  return {
    run_id: card.run_id,
    sealed: card.sealed,
    statistics: card.statistics.portfolio,
    intervals: luck
      ? {
        sharpe: luck.portfolio.sharpe,
        cagr: luck.portfolio.cagr,
        max_drawdown: luck.portfolio.max_drawdown,
      }
      : null,
    certificate: certificate?.verdict ?? null,
    deflated: deflated ?? null,
    artefacts: card.artefacts,
  };
}

interface Line {
  readonly label: string;
  show(figures: PublishedRun["statistics"]): string;
  readonly interval?: "sharpe" | "cagr" | "max_drawdown";
}

const percent = (value: number | null) => formatPercent(value, 1);

const LINES: readonly Line[] = [
  { label: "Final NAV", show: ({ final_nav }) => formatMoney(final_nav) },
  { label: "Total return", show: ({ total_return }) => formatPercent(total_return) },
  { label: "CAGR", show: ({ cagr }) => formatPercent(cagr), interval: "cagr" },
  { label: "Sharpe", show: ({ sharpe }) => formatNumber(sharpe), interval: "sharpe" },
  {
    label: "Max drawdown",
    show: ({ max_drawdown }) => formatPercent(max_drawdown),
    interval: "max_drawdown",
  },
  { label: "Win rate", show: ({ win_rate }) => formatPercent(win_rate, 1) },
  { label: "Turnover a year", show: ({ turnover }) => formatNumber(turnover) },
  { label: "Fills", show: ({ fills }) => formatNumber(fills, 0) },
];

function labelColumn(): ShownColumn {
  return { title: ["Figure"], cells: LINES.map(({ label }) => label), align: "left" };
}

function runColumns({ run_id, statistics, intervals }: PublishedRun): readonly ShownColumn[] {
  const values: ShownColumn = {
    title: [`Run ${run_id}`],
    cells: LINES.map(({ show }) => show(statistics)),
    align: "right",
  };
  if (intervals === null) return [values];
  const cells = LINES.map(({ interval }) => {
    if (interval === undefined) return "";
    const show = interval === "sharpe" ? (value: number | null) => formatNumber(value) : percent;
    return rangeText(intervals[interval], show);
  });
  return [values, { title: ["95% interval"], cells, align: "right" }];
}

function rangeText({ low, high }: Interval, show: (value: number | null) => string): string {
  return low === null || high === null ? NOTHING : `${show(low)} to ${show(high)}`;
}

/** What makes a whole result less than it seems; the others belong to single moments. */
const CAVEATS = /same_close|unsealed|no dividends or splits/;

function notesOf(
  { card, proofs: { certificate } = {}, deflated }: Publishable,
  isNamed: boolean,
): string[] {
  const lines = [
    ...deflatedLines(deflated),
    ...(certificate ? [certificateLine(certificate)] : ["Causality: not audited"]),
    ...card.warnings.filter((line) => CAVEATS.test(line)).map((line) => `Warning: ${line}`),
  ];
  return isNamed ? lines.map((line) => `${card.run_id}  ${line}`) : lines;
}

function plainText(columns: readonly ShownColumn[], notes: readonly string[]): string {
  const rows = LINES.map((_, row) => columns.map(({ cells }) => cells[row]!));
  const table = formatTable(rows, {
    header: columns.map(({ title: [name] }) => name),
    align: columns.map(({ align }) => align),
  });
  return [table, "", ...notes].join("\n");
}
