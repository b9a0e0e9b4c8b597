import { domainOf } from "./axes.ts";
import type { Canvas, Drawing } from "./drawing.ts";
import { GRID, INK, MUTED, PANEL } from "./palette.ts";
import { shortened } from "./text.ts";

/** One line of a dot-and-interval plot. */
export interface RangeRow {
  /** Unique among the rows. */
  readonly name: string;
  readonly value: number | null;
  readonly low?: number | null;
  readonly high?: number | null;
  /** Short strokes across the interval. */
  readonly ticks?: readonly number[];
  readonly color: string;
  /** The row that all others are measured against. */
  readonly isOwn?: boolean;
  /** Written at the right end. */
  readonly text: string;
}

/** Rows of dots with what lies around them. */
export interface RangePlot {
  readonly rows: readonly RangeRow[];
  readonly width: number;
  /** Room for the names on the left; 16 leaves them out. */
  readonly left: number;
  /** Room for the texts on the right. */
  readonly right?: number;
  readonly format: (value: number) => string;
  /** Values that the axis must reach. */
  readonly include?: readonly number[];
  /** A thin line down. */
  readonly level?: number;
  /** A dashed line down: the value of the row that all are measured against. */
  readonly own?: number | null;
  /** Bars from the level in place of dots. */
  readonly hasBars?: boolean;
}

export const ROW_HEIGHT = 26;

/** Draws the rows from top to bottom. */
export function drawRanges({ Plot, draw }: Canvas, plot: RangePlot): Drawing {
  const { rows, width, left, right = 72, format, include = [], level, own, hasBars = false } = plot;
  const numbers = rows.flatMap(({ value, low, high, ticks = [] }) =>
    [value, low, high, ...ticks].filter((number) => typeof number === "number")
  );
  const domain = domainOf([numbers], {
    include: level === undefined ? include : [...include, level],
  });
  const hasNames = left > 16;
  const shown = rows.filter(({ value }) => value !== null);
  const ranges = rows.filter(({ low, high }) =>
    typeof low === "number" && typeof high === "number"
  );
  const strokes = rows.flatMap(({ name, color, ticks = [] }) =>
    ticks.map((value) => ({ name, color, value }))
  );
  const color = (row: { readonly color: string }) => row.color;
  return draw(
    {
      ...{ width, height: rows.length * ROW_HEIGHT + 34, marginLeft: left, marginRight: right },
      ...{ marginTop: 4, marginBottom: 30 },
      x: { type: "linear", domain: [...domain], axis: null },
      y: { type: "band", domain: rows.map(({ name }) => name), axis: null, padding: 0.2 },
      color: { type: "identity" },
      marks: [
        Plot.gridX({
          stroke: GRID,
          strokeOpacity: 1,
          ticks: Math.max(2, (width - left - right) / 60),
        }),
        ...(level === undefined ? [] : [Plot.ruleX([level], { stroke: MUTED })]),
        ...(typeof own === "number"
          ? [Plot.ruleX([own], { stroke: INK, strokeDasharray: "2 3", strokeOpacity: 0.6 })]
          : []),
        ...(hasBars
          ? [Plot.barX(shown, { y: "name", x1: level ?? 0, x2: "value", fill: color, rx: 1 })]
          : [
            Plot.ruleY(ranges, {
              y: "name",
              x1: "low",
              x2: "high",
              stroke: color,
              strokeWidth: 3,
              strokeOpacity: 0.45,
            }),
            Plot.tickX(strokes, {
              y: "name",
              x: "value",
              stroke: color,
              strokeWidth: 1.5,
              inset: 4,
            }),
            Plot.dot(shown, {
              ...{ x: "value", y: "name", fill: color, stroke: PANEL, strokeWidth: 1 },
              r: (row: RangeRow) => row.isOwn ? 6 : 4.5,
              symbol: (row: RangeRow) => row.isOwn ? "diamond2" : "circle",
            }),
          ]),
        Plot.text(rows, {
          ...{ y: "name", text: "text", frameAnchor: "right", textAnchor: "end", dx: right - 14 },
          ...{ fill: INK, fontSize: 11 },
        }),
        ...(hasNames
          ? [
            Plot.axisY({
              ...{ tickSize: 0, tickPadding: 12, label: null, color: INK, fontSize: 11 },
              tickFormat: (name: string) => shortened(name, left - 24, 11),
            }),
          ]
          : []),
        Plot.axisX({
          ...{ tickFormat: format, ticks: Math.max(2, (width - left - right) / 60), tickSize: 0 },
          ...{ label: null, color: MUTED, fontSize: 11 },
        }),
      ],
      r: { type: "identity" },
      symbol: { type: "identity" },
    } as Parameters<typeof draw>[0],
  );
}
