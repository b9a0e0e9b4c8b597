import type { RunRow } from "../results/mod.ts";
import { formatMoney, formatNumber, formatPercent } from "./format.ts";
import { formatTable } from "./table.ts";

/** Runs side by side, one line each, in the order given. */
export function runListTable(runs: readonly RunRow[]): string {
  const rows = runs.map((run) => [
    run.run_id,
    run.name,
    run.start,
    run.end,
    formatMoney(run.final_nav),
    formatPercent(run.cagr),
    formatNumber(run.sharpe),
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
      "Max DD",
      "Fills",
      "Models",
    ],
    align: ["left", "left", "left", "left", "right", "right", "right", "right", "right", "left"],
  });
}
