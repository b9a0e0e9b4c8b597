import type { Canvas, Drawing } from "./drawing.ts";
import { MUTED } from "./palette.ts";

/** One cell of a heat map. */
export interface Cell {
  readonly x: string;
  readonly y: string;
  readonly fill: string;
  readonly text: string;
  readonly color: string;
  /** Shown when pointed at. */
  readonly title: string;
}

/** A heat map of named columns and rows. */
export interface CellPlot {
  readonly cells: readonly Cell[];
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  readonly width: number;
  readonly height: number;
  /** Room for the names of the rows. */
  readonly left: number;
  /** Whether the names of the columns stand below. */
  readonly isBottom?: boolean;
  readonly fontSize?: number;
}

/** Draws cells with their texts; names of columns stand above or below. */
export function drawCells({ Plot, draw }: Canvas, plot: CellPlot): Drawing {
  const { cells, columns, rows, width, height, left, isBottom = false, fontSize = 11 } = plot;
  const every = Math.ceil(columns.length / Math.max(1, (width - left) / 44));
  const everyRow = Math.ceil(rows.length / Math.max(1, height / 14));
  const isFine = (width - left) / columns.length < 20 || height / rows.length < 14;
  const axis = { tickSize: 0, label: null, color: MUTED, fontSize: 11 } as const;
  return draw({
    ...{ width, height, marginLeft: left, marginRight: 16 },
    ...(isBottom ? { marginTop: 4, marginBottom: 24 } : { marginTop: 22, marginBottom: 4 }),
    x: { type: "band", domain: [...columns], axis: null, padding: isFine ? 0 : 0.04 },
    y: { type: "band", domain: [...rows], axis: null, padding: isFine ? 0 : 0.06 },
    marks: [
      Plot.cell(cells, {
        ...{ x: "x", y: "y", title: "title", fill: (cell: Cell) => cell.fill },
        ...(isFine ? {} : { rx: 2 }),
      }),
      Plot.text(cells.filter(({ text }) => text !== ""), {
        ...{ x: "x", y: "y", text: "text", fill: (cell: Cell) => cell.color, fontSize },
      }),
      Plot.axisX({
        ...axis,
        anchor: isBottom ? "bottom" : "top",
        ticks: columns.filter((_, place) => place % every === 0),
      }),
      Plot.axisY({ ...axis, ticks: rows.filter((_, place) => place % everyRow === 0) }),
    ],
    color: { type: "identity" },
  });
}
