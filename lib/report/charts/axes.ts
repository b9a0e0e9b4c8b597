import type { Millis } from "../../core/bars.ts";
import type { Canvas, Drawing, Mark } from "./drawing.ts";
import { GRID, MUTED } from "./palette.ts";
import { timeTicks } from "./time_axis.ts";

/** Room around a plot for what stands at its axes, in pixels. */
export const LEFT = 64;
export const BOTTOM = 36;

/** Pixels between two dates on an axis. */
const TICK_WIDTH = 76;

/** Text of a value on an axis whose ticks are about `step` apart. */
export type TickFormat = (value: number, step: number) => string;

/** A plot over time. */
export interface TimePlot {
  readonly width: number;
  readonly height: number;
  /** Room at the right end: 20, or more for names. */
  readonly right?: number;
  readonly start: Millis;
  readonly end: Millis;
  /** Lowest and highest value of the axis, and how its ticks are written. */
  readonly domain: readonly [number, number];
  readonly format: TickFormat;
  readonly isLog?: boolean;
  /** Under the grid, and over it. */
  readonly behind?: readonly Mark[];
  readonly marks: readonly Mark[];
}

/** Draws marks whose x is a moment over a UTC axis. */
export function drawOverTime({ Plot, draw }: Canvas, plot: TimePlot): Drawing {
  const { width, height, right = 20, start, domain, format, isLog = false } = plot;
  const end = Math.max(plot.end, start + 1);
  const most = Math.max(2, Math.round(height / 55));
  // The library may draw up to twice as many; on a logarithm the lowest are the closest.
  const step = isLog ? domain[0] / 10 : (domain[1] - domain[0]) / most / 2;
  const ticks = timeTicks(start, end, (width - LEFT - right) / TICK_WIDTH);
  return draw({
    ...{ width, height },
    ...{ marginLeft: LEFT, marginRight: right, marginTop: 8, marginBottom: BOTTOM },
    x: { type: "linear", domain: [start, end], axis: null },
    y: { type: isLog ? "log" : "linear", domain: [...domain], axis: null },
    marks: [
      ...plot.behind ?? [],
      ...valueAxis(Plot, { format: (value) => format(value, step), ticks: most }),
      ...plot.marks,
      Plot.axisX([...ticks.values], {
        ...{ tickFormat: (time: Millis) => ticks.label(time), tickSize: 4, label: null },
        ...{ color: MUTED, fontSize: 11 },
      }),
    ],
  });
}

/** Horizontal grid with its numbers on the left. */
export function valueAxis(
  Plot: Canvas["Plot"],
  { format, ticks }: { readonly format: (value: number) => string; readonly ticks: number },
): readonly Mark[] {
  return [
    Plot.gridY({ stroke: GRID, strokeOpacity: 1, ticks }),
    Plot.axisY({
      ...{ tickFormat: format, ticks, tickSize: 0, tickPadding: 8, label: null },
      ...{ color: MUTED, fontSize: 11 },
    }),
  ];
}

/** Lowest and highest number of some columns with a little air; `include` lies inside in any case. 0 to 1 for nothing. */
export function domainOf(
  columns: readonly ArrayLike<number>[],
  { include = [], isLog = false }: { include?: readonly number[]; isLog?: boolean } = {},
): readonly [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const column of [...columns, include]) {
    for (let row = 0; row < column.length; row++) {
      const value = column[row]!;
      if (!Number.isFinite(value) || (isLog && value <= 0)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return isLog ? [1, 10] : [0, 1];
  if (isLog) return low === high ? [low / 1.1, high * 1.1] : [low * 0.97, high * 1.03];
  if (low === 0 && high === 0) return [0, 1];
  const air = (high - low) * 0.05 || Math.abs(high) * 0.01;
  // A bound at zero is a bound for a reason: no air below it.
  return [low === 0 && high > 0 ? 0 : low - air, high === 0 && low < 0 ? 0 : high + air];
}
