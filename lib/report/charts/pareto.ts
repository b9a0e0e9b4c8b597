import type { TrialRecord } from "../../core/experiment.ts";
import type { TrialFigure } from "../../core/trial_figures.ts";
import { figureText, figureTitle, isShare } from "../trial_figure_text.ts";
import { domainOf, LEFT, valueAxis } from "./axes.ts";
import { type Chart, type ChartSize, sizeOf } from "./chart.ts";
import { type Canvas, type Drawing, openCanvas } from "./drawing.ts";
import { emptyChart, experimentCaption, type ExperimentSource } from "./experiment_source.ts";
import { framed } from "./frame.ts";
import { GAIN, GRID, lineColor, MUTED, PANEL, RESIDUAL } from "./palette.ts";
import { type Dot, sparse } from "./scatter.ts";
import { counted, percentTick, plainTick } from "./text.ts";

interface TrialDot extends Dot {
  readonly trial: TrialRecord;
  /** The third objective; NaN without one. */
  readonly third: number;
}

const USUAL: ExperimentSource["card"]["front"] = [
  { figure: "total_return", more: true },
  { figure: "max_drawdown", more: false },
];

/** The first objective against the second, the front joined, the third as the size of its dots, the winner marked. */
export async function pareto(source: ExperimentSource, options: ChartSize = {}): Promise<Chart> {
  const { card } = source;
  const { width, height } = sizeOf(options, 360);
  const [first, second, third] = card.front.length < 2 ? USUAL : card.front;
  const dots = dotsOf(source, [first!.figure, second!.figure, third?.figure]);
  if (dots.length === 0) return emptyChart(card, { title: "No trial has both objectives", width });
  const front = dots.filter(({ trial }) => trial.pareto).slice(0, MOST_FRONT);
  const joined = frontLine(dots, { upMore: first!.more, rightMore: second!.more });
  const winner = dots.filter(({ trial }) => trial.trial === card.winner?.trial);
  const x = domainOf([dots.map((dot) => dot.x)]);
  const y = domainOf([dots.map((dot) => dot.y)]);
  const drawing = drawFront(await openCanvas(), {
    ...{ width, height, x, y, dots, joined, front, winner },
    figures: [first!.figure, second!.figure],
    title: (trial) => titleOf(source, trial),
  });
  const [up, right] = [figureTitle(first!.figure), figureTitle(second!.figure)];
  const isOn = winner.some(({ trial }) => trial.pareto);
  const better = `better is ${first!.more ? "up" : "down"} and ${second!.more ? "right" : "left"}`;
  return framed({
    title: `${counted(front.length, "trial")} on the front of ${
      card.front.map(({ figure }) => figureTitle(figure)).join(", ") || `${up}, ${right}`
    }; the winner is ${winner.length === 0 ? "unknown" : isOn ? "one of them" : "behind it"}`,
    caption: experimentCaption(
      card,
      `the line joins what is best in ${up} and ${right} alone`,
      ...(third ? [sizeNote(third.figure, front)] : []),
    ),
    alt: `${counted(dots.length, "trial")} by ${up} and ${right}: ` + front.slice(0, 3).map((
      { trial },
    ) => titleOf(source, trial)).join("; ") + ".",
    width,
    legend: [
      { text: "on the front", color: GAIN, sign: "dot" },
      { text: "other trial", color: RESIDUAL, sign: "dot" },
      { text: "winner", color: lineColor(1), sign: "diamond" },
    ],
    rows: [[{ heading: `${up} upwards, ${right} to the right; ${better}`, drawing }]],
  });
}

interface FrontPlot {
  readonly width: number;
  readonly height: number;
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly dots: readonly TrialDot[];
  readonly joined: readonly Dot[];
  readonly front: readonly TrialDot[];
  readonly winner: readonly TrialDot[];
  /** Upwards, and to the right. */
  readonly figures: readonly [up: TrialFigure, right: TrialFigure];
  title(trial: TrialRecord): string;
}

