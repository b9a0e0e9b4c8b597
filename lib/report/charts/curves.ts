import type { Millis } from "../../core/bars.ts";
import { domainOf, drawOverTime, LEFT, type TickFormat } from "./axes.ts";
import type { Canvas, Mark } from "./drawing.ts";
import { endLabels, type Panel } from "./frame.ts";
import { MUTED } from "./palette.ts";
import { textWidth } from "./text.ts";
import { pick, thin } from "./thin.ts";

/** One line over time. */
export interface Curve {
  readonly name: string;
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly color: string;
  /** Pixels, 1.5. */
  readonly width?: number;
  readonly dash?: string;
  /** What stands at its right end; nothing when absent. */
  readonly label?: string;
}

/** Lines over time with their names at the right end. */
export interface CurvePlot {
  readonly heading: string;
  readonly width: number;
  readonly height: number;
  readonly curves: readonly Curve[];
  readonly format: TickFormat;
  readonly isLog?: boolean;
  /** Values that the axis must reach. */
  readonly include?: readonly number[];
  /** A thin line across, where nothing was gained or lost. */
  readonly level?: number;
  readonly start?: Millis;
  readonly end?: Millis;
  /** Room for the names, where plots below each other must agree. */
  readonly right?: number;
  /** Under everything, given the axis. */
  readonly behind?: (domain: readonly [number, number]) => readonly Mark[];
  /** Over everything. */
  readonly marks?: readonly Mark[];
}

/** Most room for names at the right end. */
const NAMES = 260;

/** Points of the lines without a name together, however many there are. */
const MOST_POINTS = 24_000;

/** Draws the curves, the first on top; each is thinned to two points a pixel or fewer. */
export function curvePanel(canvas: Canvas, plot: CurvePlot): Panel {
  const { heading, width, height, curves, format, isLog = false, include = [], level } = plot;
  const { Plot } = canvas;
  const hasNames = curves.some(({ label }) => label !== undefined);
  const widths = curves.map(({ label = "" }) => textWidth(label, 11) + 24);
  const right = plot.right ?? (hasNames ? Math.min(NAMES, width / 3, Math.max(...widths)) : 20);
  const pixels = Math.floor(width - LEFT - right);
  const spare = MOST_POINTS / 2 / Math.max(1, curves.length);
  const start = plot.start ?? smallest(curves.map(({ times }) => times[0] ?? Infinity));
  const end = plot.end ?? -smallest(curves.map(({ times }) => -(times.at(-1) ?? -Infinity)));
  const domain = domainOf(curves.map(({ values }) => values), {
    include: level === undefined ? include : [...include, level],
    isLog,
  });
  const drawing = drawOverTime(canvas, {
    ...{ width, height, right, start, end, domain, format, isLog },
    behind: plot.behind?.(domain) ?? [],
    marks: [
      ...(level === undefined ? [] : [Plot.ruleY([level], { stroke: MUTED, strokeWidth: 1 })]),
      ...curves.toReversed().map((curve) =>
        curveMark(Plot, curve, {
          // A line that is named keeps its detail among however many others.
          buckets: curve.label === undefined
            ? Math.max(24, Math.min(pixels, Math.floor(spare)))
            : pixels,
          isLog,
        })
      ),
      ...plot.marks ?? [],
    ],
  });
  const ends = curves.flatMap(({ label, color, values }) => {
    const last = values.findLast((value) => Number.isFinite(value));
    return label === undefined || last === undefined
      ? []
      : [{ text: label, color, y: drawing.y(last) }];
  });
  const labels = endLabels(ends, { x: width - right + 8, width: right - 16, bottom: height - 40 });
  return { heading, drawing, labels };
}

function curveMark(
  Plot: Canvas["Plot"],
  { times, values, color, width = 1.5, dash }: Curve,
  { buckets, isLog }: { buckets: number; isLog: boolean },
): Mark {
  // A logarithm has no place for what is not positive: the line breaks there.
  const column = isLog ? values.map((value) => value > 0 ? value : NaN) : values;
  const rows = thin({ x: times, columns: [column], buckets });
  return Plot.line({ length: rows.length }, {
    ...{ x: pick(times, rows), y: pick(column, rows), stroke: color, strokeWidth: width },
    ...(dash === undefined ? {} : { strokeDasharray: dash }),
  });
}

function smallest(values: readonly number[]): number {
  const least = values.reduce((least, value) => Math.min(least, value), Infinity);
  return Number.isFinite(least) ? least : 0;
}

/** Whether the curves reach so far that a linear axis would flatten all but one. */
export function isWide(curves: readonly Curve[]): boolean {
  const [low, high] = domainOf(curves.map(({ values }) => values), { isLog: true });
  return high / low > 5;
}
