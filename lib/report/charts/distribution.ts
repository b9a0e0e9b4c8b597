import { conditionalValueAtRisk, simpleReturns, valueAtRisk } from "../../stats/metrics.ts";
import { formatNumber, formatPercent } from "../format.ts";
import { LEFT, valueAxis } from "./axes.ts";
import { type Chart, type ChartSize, type ChartSource, sizeOf } from "./chart.ts";
import { type Canvas, openCanvas } from "./drawing.ts";
import { framed } from "./frame.ts";
import type { Label } from "./label.ts";
import { INK, LOSS, MUTED, PLAIN } from "./palette.ts";
import { captionOf, dailyNav } from "./source.ts";
import { percentTick, signedPercent } from "./text.ts";

/** Share of days beyond the value at risk. */
const TAIL = 0.05;
const MOST_BINS = 80;

/** How often each daily return came, with value at risk and the mean of what lies beyond it. */
export async function distribution(run: ChartSource, options: ChartSize = {}): Promise<Chart> {
  const { width, height } = sizeOf(options, 300);
  const { card, tables } = run;
  const { time, nav } = await tables.nav();
  const returns = simpleReturns(dailyNav(card, { times: time, nav }).nav)
    .filter((value) => Number.isFinite(value));
  const risk = valueAtRisk(returns, TAIL);
  const beyond = conditionalValueAtRisk(returns, TAIL);
  const moved = returns.filter((value) => value !== 0);
  const flat = returns.length - moved.length;
  const bins = binned(moved);
  const drawing = drawBins(await openCanvas(), { bins, risk, beyond, width, height });
  const lines: readonly Label[] = [
    { text: `VaR 95% ${formatPercent(risk)}`, x: drawing.x(risk ?? NaN) + 5, y: 18 },
    { text: `CVaR 95% ${formatPercent(beyond)}`, x: drawing.x(beyond ?? NaN) - 5, y: 18 },
  ].flatMap((label, place) =>
    Number.isFinite(label.x)
      ? [{
        ...label,
        // Between the lines there is seldom room: each text stands on its outer side.
        anchor: place === 0 ? "start" as const : "end" as const,
        ...{ color: place === 0 ? INK : LOSS, bold: true },
      }]
      : []
  );
  const worst = returns.length === 0 ? null : returns.toSorted()[0]!;
  const best = returns.length === 0 ? null : returns.toSorted().at(-1)!;
  const count = formatNumber(returns.length, 0);
  return framed({
    title: returns.length === 0
      ? "No daily return to show"
      : `${count} daily returns, ${signedPercent(worst, 2)} to ${signedPercent(best, 2)}; ` +
        `1 in 20 below ${signedPercent(risk, 2)}`,
    caption: captionOf(
      card,
      "VaR is the 5% quantile, CVaR the mean at or below it, over all days",
      ...(flat > 0 ? [`${formatNumber(flat, 0)} days without any change have no bar`] : []),
    ),
    alt: `Histogram of ${count} daily returns; value at risk ${formatPercent(risk)}, ` +
      `mean beyond it ${formatPercent(beyond)}.`,
    width,
    rows: [[{
      heading: "Days with a return of that size; daily return, %",
      drawing,
      labels: lines,
    }]],
  });
}

/** Returns from `from` up to `to`, the last bin with its upper end. */
interface Bin {
  readonly from: number;
  readonly to: number;
  readonly days: number;
}

/** Bins of a round width after Freedman and Diaconis (1981), with a border at zero. */
export function binned(returns: Float64Array): readonly Bin[] {
  if (returns.length === 0) return [];
  const sorted = returns.toSorted();
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!;
  const low = sorted[0]!;
  const high = sorted.at(-1)!;
  const wanted = 2 * (at(0.75) - at(0.25)) / Math.cbrt(sorted.length);
  const size = roundSize(Math.max(wanted, (high - low) / MOST_BINS, 1e-4));
  const first = Math.floor(low / size);
  const bins = new Float64Array(Math.max(1, Math.floor(high / size) - first + 1));
  for (const value of sorted) bins[Math.min(bins.length - 1, Math.floor(value / size) - first)]!++;
  return Array.from(bins, (days, place) => ({
    from: (first + place) * size,
    to: (first + place + 1) * size,
    days,
  }));
}

/** 1, 2 or 5 times a power of ten, not below `size`. */
function roundSize(size: number): number {
  let step = 1e-4;
  for (const factor of [2, 2.5, 2, 2, 2.5, 2, 2, 2.5, 2, 2, 2.5, 2]) {
    if (step >= size) break;
    step *= factor;
  }
  return Math.max(step, size <= step ? step : size);
}

function drawBins({ Plot, draw }: Canvas, plot: {
  readonly bins: readonly Bin[];
  readonly risk: number | null;
  readonly beyond: number | null;
  readonly width: number;
  readonly height: number;
}) {
  const { bins, risk, beyond, width, height } = plot;
  const reach = Math.max(...bins.map(({ from, to }) => Math.max(-from, to)), 1e-3);
  const most = Math.max(1, ...bins.map(({ days }) => days));
  const lowest = bins[0]?.from ?? -reach;
  const highest = bins.at(-1)?.to ?? reach;
  return draw({
    ...{ width, height, marginLeft: LEFT, marginRight: 20, marginTop: 26, marginBottom: 30 },
    x: { type: "linear", domain: [lowest, highest], axis: null },
    y: { type: "linear", domain: [0, most * 1.05], axis: null },
    marks: [
      ...valueAxis(Plot, { format: (days) => formatNumber(days, 0), ticks: Math.min(4, most) }),
      Plot.rect(bins, {
        ...{ x1: "from", x2: "to", y1: 0, y2: "days", insetLeft: 0.5, insetRight: 0.5 },
        fill: ({ to }: Bin) => risk !== null && to <= risk ? LOSS : PLAIN,
        title: ({ from, to, days }: Bin) =>
          `${signedPercent(from, 2)} to ${signedPercent(to, 2)}: ${formatNumber(days, 0)} days`,
      }),
      Plot.ruleX([risk].filter((value) => value !== null), { stroke: INK, strokeWidth: 1.5 }),
      Plot.ruleX([beyond].filter((value) => value !== null), {
        ...{ stroke: LOSS, strokeWidth: 1.5, strokeDasharray: "5 3" },
      }),
      Plot.ruleY([0], { stroke: MUTED }),
      Plot.axisX({
        ...{ tickFormat: percentTick, ticks: 8, tickSize: 4, label: null },
        ...{ color: MUTED, fontSize: 11 },
      }),
    ],
    color: { type: "identity" },
  });
}