function drawFront({ Plot, draw }: Canvas, plot: FrontPlot): Drawing {
  const { width, height, x, y, dots, joined, front, winner, figures: [up, right] } = plot;
  const title = ({ trial }: TrialDot) => plot.title(trial);
  const tick = (figure: TrialFigure, [low, high]: readonly [number, number]) => (value: number) =>
    isShare(figure) ? percentTick(value) : plainTick(value, (high - low) / 10);
  return draw(
    {
      ...{ width, height, marginLeft: LEFT, marginRight: 24, marginTop: 10, marginBottom: 28 },
      x: { type: "linear", domain: [...x], axis: null },
      y: { type: "linear", domain: [...y], axis: null },
      marks: [
        Plot.gridX({ stroke: GRID, strokeOpacity: 1, ticks: 8 }),
        ...valueAxis(Plot, { format: tick(up, y), ticks: Math.round(height / 55) }),
        Plot.dot(sparse(dots, { x, y, width, height }), { x: "x", y: "y", r: 2, fill: RESIDUAL }),
        Plot.line(joined, { x: "x", y: "y", stroke: GAIN, strokeWidth: 1.5 }),
        Plot.dot(front, {
          ...{ x: "x", y: "y", fill: GAIN, fillOpacity: 0.85, stroke: PANEL, strokeWidth: 1 },
          r: radiusOf(front),
          title,
        }),
        Plot.dot(winner, {
          ...{ x: "x", y: "y", r: 7, symbol: "diamond2", fill: lineColor(1), stroke: PANEL },
          title,
        }),
        Plot.axisX({
          ...{ tickFormat: tick(right, x), ticks: 8, tickSize: 4, label: null },
          ...{ color: MUTED, fontSize: 11 },
        }),
      ],
      r: { type: "identity" },
      symbol: { type: "identity" },
    } as Parameters<typeof draw>[0],
  );
}

/** A front in many objectives may hold most trials. */
const MOST_FRONT = 400;

function dotsOf(
  { trials }: ExperimentSource,
  [first, second, third]: readonly [TrialFigure, TrialFigure, TrialFigure | undefined],
): readonly TrialDot[] {
  return trials.flatMap((trial) => {
    const { status, figures } = trial;
    const [y, x] = [figures[first], figures[second]];
    if (status === "failed" || x === null || y === null) return [];
    return [{ x, y, trial, third: (third && figures[third]) ?? NaN }];
  });
}

/** Dots that no other beats in both directions, from left to right. */
function frontLine(
  dots: readonly Dot[],
  { upMore, rightMore }: { readonly upMore: boolean; readonly rightMore: boolean },
): readonly Dot[] {
  const sign = (more: boolean) => more ? 1 : -1;
  const [up, right] = [sign(upMore), sign(rightMore)];
  let best = -Infinity;
  const kept = dots.toSorted((a, b) => right * (b.x - a.x) || up * (b.y - a.y)).filter(({ y }) => {
    const isBetter = up * y > best;
    if (isBetter) best = up * y;
    return isBetter;
  });
  return kept.toSorted((a, b) => a.x - b.x);
}

/** Area by the third objective, the smallest and the largest dot of fixed size. */
function radiusOf(front: readonly TrialDot[]): (dot: TrialDot) => number {
  const [low, high] = ends(front);
  return ({ third }) =>
    Number.isNaN(third) || !(high > low) ? 4 : Math.sqrt(12 + 52 * (third - low) / (high - low));
}

function ends(front: readonly TrialDot[]): readonly [number, number] {
  const values = front.map(({ third }) => third).filter((value) => !Number.isNaN(value));
  return [Math.min(...values), Math.max(...values)];
}

function sizeNote(figure: TrialFigure, front: readonly TrialDot[]): string {
  const [low, high] = ends(front);
  if (!(high > low)) return `size of a dot: ${figureTitle(figure)}`;
  return `size of a dot: ${figureTitle(figure)}, ` +
    `${figureText(figure, low)} to ${figureText(figure, high)}`;
}

function titleOf({ card }: ExperimentSource, { trial, figures }: TrialRecord): string {
  const front = card.front.length < 2 ? USUAL : card.front;
  return `trial ${trial}: ` +
    front.map(({ figure }) => `${figureTitle(figure)} ${figureText(figure, figures[figure])}`).join(
      ", ",
    );
}
