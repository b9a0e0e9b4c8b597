import { formatNumber } from "../format.ts";
import { objectiveTitle } from "../trial_figure_text.ts";
import { LEFT, valueAxis } from "./axes.ts";
import { type Chart, type ChartSize, sizeOf } from "./chart.ts";
import { type Canvas, type Drawing, openCanvas } from "./drawing.ts";
import {
  emptyChart,
  experimentCaption,
  type ExperimentSource,
  isScored,
  scoreDigits,
  type ScoredTrial,
} from "./experiment_source.ts";
import { framed } from "./frame.ts";
import type { Label } from "./label.ts";
import type { LegendItem } from "./legend.ts";
import { GAIN, GRID, lineColor, LOSS, MUTED, PLAIN } from "./palette.ts";
import { sparse, steadySpan } from "./scatter.ts";
import { counted, plainTick, textWidth } from "./text.ts";

/** The best score so far over the trials as they were proposed, every trial as a dot, generations parted by lines. */
export async function convergence(
  source: ExperimentSource,
  options: ChartSize = {},
): Promise<Chart> {
  const { card, trials } = source;
  const { width, height } = sizeOf(options);
  const scored = trials.filter(isScored).toSorted((a, b) => a.trial - b.trial);
  if (scored.length === 0) return emptyChart(card, { title: "No trial has a score", width });
  const steps = bestSoFar(scored);
  const best = steps.at(-1)!;
  const last = trials.reduce((most, { trial }) => Math.max(most, trial), 0) + 1;
  const scores = scored.map(({ score }) => score);
  const digits = scoreDigits(scores);
  const y = steadySpan(scores);
  const outside = scores.filter((score) => score < y[0]).length;
  const dots = scored.map(({ trial, score }) => ({ x: trial + 1, y: score }));
  const lost = trials.filter((trial) => !isScored(trial))
    .map(({ trial }) => ({ x: trial + 1, y: y[0] }));
  const turns = turnsOf(source);
  const shown = sparse(dots, { x: [0.5, last + 0.5], y, width, height });
  const winner = dots.filter(({ x }) => x === (card.winner?.trial ?? -1) + 1);
  const plot = { width, height, last, y, steps, shown, lost, turns, winner };
  const drawing = drawScores(await openCanvas(), plot);
  const name = objectiveTitle(card.objective);
  return framed({
    title: `Best ${name} ${formatNumber(best.y, digits)} found after ` +
      `${formatNumber(best.x, 0)} of ${counted(last, "trial")}`,
    caption: experimentCaption(
      card,
      "the best of many rises by luck alone",
      ...(shown.length < dots.length - outside ? ["dots thinned where they cover each other"] : []),
      ...(outside > 0 ? [`${formatNumber(outside, 0)} far below not shown`] : []),
    ),
    alt: `Scores of ${counted(scored.length, "trial")} in their order; the best so far rises in ` +
      `${counted(steps.length, "step")} from ${formatNumber(steps[0]!.y, digits)} to ` +
      `${formatNumber(best.y, digits)}.`,
    width,
    legend: legendOf(lost.length),
    rows: [[{
      heading: `${name}; trials to the right`,
      drawing,
      labels: turnLabels(turns, (at) => drawing.x(at)),
    }]],
  });
}

interface Spot {
  /** Trials from 1, in the order in which they were proposed. */
  readonly x: number;
  readonly y: number;
}

interface ScorePlot {
  readonly width: number;
  readonly height: number;
  readonly last: number;
  readonly y: readonly [number, number];
  readonly steps: readonly Spot[];
  readonly shown: readonly Spot[];
  readonly lost: readonly Spot[];
  readonly turns: readonly Turn[];
  readonly winner: readonly Spot[];
}

function drawScores({ Plot, draw }: Canvas, plot: ScorePlot): Drawing {
  const { width, height, last, y, steps, shown, lost, turns, winner } = plot;
  const x = [0.5, last + 0.5] as const;
  const best = [...steps, { x: last, y: steps.at(-1)!.y }];
  return draw(
    {
      ...{ width, height, marginLeft: LEFT, marginRight: 20, marginTop: 18, marginBottom: 28 },
      x: { type: "linear", domain: [...x], axis: null },
      y: { type: "linear", domain: [...y], axis: null },
      marks: [
        ...valueAxis(Plot, {
          format: (value) => plainTick(value, (y[1] - y[0]) / 10),
          ticks: Math.max(2, Math.round(height / 55)),
        }),
        Plot.ruleX(turns.map(({ at }) => at), { stroke: MUTED, strokeDasharray: "2 3" }),
        Plot.dot(shown, { x: "x", y: "y", r: 2.25, fill: PLAIN, fillOpacity: 0.75 }),
        Plot.ruleX(sparse(lost, { x, y, width, height, most: 600 }), {
          ...{ x: "x", y1: y[0], y2: y[0] + (y[1] - y[0]) * 0.03, stroke: LOSS },
        }),
        Plot.line(best.map((step) => ({ ...step, y: Math.max(y[0], step.y) })), {
          ...{ x: "x", y: "y", curve: "step-after", stroke: GAIN, strokeWidth: 2 },
        }),
        Plot.dot(winner, { x: "x", y: "y", r: 6, symbol: "diamond2", fill: lineColor(1) }),
        Plot.ruleY([y[0]], { stroke: GRID }),
        Plot.axisX({
          ...{ tickFormat: (trial: number) => plainTick(trial, 1), ticks: Math.min(10, last) },
          ...{ tickSize: 4, label: null, color: MUTED, fontSize: 11 },
        }),
      ],
      symbol: { type: "identity" },
      r: { type: "identity" },
    } as Parameters<typeof draw>[0],
  );
}

function legendOf(lost: number): readonly LegendItem[] {
  return [
    { text: "best so far", color: GAIN, sign: "line" },
    { text: "trial", color: PLAIN, sign: "dot" },
    { text: "winner", color: lineColor(1), sign: "diamond" },
    ...(lost > 0
      ? [{ text: `${counted(lost, "trial")} without a score`, color: LOSS, sign: "tick" } as const]
      : []),
  ];
}

function bestSoFar(scored: readonly ScoredTrial[]): readonly Spot[] {
  const steps: Spot[] = [];
  for (const { trial, score } of scored) {
    if (steps.length === 0 || score > steps.at(-1)!.y) steps.push({ x: trial + 1, y: score });
  }
  return steps;
}

interface Turn {
  readonly at: number;
  readonly batch: number;
}

/** Where a batch begins after another one. */
function turnsOf({ trials }: ExperimentSource): readonly Turn[] {
  const sorted = trials.toSorted((a, b) => a.trial - b.trial);
  return sorted.flatMap(({ trial, batch }, place) =>
    place > 0 && sorted[place - 1]!.batch !== batch ? [{ at: trial + 0.5, batch }] : []
  );
}

function turnLabels(turns: readonly Turn[], x: (at: number) => number): readonly Label[] {
  const text = ({ batch }: Turn, place: number) => place === 0 ? `generation ${batch}` : `${batch}`;
  let free = -Infinity;
  return turns.flatMap((turn, place) => {
    const at = x(turn.at) + 3;
    if (at < free) return [];
    const name = text(turn, place);
    free = at + textWidth(name, 11) + 6;
    return [{ text: name, x: at, y: 12, color: MUTED, anchor: "start" } as const];
  });
}
