import type { Envelope } from "../core/proofs.ts";
import { formatMoney, formatNumber, formatPercent } from "./format.ts";
import { formatTable } from "./table.ts";

/** One line for each fill assumption, the run's own first and marked, and the headline below where there is one. */
export function envelopeTable({ members, headline }: Envelope): string {
  const rows = members.map((member, place) => [
    place === 0 ? `${member.title} (this run)` : member.title,
    formatMoney(member.final_nav),
    formatPercent(member.total_return),
    formatPercent(member.cagr),
    formatNumber(member.sharpe),
    formatPercent(member.max_drawdown),
    formatNumber(member.bps),
  ]);
  const table = formatTable(rows, {
    header: ["Fill", "Final NAV", "Total return", "CAGR", "Sharpe", "Max drawdown", "BPS"],
  });
  return headline === null ? table : `${table}\n\n${headline}`;
}
