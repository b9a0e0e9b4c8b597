import type { ParityReport } from "../../core/parity_report.ts";
import { formatDate, formatNumber } from "../format.ts";
import { domainOf } from "./axes.ts";
import { type Chart, type ChartSize, sizeOf } from "./chart.ts";
import { type Curve, curvePanel } from "./curves.ts";
import { type Canvas, type Drawing, openCanvas } from "./drawing.ts";
import { framed } from "./frame.ts";
import { GAIN, GRID, INK, LOSS, MUTED, PLAIN, yardstick } from "./palette.ts";
import { ROW_HEIGHT } from "./ranges.ts";
import { compact, shortened, signedMoney } from "./text.ts";

/** From the backtest's result to the account's, one swapped assumption a step, over the two lines of NAV. */
export async function parity(report: ParityReport, options: ChartSize = {}): Promise<Chart> {
  const { width, height } = sizeOf(options, 220);
  const steps = stepsOf(report);
  const canvas = await openCanvas();
  const waterfall = drawWaterfall(canvas, {
    steps,
    width,
    left: Math.min(230, Math.round(width * 0.3)),
  });
  const panel = curvePanel(canvas, {
    ...{
      heading: "NAV in account currency",
      width,
      height,
      format: compact,
      curves: curvesOf(report),
    },
  });
  const moving = steps.filter(({ isStep, amount }) => isStep && amount !== 0);
  const [first, last] = [steps[0]!, steps.at(-1)!];
  return framed({
    title: `Backtest ${signedMoney(first.amount)}, account ${signedMoney(last.amount)}: ` +
      (Number(report.remainder) === 0
        ? "every cent of the difference has a name"
        : `${report.remainder} is unexplained`),
    caption: captionOf(report),
    alt: `Backtest ${signedMoney(first.amount)}` +
      moving.map(({ title, amount }) => `; ${title} ${signedMoney(amount)}`).join("") +
      `; account ${signedMoney(last.amount)}.`,
    width,
    legend: [
      { text: "result", color: PLAIN, sign: "area" },
      { text: "gain", color: GAIN, sign: "area" },
      { text: "loss", color: LOSS, sign: "area" },
    ],
    rows: [[{ heading: "Change since the start, in account currency", drawing: waterfall }], [
      panel,
    ]],
  });
}

/** The account over what its backtest's own days before the session could have brought. */
export async function expectation(report: ParityReport, options: ChartSize = {}): Promise<Chart> {
  const { width, height } = sizeOf(options, 280);
  const { band } = report.review;
  const canvas = await openCanvas();
  const { Plot } = canvas;
  const times = Float64Array.from(band?.times ?? []);
  const line = (values: readonly number[], label: string): Curve => ({
    ...{ name: label, label, times, values: Float64Array.from(values), width: 1, ...yardstick(0) },
  });
  const curves = [
    ...curvesOf(report).slice(0, 1),
    ...(band ? [line(band.high, "95 %"), line(band.middle, "middle"), line(band.low, "5 %")] : []),
  ];
  const panel = curvePanel(canvas, {
    ...{ heading: "NAV in account currency", width, height, format: compact, curves },
    behind: () =>
      band
        ? [Plot.areaY({ length: times.length }, {
          ...{ x: times, y1: band.low, y2: band.high, fill: GRID },
        })]
        : [],
  });
  const last = formatNumber(Number(report.closing.nav), 0);
  return framed({
    title: band
      ? `NAV ${last} at the end, higher than ${
        formatNumber(band.rank * 100, 1)
      } % of ${band.days}-day histories drawn from the backtest`
      : `NAV ${last} at the end; too little history to say what was to be expected`,
    caption: captionOf(
      report,
      band && `stationary bootstrap, blocks of ${formatNumber(band.blockLength, 1)} days`,
    ),
    alt: `Line of the account's NAV to ${last}` +
      (band
        ? `, over a band from ${formatNumber(band.low.at(-1)!, 0)} to ${
          formatNumber(band.high.at(-1)!, 0)
        }.`
        : "."),
    ...{ width, rows: [[panel]] },
  });
}

