import type { Deflated, RunRow } from "../results/mod.ts";
import { deflatedShare } from "./deflated_lines.ts";
import { formatMoney, formatNumber, formatPercent, NOTHING } from "./format.ts";
import { formatTable } from "./table.ts";

/** Runs side by side, one line each, in the order given. */
export function runListTable(
  runs: readonly (RunRow & { readonly deflated?: Deflated | null })[],
): string {
  const rows = runs.map((run) => [
    run.run_id,
    run.name,
    run.start,
    run.end,
    formatMoney(run.final_nav),
    formatPercent(run.cagr),
    formatNumber(run.sharpe),
    run.deflated ? deflatedShare(run.deflated) : NOTHING,
    formatNumber(run.deflated?.trials ?? null, 0),
    formatPercent(run.max_drawdown),
    formatNumber(run.trades, 0),
    run.models.map(({ model, version }) => `${model}@${version}`).join(" "),
  ]);
  return formatTable(rows, {
    header: [
      "Run",
      "Name",
      "Start",
      "End",
      "Final NAV",
      "CAGR",
      "Sharpe",
      "Deflated",
      "Trials",
      "Max DD",
      "Fills",
      "Models",
    ],
    align: [
      "left",
      "left",
      "left",
      "left",
      "right",
      "right",
      "right",
      "right",
      "right",
      "right",
      "right",
      "left",
    ],
  });
}
