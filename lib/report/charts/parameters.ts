import { formatNumber } from "../format.ts";
import { type Cell, drawCells } from "./cells.ts";
import { type Chart, type ChartSize, sizeOf } from "./chart.ts";
import { openCanvas } from "./drawing.ts";
import { framed } from "./frame.ts";
import type { LegendItem } from "./legend.ts";
import { divergingCell, PANEL, sequentialCell } from "./palette.ts";
import { textWidth } from "./text.ts";

/** One point of a grid of two parameters; a value that is null or NaN is undefined. */
export interface ParameterRow {
  readonly x: number | string;
  readonly y: number | string;
  readonly value: number | null;
}

/** What the two parameters and the figure are called. */
export interface ParameterOptions extends ChartSize {
  readonly x?: string;
  readonly y?: string;
  readonly value?: string;
  /** Small print: experiment, range. */
  readonly caption?: string;
  /** Decimals of the numbers, 2. */
  readonly digits?: number;
}

/** A figure over two parameters as a heat map; several values of one cell show as their mean. */
export async function parameters(
  rows: readonly ParameterRow[],
  options: ParameterOptions = {},
): Promise<Chart> {
  const { x = "x", y = "y", value: figure = "value", digits = 2 } = options;
  const columns = sortedNames(rows.map((row) => row.x));
  const lines = sortedNames(rows.map((row) => row.y)).toReversed();
  const { width, height } = sizeOf(options, Math.min(560, 44 + 30 * Math.max(1, lines.length)));
  const means = meanByCell(rows);
  const known = [...means.values()].map(({ mean }) => mean).filter((mean) => !Number.isNaN(mean));
  const colors = scaleOf(known);
  const left = 40 + Math.max(0, ...lines.map((name) => textWidth(name, 11)));
  const hasTexts = (width - left) / columns.length >= 34 && height / lines.length >= 15;
  const cells = [...means.values()].map(({ column, line, mean, count }): Cell => {
    const { fill, text } = Number.isNaN(mean) ? { fill: PANEL, text: PANEL } : colors.cell(mean);
    const shown = Number.isNaN(mean) ? "undefined" : formatNumber(mean, digits);
    return {
      ...{ x: column, y: line, fill, color: text },
      text: hasTexts && !Number.isNaN(mean) ? shown : "",
      title: `${x} ${column}, ${y} ${line}: ${figure} ${shown}` +
        (count > 1 ? `, mean of ${count}` : ""),
    };
  });
  const drawing = drawCells(await openCanvas(), {
    ...{ cells, columns, rows: lines, width, height, left, isBottom: true },
  });
  const best = bestOf([...means.values()]);
  const hasMeans = [...means.values()].some(({ count }) => count > 1);
  return framed({
    title: best === undefined
      ? `No ${figure} is defined`
      : `Highest ${figure} ${formatNumber(best.mean, digits)} at ${x} ${best.column}, ` +
        `${y} ${best.line}`,
    caption: [
      ...(options.caption === undefined ? [] : [options.caption]),
      `${formatNumber(rows.length, 0)} rows, ${columns.length} × ${lines.length} cells`,
      ...(hasMeans ? ["cells show means"] : []),
    ].join(" · "),
    alt: `Heat map of ${figure} over ${x} and ${y}, ` +
      `${formatNumber(Math.min(...known), digits)} to ${formatNumber(Math.max(...known), digits)}.`,
    ...{ width, legend: colors.legend(digits) },
    rows: [[{ heading: `${figure}: ${y} upwards, ${x} to the right`, drawing }]],
  });
}

interface MeanCell {
  readonly column: string;
  readonly line: string;
  readonly mean: number;
  readonly count: number;
}

function meanByCell(rows: readonly ParameterRow[]): ReadonlyMap<string, MeanCell> {
  const cells = new Map<string, MeanCell>();
  for (const { x, y, value } of rows) {
    const [column, line] = [String(x), String(y)];
    const key = JSON.stringify([column, line]);
    const { mean, count } = cells.get(key) ?? { mean: 0, count: 0 };
    const sum = mean * count + (value === null || !Number.isFinite(value) ? NaN : value);
    cells.set(key, { column, line, mean: sum / (count + 1), count: count + 1 });
  }
  return cells;
}

/** Numbers by size, then words by letters, each once. */
function sortedNames(values: readonly (number | string)[]): readonly string[] {
  const numbers = values.filter((value) => typeof value === "number").sort((a, b) => a - b);
  const words = values.filter((value) => typeof value === "string").sort();
  return [...new Set([...numbers.map(String), ...words])];
}

/** Blue is more; values on both sides of zero part at it, others run from the lowest to the highest. */
export function scaleOf(values: readonly number[]) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const isSigned = low < 0 && high > 0;
  const reach = isSigned ? Math.max(-low, high) : high - low;
  const cell = (value: number) =>
    isSigned
      ? divergingCell(Math.max(-0.999, Math.min(0.999, value / reach)))
      : sequentialCell(reach > 0 ? Math.min(0.999, (value - low) / reach) : 0.5);
  return {
    cell,
    legend(digits: number): readonly LegendItem[] {
      if (values.length === 0) return [];
      const steps = low === high
        ? [low]
        : [0, 0.25, 0.5, 0.75, 1].map((step) => low + (high - low) * step);
      return steps.map((value) => ({
        text: formatNumber(value, digits),
        color: cell(value).fill,
        sign: "area",
      }));
    },
  };
}

function bestOf(cells: readonly MeanCell[]): MeanCell | undefined {
  return cells.filter(({ mean }) => !Number.isNaN(mean))
    .reduce<MeanCell | undefined>(
      (best, cell) => best === undefined || cell.mean > best.mean ? cell : best,
      undefined,
    );
}
