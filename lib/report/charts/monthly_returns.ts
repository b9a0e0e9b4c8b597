import { formatNumber } from "../format.ts";
import { monthlyReturns as returnsByMonth } from "../../stats/monthly.ts";
import { type Cell, drawCells } from "./cells.ts";
import { type Chart, type ChartSize, type ChartSource, sizeOf } from "./chart.ts";
import { openCanvas } from "./drawing.ts";
import { framed } from "./frame.ts";
import { divergingCell } from "./palette.ts";
import { captionOf } from "./source.ts";
import { signedPercent } from "./text.ts";

const MONTHS = [
  ...["Jan", "Feb", "Mar", "Apr", "May", "Jun"],
  ...["Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
];

/** The return of each calendar month as a number on its colour, years below each other with their sums. */
export async function monthlyReturns(run: ChartSource, options: ChartSize = {}): Promise<Chart> {
  const { card, tables } = run;
  const { time, nav } = await tables.nav();
  const months = returnsByMonth(time, nav);
  const years = [...new Set(months.map(({ month }) => month.slice(0, 4)))].sort();
  const { width, height } = sizeOf(options, 30 + 30 * Math.max(1, years.length));
  const known = months.flatMap((month) => month.return === null ? [] : [month.return]);
  // The strongest colour is for the rare month: one wild month must not pale all others.
  const strong = quantile(known.map(Math.abs), 0.95) || 0.01;
  const cellAt = (year: string, column: string, value: number | null, scale: number): Cell => {
    const { fill, text } = divergingCell(shade(value, scale));
    return {
      ...{ x: column, y: year, fill, color: text },
      text: value === null ? "–" : formatNumber(value * 100, 1),
      title: `${column} ${year}: ${signedPercent(value, 2)}`,
    };
  };
  const cells = years.flatMap((year) => {
    const own = months.filter(({ month }) => month.startsWith(year));
    return [
      ...own.map(({ month, return: value }) =>
        cellAt(year, MONTHS[Number(month.slice(5)) - 1]!, value, strong)
      ),
      cellAt(year, "Year", compounded(own.map((month) => month.return)), strong * 3),
    ];
  });
  const canvas = await openCanvas();
  const drawing = drawCells(canvas, {
    ...{ cells, rows: years, columns: [...MONTHS, "Year"], width, height, left: 52 },
  });
  const gains = known.filter((value) => value > 0).length;
  const best = Math.max(...known);
  const worst = Math.min(...known);
  return framed({
    title: known.length === 0
      ? "No month was long enough for a return"
      : `${gains} of ${known.length} months gained; best ${signedPercent(best)}, ` +
        `worst ${signedPercent(worst)}`,
    caption: captionOf(card, "blue gained, orange lost", "first and last month may be parts"),
    alt: "Table of monthly returns in per cent, a row a year: " + years.map((year) =>
      `${year} ${cells.find(({ x, y }) => x === "Year" && y === year)!.text}`
    ).join(", ") + ".",
    ...{ width, rows: [[{ heading: "Return, % of the NAV as the month began", drawing }]] },
  });
}

/** Position on the scale of colours: nearly nothing is grey, a gain is never on the side of losses. */
function shade(value: number | null, strong: number): number {
  if (value === null) return 0;
  const share = Math.max(-0.999, Math.min(0.999, value / strong));
  return Math.abs(value) < strong / 50 ? 0 : Math.sign(value) * Math.max(0.12, Math.abs(share));
}

function compounded(returns: readonly (number | null)[]): number | null {
  return returns.reduce<number | null>(
    (sum, value) => sum === null || value === null ? null : (1 + sum) * (1 + value) - 1,
    0,
  );
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}
