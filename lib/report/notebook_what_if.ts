import type { Deflated } from "../results/mod.ts";
import type { Statistics } from "../stats/summary.ts";
import { type ChartSource, NOTEBOOK_DISPLAY } from "./charts/chart.ts";
import { comparison } from "./charts/comparison.ts";
import { deflatedLines } from "./deflated_lines.ts";
import { formatNumber, formatPercent } from "./format.ts";
import type { ShownColumn } from "./show_table.ts";
import { tableHtml } from "./show_table_html.ts";
import { formatTable } from "./table.ts";

/** What was computed for one change of a plan. */
export interface WhatIfFigures {
  /** The id its run has when it is stored; of a model from a notebook, that of the request. */
  readonly id: string;
  /** The change in short. */
  readonly name: string;
  /** The plan as a card keeps it. */
  readonly plan: unknown;
  readonly statistics: Statistics;
  /** Its Sharpe ratio against all trials on record as it was answered, its own among them. */
  readonly deflated?: Deflated | undefined;
  readonly nav: { readonly times: Float64Array; readonly values: Float64Array };
}

/** An answer beside what it is held against. */
export interface ShownWhatIf extends WhatIfFigures {
  readonly base: WhatIfFigures;
  readonly previous: WhatIfFigures;
  readonly durationMs: number;
}

type Line = readonly [label: string, show: (figures: Statistics) => string];

const LINES: readonly Line[] = [
  ["Final NAV", ({ final_nav }) => formatNumber(final_nav, 0)],
  ["CAGR", ({ cagr }) => formatPercent(cagr)],
  ["Sharpe", ({ sharpe }) => formatNumber(sharpe)],
  ["Max drawdown", ({ max_drawdown }) => formatPercent(max_drawdown)],
  ["Turnover a year", ({ turnover }) => formatNumber(turnover)],
  ["Fills", ({ fills }) => formatNumber(fills, 0)],
];

/** Lets an answer show itself: its NAV beside that of the plan as loaded and of the answer before, and their figures. */
export function showWhatIf(answer: ShownWhatIf) {
  const { base, previous, durationMs } = answer;
  const shown = distinct([answer, base, previous]);
  const columns: readonly ShownColumn[] = [
    { title: ["Figure"], cells: LINES.map(([label]) => label), align: "left" },
    ...shown.map(({ name, statistics }): ShownColumn => ({
      title: [name],
      cells: LINES.map(([, show]) => show(statistics)),
      align: "right",
    })),
  ];
  const notes = [
    ...deflatedLines(answer.deflated),
    `What-if in ${formatNumber(durationMs, 0)} ms, on record as a trial; keep() stores its run`,
  ];
  const rows = LINES.map((_, row) => columns.map(({ cells }) => cells[row]!));
  const text = [formatTable(rows, { header: columns.map(({ title: [name] }) => name) }), ...notes];
  return {
    async [NOTEBOOK_DISPLAY]() {
      const { svg } = await navChart(shown);
      return {
        "text/html": svg + tableHtml(columns, notes),
        "text/plain": text.join("\n"),
      };
    },
  };
}

/** The answer first; one that is the same run as an earlier one is left out. */
function distinct(all: readonly WhatIfFigures[]): readonly WhatIfFigures[] {
  return all.filter(({ id }, place) => all.findIndex((other) => other.id === id) === place);
}

async function navChart(shown: readonly WhatIfFigures[]) {
  const names = Object.fromEntries(shown.map(({ id, name }) => [id, name]));
  return await comparison(shown.map(sourceOf), { names, highlight: 2, height: 260 });
}

/** As much of a run as the comparison looks at: a what-if has no folder. */
function sourceOf({ id, plan, nav }: WhatIfFigures): ChartSource {
  const card = { run_id: id, plan, sealed: true, statistics: { portfolio: {} } };
  const table = { time: nav.times, nav: nav.values };
  return { card, tables: { nav: () => Promise.resolve(table) } } as unknown as ChartSource;
}
