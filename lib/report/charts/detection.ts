import { Refusal } from "../../core/errors.ts";
import { GATE, MOST_FALSE_ALARMS } from "../../stats/gate.ts";
import { shareInterval } from "../../stats/share_interval.ts";
import { formatNumber, formatPercent } from "../format.ts";
import { LEFT, valueAxis } from "./axes.ts";
import { type Chart, type ChartSize, sizeOf } from "./chart.ts";
import { type Canvas, openCanvas } from "./drawing.ts";
import { endLabels, framed } from "./frame.ts";
import { GAIN, LOSS, MUTED } from "./palette.ts";
import { percentTick, plainTick } from "./text.ts";

/** Sweeps over markets with an edge of one strength. */
export interface DetectionRow {
  /** Annual Sharpe ratio of the planted edge; 0 is a market without any. */
  readonly strength: number;
  readonly sweeps: number;
  /** Sweeps whose winner passes the gate: deflated Sharpe and SPA test. */
  readonly passed: number;
  /** Sweeps whose winner looks good by its own Sharpe ratio, as if nothing else had been tried. */
  readonly undeflated: number;
}

/** How often a sweep's winner passes the gate by strength of the planted edge, beside the undeflated share. Refuses no rows. */
export async function detection(
  rows: readonly DetectionRow[],
  options: ChartSize = {},
): Promise<Chart> {
  if (rows.length === 0) throw new Refusal("chart: found no sweep to show, expected one or more");
  const { width, height } = sizeOf(options);
  const sorted = rows.toSorted((a, b) => a.strength - b.strength);
  const right = 150;
  const last = sorted.at(-1)!;
  const drawing = drawShares(await openCanvas(), { rows: sorted, width, height, right });
  const labels = endLabels([
    {
      text: `gate ${share(last.passed, last.sweeps)}`,
      color: GAIN,
      y: drawing.y(shareOf(last, "passed")),
    },
    {
      text: `undeflated ${share(last.undeflated, last.sweeps)}`,
      ...{ color: LOSS, y: drawing.y(shareOf(last, "undeflated")) },
    },
  ], { x: width - right + 12, width: right - 20, bottom: height - 30 });
  const [none] = sorted.filter(({ strength }) => strength === 0);
  const seen = sorted.find((row) => row.strength > 0 && shareOf(row, "passed") >= 0.5);
  const sweeps = sorted.reduce((sum, row) => sum + row.sweeps, 0);
  return framed({
    title: [
      ...(none
        ? [
          `Without an edge the gate lets ${share(none.passed, none.sweeps)} pass, ` +
          `a plain Sharpe ratio ${share(none.undeflated, none.sweeps)}`,
        ]
        : []),
      seen
        ? `an edge of Sharpe ${formatNumber(seen.strength)} is found in ${
          share(seen.passed, seen.sweeps)
        }`
        : "no edge tried is found in half of the sweeps",
    ].join("; "),
    caption:
      `${formatNumber(sweeps, 0)} sweeps · gate: deflated Sharpe of ${GATE.deflatedSharpe} or ` +
      `more and SPA p below ${GATE.spa} · undeflated: probabilistic Sharpe of 0.95 or more, as if ` +
      "nothing else had been tried · strokes: 95% intervals (Wilson 1927)",
    alt: "Share of sweeps whose winner passes by strength of the planted edge: " +
      sorted.map((row) =>
        `Sharpe ${formatNumber(row.strength)}: ${share(row.passed, row.sweeps)} by the gate, ` +
        `${share(row.undeflated, row.sweeps)} undeflated`
      ).join("; ") + ".",
    width,
    legend: [
      { text: "passes the gate", color: GAIN, sign: "line" },
      { text: "looks good undeflated", color: LOSS, sign: "line", dash: "5 3" },
      {
        text: `most false alarms allowed, ${MOST_FALSE_ALARMS * 100}%`,
        color: MUTED,
        sign: "line",
        dash: "2 3",
      },
    ],
    rows: [[{
      heading: "share of sweeps; planted edge as annual Sharpe ratio to the right",
      ...{ drawing, labels },
    }]],
  });
}

function drawShares({ Plot, draw }: Canvas, { rows, width, height, right }: {
  readonly rows: readonly DetectionRow[];
  readonly width: number;
  readonly height: number;
  readonly right: number;
}) {
  const strengths = rows.map(({ strength }) => strength);
  const [low, high] = [strengths[0]!, strengths.at(-1)!];
  const air = (high - low) * 0.02 || 0.5;
  const line = (name: "passed" | "undeflated", stroke: string, dash: object) => [
    Plot.ruleX(rows, {
      ...{ x: "strength", stroke, strokeWidth: 1.5, strokeOpacity: 0.5 },
      y1: (row: DetectionRow) => shareInterval(row[name], row.sweeps)[0],
      y2: (row: DetectionRow) => shareInterval(row[name], row.sweeps)[1],
    }),
    Plot.line(rows, {
      ...{ x: "strength", y: (row: DetectionRow) => shareOf(row, name), stroke },
      ...{ strokeWidth: 2, ...dash },
    }),
    Plot.dot(rows, {
      ...{ x: "strength", y: (row: DetectionRow) => shareOf(row, name), r: 4, fill: stroke },
    }),
  ];
  return draw({
    ...{ width, height, marginLeft: LEFT, marginRight: right, marginTop: 10, marginBottom: 28 },
    x: { type: "linear", domain: [low - air, high + air], axis: null },
    y: { type: "linear", domain: [0, 1], axis: null },
    marks: [
      ...valueAxis(Plot, { format: percentTick, ticks: 5 }),
      Plot.ruleY([MOST_FALSE_ALARMS], { stroke: MUTED, strokeDasharray: "2 3" }),
      ...line("undeflated", LOSS, { strokeDasharray: "5 3" }),
      ...line("passed", GAIN, {}),
      Plot.axisX(strengths, {
        tickFormat: (value: number) => plainTick(value, (high - low) / 20 || 0.1),
        ...{ tickSize: 4, label: null, color: MUTED, fontSize: 11 },
      }),
    ],
    r: { type: "identity" },
  });
}

function shareOf(row: DetectionRow, name: "passed" | "undeflated"): number {
  return row.sweeps > 0 ? row[name] / row.sweeps : 0;
}

function share(count: number, of: number): string {
  return formatPercent(of > 0 ? count / of : null, 0);
}
