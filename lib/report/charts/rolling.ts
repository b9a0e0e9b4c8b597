import { DAY_MS } from "../../core/bars.ts";
import { annualVolatility, sharpe, simpleReturns, sortino } from "../../stats/metrics.ts";
import { formatNumber, formatPercent } from "../format.ts";
import { type Chart, type ChartSize, type ChartSource, sizeOf } from "./chart.ts";
import { type Curve, curvePanel } from "./curves.ts";
import { openCanvas } from "./drawing.ts";
import { framed, type Panel } from "./frame.ts";
import { GAIN, LOSS, MUTED, PLAIN } from "./palette.ts";
import { captionOf, dailyNav } from "./source.ts";
import { percentTick } from "./text.ts";

/** How long one look back is. */
export interface RollingOptions extends ChartSize {
  /** Daily returns behind each point, 126. */
  readonly windowDays?: number;
}

/** Sharpe and Sortino ratios and volatility over a moving window of daily returns, beside those of the whole run. */
export async function rolling(run: ChartSource, options: RollingOptions = {}): Promise<Chart> {
  const { width, height } = sizeOf(options, 430);
  const { windowDays = 126 } = options;
  if (!(windowDays >= 2 && Number.isInteger(windowDays))) {
    throw new RangeError(`A window has 2 days or more, found ${windowDays}`);
  }
  const { card, tables } = run;
  const { time, nav } = await tables.nav();
  const daily = dailyNav(card, { times: time, nav });
  const returns = simpleReturns(daily.nav);
  const annual = { periodsPerYear: card.statistics.periods_per_year };
  const over = (figure: (returns: Float64Array, scale: typeof annual) => number | null) =>
    Float64Array.from(
      { length: Math.max(0, returns.length - windowDays + 1) },
      (_, row) => figure(returns.subarray(row, row + windowDays), annual) ?? NaN,
    );
  const times = daily.times.subarray(windowDays);
  const ratios = over(sharpe);
  const downside = bounded(over(sortino), ratios);
  const spreads = over(annualVolatility);
  const { sharpe: whole, annual_volatility: spread } = card.statistics.portfolio;
  const canvas = await openCanvas();
  const range = { start: time[0] ?? 0, end: time.at(-1) ?? DAY_MS };
  const panelOf = (heading: string, values: Float64Array, own: {
    readonly color: string;
    readonly average: number | null;
    readonly format: (value: number) => string;
    readonly shown: string;
    readonly level?: number;
    readonly include?: readonly number[];
    readonly label?: string;
    readonly beside?: readonly Curve[];
  }): Panel => {
    const average = own.average ?? NaN;
    const curves: readonly Curve[] = [
      {
        name: "window",
        times,
        values,
        color: own.color,
        width: 1.75,
        label: own.label ?? "window",
      },
      ...own.beside ?? [],
      {
        ...{ name: "whole run", times: Float64Array.of(range.start, range.end), color: MUTED },
        ...{ values: Float64Array.of(average, average), dash: "5 4", width: 1.25 },
        label: `whole run ${own.shown}`,
      },
    ];
    return curvePanel(canvas, {
      ...{ heading, width, height: Math.floor(height / 2), curves, ...range, format: own.format },
      right: 130,
      ...(own.level === undefined ? {} : { level: own.level }),
      ...(own.include === undefined ? {} : { include: own.include }),
    });
  };
  const isShort = times.length === 0;
  return framed({
    title: isShort
      ? `Fewer than ${windowDays} daily returns: no window to show`
      : `Sharpe over ${windowDays} days: ${extremes(ratios, (value) => formatNumber(value))}`,
    caption: captionOf(
      card,
      `window of ${windowDays} daily returns`,
      ...(downside.left > 0
        ? [`${downside.left} Sortino ratios far above the others left out`]
        : []),
    ),
    alt: isShort
      ? "Empty axes of rolling Sharpe ratio and volatility."
      : `Lines of the rolling Sharpe ratio, ${extremes(ratios, (value) => formatNumber(value))}, ` +
        `and volatility, ${extremes(spreads, (value) => formatPercent(value, 1))}.`,
    width,
    rows: [
      [panelOf("Sharpe and Sortino ratio a year", ratios, {
        ...{ color: GAIN, average: whole, level: 0, format: (value) => formatNumber(value, 1) },
        shown: formatNumber(whole),
        label: "Sharpe",
        beside: [{
          ...{
            name: "Sortino",
            times,
            values: downside.values,
            color: PLAIN,
            dash: "2 2",
            width: 1.25,
          },
          label: "Sortino",
        }],
      })],
      [panelOf("Volatility, % a year", spreads, {
        ...{ color: LOSS, average: spread, include: [0], format: percentTick },
        shown: formatPercent(spread, 1),
      })],
    ],
  });
}

/** Where hardly anything was lost the Sortino ratio has no bounds: what is far from every Sharpe ratio is left out. */
function bounded(values: Float64Array, ratios: Float64Array) {
  const most = ratios.reduce(
    (most, ratio) => ratio < 0 || ratio > 0 ? Math.max(most, Math.abs(ratio)) : most,
    0,
  );
  const isFar = (value: number) => Math.abs(value) > 3 * most;
  return {
    values: values.map((value) => isFar(value) ? NaN : value),
    left: values.filter(isFar).length,
  };
}

function extremes(values: Float64Array, format: (value: number) => string): string {
  const known = values.filter((value) => Number.isFinite(value)).sort();
  return known.length === 0 ? "undefined" : `${format(known[0]!)} to ${format(known.at(-1)!)}`;
}
