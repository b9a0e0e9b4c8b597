import { formatDate, formatPercent } from "../format.ts";
import { domainOf, drawOverTime } from "./axes.ts";
import { type Chart, type ChartSize, type ChartSource, sizeOf } from "./chart.ts";
import { openCanvas } from "./drawing.ts";
import { framed } from "./frame.ts";
import type { Label } from "./label.ts";
import type { LegendItem } from "./legend.ts";
import { INK, LOSS, MUTED, tint } from "./palette.ts";
import { captionOf } from "./source.ts";
import { percentTick } from "./text.ts";
import { pick, thin } from "./thin.ts";

/** How far the NAV was below its peak, the deepest point named, over the times of reduced and halted risk. */
export async function drawdown(run: ChartSource, options: ChartSize = {}): Promise<Chart> {
  const { width, height } = sizeOf(options, 240);
  const { card, tables } = run;
  const { time, drawdown, mode } = await tables.nav();
  const below = drawdown.map((depth) => depth === 0 ? 0 : -depth);
  const canvas = await openCanvas();
  const { Plot } = canvas;
  const rows = thin({ x: time, columns: [below], buckets: width });
  const domain = domainOf([below], { include: [-0.001, 0] });
  const stretches = modeStretches(time, mode);
  const drawing = drawOverTime(canvas, {
    ...{ width, height, start: time[0] ?? 0, end: time.at(-1) ?? 0, domain, format: percentTick },
    behind: MODES.map(({ name, color }) =>
      Plot.rect(stretches.filter((stretch) => stretch.mode === name), {
        ...{ x1: "from", x2: "to", y1: domain[0], y2: domain[1], fill: color },
      })
    ),
    marks: [
      Plot.areaY({ length: rows.length }, {
        ...{ x: pick(time, rows), y1: 0, y2: pick(below, rows), fill: LOSS, fillOpacity: 0.3 },
      }),
      Plot.line({ length: rows.length }, {
        ...{ x: pick(time, rows), y: pick(below, rows), stroke: LOSS, strokeWidth: 1.25 },
      }),
      Plot.ruleY([0], { stroke: MUTED }),
    ],
  });
  const deepest = below.reduce((low, value, row) => value < (below[low] ?? 0) ? row : low, -1);
  const depth = deepest < 0 ? 0 : drawdown[deepest]!;
  const when = deepest < 0 ? "" : ` on ${formatDate(time[deepest]!)}`;
  const labels: readonly Label[] = deepest < 0 ? [] : [{
    text: `${formatPercent(-depth, 1)} · ${formatDate(time[deepest]!)}`,
    ...sideOf(drawing.x(time[deepest]!), width),
    ...{ y: drawing.y(-depth) - 2, color: INK, bold: true },
  }];
  return framed({
    title: depth > 0
      ? `Deepest drawdown ${formatPercent(depth, 1)}${when}`
      : "The NAV never fell below a peak",
    caption: captionOf(card, "peak of the whole run so far"),
    alt: `Area of the drawdown below zero; at most ${formatPercent(depth, 1)}${when}.`,
    ...{ width, legend: modeLegend(stretches) },
    rows: [[{ heading: "Below the highest NAV so far, % of it", drawing, labels }]],
  });
}

const MODES = [
  { name: "REDUCED", color: tint(1, 3) },
  { name: "HALT", color: tint(2, 3) },
] as const;

interface Stretch {
  readonly mode: string;
  readonly from: number;
  readonly to: number;
}

function modeStretches(time: Float64Array, mode: readonly string[]): readonly Stretch[] {
  const turns = [...mode.keys()].filter((row) => row === 0 || mode[row] !== mode[row - 1]);
  return turns.map((row, place) => ({
    mode: mode[row]!,
    from: time[row]!,
    to: time[turns[place + 1] ?? -1] ?? time.at(-1)!,
  })).filter(({ mode }) => mode !== "NORMAL");
}

function modeLegend(stretches: readonly Stretch[]): readonly LegendItem[] {
  return MODES.filter(({ name }) => stretches.some(({ mode }) => mode === name))
    .map(({ name, color }) => ({ text: `risk ${name}`, color, sign: "area" }));
}

/** A text beside a point, on the side where there is room. */
function sideOf(x: number, width: number): Pick<Label, "x" | "anchor"> {
  return x > width / 2 ? { x: x - 8, anchor: "end" } : { x: x + 8, anchor: "start" };
}
