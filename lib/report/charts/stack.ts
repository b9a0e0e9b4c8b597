import { domainOf, drawOverTime, type TickFormat } from "./axes.ts";
import type { Canvas, Drawing, Mark } from "./drawing.ts";
import { INK, MUTED } from "./palette.ts";
import { pick, thin } from "./thin.ts";

/** One layer: what is below zero is stacked downwards. */
export interface Layer {
  readonly name: string;
  readonly color: string;
  readonly values: Float64Array;
}

/** Layers over time with the line of a total. */
export interface StackPlot {
  readonly width: number;
  readonly height: number;
  readonly times: Float64Array;
  readonly layers: readonly Layer[];
  readonly total: Float64Array;
  readonly format: TickFormat;
}

/** The total keeps its extremes in every other pixel, the layers in every few: at most three rows a pixel. */
function sharedRows({ width, times, layers, total }: StackPlot): Int32Array {
  const columns = layers.map(({ values }) => values);
  const coarse = Math.max(24, Math.floor(width / Math.max(1, columns.length)));
  const rows = new Set([
    ...thin({ x: times, columns: [total], buckets: Math.max(24, width / 2) }),
    ...thin({ x: times, columns, buckets: coarse }),
  ]);
  return Int32Array.from(rows).sort();
}

/** Draws the layers, thinned at rows that they share. */
export function drawStack(canvas: Canvas, plot: StackPlot): Drawing {
  const { width, height, times, layers, total, format } = plot;
  const { Plot } = canvas;
  const rows = sharedRows(plot);
  const x = pick(times, rows);
  const above = new Float64Array(rows.length);
  const below = new Float64Array(rows.length);
  const bounds: Float64Array[] = [];
  const areas = layers.map(({ values, color }): Mark => {
    const y1 = new Float64Array(rows.length);
    const y2 = new Float64Array(rows.length);
    for (const [place, row] of rows.entries()) {
      const value = values[row]!;
      const side = value < 0 ? below : above;
      y1[place] = side[place]!;
      y2[place] = side[place]! + value;
      if (!Number.isNaN(value)) side[place]! += value;
    }
    bounds.push(y2);
    return Plot.areaY({ length: rows.length }, { x, y1, y2, fill: color, fillOpacity: 0.85 });
  });
  const line = pick(total, rows);
  return drawOverTime(canvas, {
    ...{ width, height, start: times[0] ?? 0, end: times.at(-1) ?? 0, format },
    domain: domainOf([...bounds, line], { include: [0] }),
    marks: [
      ...areas,
      Plot.ruleY([0], { stroke: MUTED }),
      Plot.line({ length: rows.length }, { x, y: line, stroke: INK, strokeWidth: 1.25 }),
    ],
  });
}