function captionOf(
  { session, venue, mode, opening, closing }: ParityReport,
  more?: string,
): string {
  const range = `${formatDate(opening.time)} to ${formatDate(closing.time)}`;
  return [`${session} at ${venue} (${mode})`, range, ...more ? [more] : []].join(" · ");
}

interface Step {
  readonly title: string;
  readonly from: number;
  readonly to: number;
  readonly amount: number;
  readonly isStep: boolean;
}

/** Results at both ends, and between them what moved anything. */
function stepsOf({ opening, closing, backtest, rungs }: ParityReport): readonly Step[] {
  const start = Number(opening.nav);
  let at = Number(backtest.nav) - start;
  const steps: Step[] = [{ title: "Backtest", from: 0, to: at, amount: at, isStep: false }];
  for (const { title, nav, cents } of rungs) {
    const next = Number(nav) - start;
    if (Number(cents) !== 0) {
      steps.push({ title, from: at, to: next, amount: Number(cents), isStep: true });
    }
    at = next;
  }
  const end = Number(closing.nav) - start;
  return [...steps, { title: "Account", from: 0, to: end, amount: end, isStep: false }];
}

function drawWaterfall(
  { Plot, draw }: Canvas,
  { steps, width, left }: {
    readonly steps: readonly Step[];
    readonly width: number;
    readonly left: number;
  },
): Drawing {
  const domain = domainOf([steps.flatMap(({ from, to }) => [from, to])], { include: [0] });
  const color = ({ isStep, amount }: Step) => !isStep ? PLAIN : amount > 0 ? GAIN : LOSS;
  return draw({
    ...{ width, height: steps.length * ROW_HEIGHT + 34, marginLeft: left, marginRight: 84 },
    ...{ marginTop: 4, marginBottom: 30 },
    x: { type: "linear", domain: [...domain], axis: null },
    y: { type: "band", domain: steps.map(({ title }) => title), axis: null, padding: 0.25 },
    color: { type: "identity" },
    marks: [
      Plot.gridX({ stroke: GRID, strokeOpacity: 1, ticks: Math.max(2, (width - left - 84) / 80) }),
      Plot.ruleX([0], { stroke: MUTED }),
      Plot.barX(steps, { y: "title", x1: "from", x2: "to", fill: color, rx: 1 }),
      Plot.axisX({
        ...{ tickFormat: (value: number) => formatNumber(value, 0), tickSize: 4, label: null },
        ...{ color: MUTED, fontSize: 11, ticks: Math.max(2, (width - left - 84) / 80) },
      }),
      Plot.text(steps, {
        ...{ y: "title", frameAnchor: "left", dx: -left + 16, textAnchor: "start", fontSize: 11 },
        ...{ text: ({ title }: Step) => shortened(title, left - 24, 11), fill: INK },
      }),
      Plot.text(steps, {
        ...{ y: "title", frameAnchor: "right", dx: 78, textAnchor: "end", fontSize: 11, fill: INK },
        text: ({ amount }: Step) => `${amount > 0 ? "+" : ""}${formatNumber(amount, 2)}`,
      }),
    ],
  });
}

function curvesOf({ curves }: ParityReport): readonly Curve[] {
  const { account, backtest } = curves;
  const curve = ({ times, nav }: typeof account, rest: Omit<Curve, "times" | "values">): Curve => ({
    ...{ ...rest, times: Float64Array.from(times), values: Float64Array.from(nav) },
  });
  return [
    curve(account, { name: "Account", label: "Account", color: INK, width: 2 }),
    ...(backtest.times.length > 0
      ? [curve(backtest, { name: "Backtest", label: "Backtest", width: 1.25, ...yardstick(0) })]
      : []),
  ];
}
