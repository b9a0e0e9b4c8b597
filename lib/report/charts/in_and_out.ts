import type { ValidationRecord } from "../../core/experiment.ts";
import { formatNumber } from "../format.ts";
import { objectiveTitle } from "../trial_figure_text.ts";
import { domainOf, LEFT, valueAxis } from "./axes.ts";
import { type Chart, type ChartSize, sizeOf } from "./chart.ts";
import { openCanvas } from "./drawing.ts";
import {
  emptyChart,
  experimentCaption,
  type ExperimentSource,
  isScored,
  scoreDigits,
} from "./experiment_source.ts";
import { framed } from "./frame.ts";
import { GRID, lineColor, MUTED, PANEL, PLAIN } from "./palette.ts";
import { rankCorrelation } from "./rank_correlation.ts";
import { type Dot, sparse, steadySpan } from "./scatter.ts";
import { counted, plainTick } from "./text.ts";

/** What is held against each other: one dot for each trial, window or split. */
interface Pairs {
  readonly noun: "trial" | "window" | "split";
  readonly figure: string;
  readonly dots: readonly Dot[];
  readonly winner: Dot | undefined;
}

/**
 * Scores on the data that the choice was made on against those on data kept apart, with the diagonal: of every trial, of
 * each window of a walk-forward, or Sharpe ratios of each split of a cross-validation.
 */
export async function inAndOut(source: ExperimentSource, options: ChartSize = {}): Promise<Chart> {
  const { card } = source;
  const { width, height } = sizeOf(options, 360);
  const { noun, figure, dots, winner } = pairsOf(source);
  if (dots.length === 0) {
    return emptyChart(card, { title: "Nothing was kept out of the sample", width });
  }
  const x = domainOf([dots.map((dot) => dot.x)]);
  const y = steadySpan(dots.map((dot) => dot.y));
  const low = Math.min(x[0], y[0], winner?.y ?? Infinity);
  const high = Math.max(x[1], y[1]);
  const outside = dots.filter((dot) => dot.y < low).length;
  const { Plot, draw } = await openCanvas();
  const span = [low, high] as const;
  const format = (value: number) => plainTick(value, (high - low) / 20);
  const shown = sparse(dots, { x: span, y: span, width, height });
  const drawing = draw(
    {
      ...{ width, height, marginLeft: LEFT, marginRight: 24, marginTop: 10, marginBottom: 28 },
      x: { type: "linear", domain: [...span], axis: null },
      y: { type: "linear", domain: [...span], axis: null },
      marks: [
        Plot.gridX({ stroke: GRID, strokeOpacity: 1, ticks: 8 }),
        ...valueAxis(Plot, { format, ticks: Math.round(height / 55) }),
        ...(low < 0 && high > 0 ? [Plot.ruleY([0], { stroke: MUTED, strokeOpacity: 0.6 })] : []),
        Plot.line([[low, low], [high, high]], { stroke: MUTED, strokeDasharray: "5 4" }),
        Plot.dot(shown, {
          ...{ x: "x", y: "y", fill: PLAIN, r: dots.length > 60 ? 2.5 : 5 },
          ...(dots.length > 60 ? { fillOpacity: 0.8 } : { stroke: PANEL }),
        }),
        Plot.dot(winner ? [winner] : [], {
          ...{ x: "x", y: "y", r: 7, symbol: "diamond2", fill: lineColor(1), stroke: PANEL },
        }),
        Plot.axisX({
          ...{ tickFormat: format, ticks: 8, tickSize: 4, label: null, color: MUTED, fontSize: 11 },
        }),
      ],
      r: { type: "identity" },
      symbol: { type: "identity" },
    } as Parameters<typeof draw>[0],
  );
  const below = dots.filter((dot) => dot.y < dot.x).length;
  const correlation = rankCorrelation(dots);
  return framed({
    title: titleOf({ noun, figure, dots, winner }),
    caption: experimentCaption(
      card,
      "on the dashed line nothing is lost out of sample",
      ...(correlation === null ? [] : [
        `rank correlation ${formatNumber(correlation)} over ${counted(dots.length, noun)}`,
      ]),
      ...(outside > 0 ? [`${formatNumber(outside, 0)} far below not shown`] : []),
    ),
    alt: `${counted(dots.length, noun)}: ${figure} in sample against out of sample; ` +
      `${formatNumber(below, 0)} below the diagonal.`,
    width,
    legend: [
      { text: noun, color: PLAIN, sign: "dot" },
      ...(winner ? [{ text: "winner", color: lineColor(1), sign: "diamond" } as const] : []),
      { text: "the same in and out", color: MUTED, sign: "line", dash: "5 4" },
    ],
    rows: [[{
      heading: `${figure}: out of sample upwards, in sample to the right`,
      drawing,
    }]],
  });
}

function titleOf({ noun, figure, dots, winner }: Pairs): string {
  const digits = scoreDigits(dots.flatMap(({ x, y }) => [x, y]));
  const text = (value: number) => formatNumber(value, digits);
  if (winner) {
    const change = winner.y < winner.x ? "falls" : "goes";
    return `Out of sample the winner's ${figure} ${change} from ${text(winner.x)} to ` +
      text(winner.y);
  }
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [inside, outside] = [mean(dots.map(({ x }) => x)), mean(dots.map(({ y }) => y))];
  return `${counted(dots.length, noun)}: mean ${figure} ${text(inside)} in sample, ` +
    `${text(outside)} out of it`;
}

function pairsOf({ card, trials }: ExperimentSource): Pairs {
  const { validation } = card;
  if (validation && "splits" in validation) return splitPairs(validation);
  const figure = objectiveTitle(card.objective);
  const scored = trials.filter(isScored).flatMap(({ trial, score, test_score }) =>
    test_score === null ? [] : [{ x: score, y: test_score, trial }]
  );
  if (scored.length === 0 && validation && "windows" in validation) {
    const dots = validation.windows.flatMap(({ train_score, test_score }) =>
      known(train_score, test_score)
    );
    return { noun: "window", figure, dots, winner: undefined };
  }
  const winner = scored.find(({ trial }) => trial === card.winner?.trial);
  return { noun: "trial", figure, dots: scored, winner };
}

function splitPairs({ splits }: Extract<ValidationRecord, { splits: unknown }>): Pairs {
  const dots = splits.flatMap(({ train_sharpe, test_sharpe }) => known(train_sharpe, test_sharpe));
  return { noun: "split", figure: "Sharpe", dots, winner: undefined };
}

function known(x: number | null, y: number | null): readonly Dot[] {
  return x === null || y === null ? [] : [{ x, y }];
}
