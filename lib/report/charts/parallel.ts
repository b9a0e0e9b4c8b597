import { formatNumber } from "../format.ts";
import { objectiveTitle } from "../trial_figure_text.ts";
import { type Chart, type ChartSize, sizeOf } from "./chart.ts";
import { type Canvas, openCanvas } from "./drawing.ts";
import {
  assignmentText,
  emptyChart,
  experimentCaption,
  type ExperimentSource,
  rankedTrials,
  scoreDigits,
  type ScoredTrial,
} from "./experiment_source.ts";
import { framed } from "./frame.ts";
import type { Label } from "./label.ts";
import { FAINT, GAIN, INK, lineColor, MUTED, PANEL } from "./palette.ts";
import { parallelAxes, type ParallelAxis } from "./parallel_axes.ts";
import { counted, shortened, textWidth } from "./text.ts";

/** So many lines in the background can still be told apart. */
const MOST_LINES = 400;
const MOST_BEST = 20;
const MARGIN = { left: 76, right: 72, top: 30, bottom: 18 } as const;

/** One axis for each parameter and one for the score; every trial is a line, the best stand out. */
export async function parallelCoordinates(
  source: ExperimentSource,
  options: ChartSize = {},
): Promise<Chart> {
  const { card, trials } = source;
  const { width, height } = sizeOf(options, 340);
  const ranked = rankedTrials(trials);
  if (ranked.length === 0) return emptyChart(card, { title: "No trial has a score", width });
  const scores = ranked.map(({ score }) => score);
  const digits = scoreDigits(scores);
  const axes = parallelAxes(source, { scores, digits });
  const best = Math.max(1, Math.min(MOST_BEST, Math.floor(ranked.length / 10)));
  const others = ranked.slice(best);
  const faint = Array.from(
    { length: Math.min(MOST_LINES, others.length) },
    // Evenly by rank, so that the middle and the worst are among them.
    (_, place) => others[Math.floor(place * others.length / Math.min(MOST_LINES, others.length))]!,
  );
  const { Plot, draw } = await openCanvas();
  const lines = (rows: readonly ScoredTrial[], stroke: string, strokeWidth: number) =>
    Plot.line(rows.toReversed().flatMap((trial) => pointsOf(trial, axes)), {
      ...{ x: "x", y: "y", z: "trial", stroke, strokeWidth, strokeLinejoin: "round" },
    });
  const drawing = draw({
    ...{ width, height, marginLeft: MARGIN.left, marginRight: MARGIN.right },
    ...{ marginTop: MARGIN.top, marginBottom: MARGIN.bottom },
    x: { type: "linear", domain: [0, Math.max(1, axes.length - 1)], axis: null },
    y: { type: "linear", domain: [0, 1], axis: null },
    marks: [
      lines(faint, FAINT, 0.75),
      lines(ranked.slice(1, best), GAIN, 1.25),
      lines(ranked.slice(0, 1), lineColor(1), 3),
      Plot.ruleX(axes.map((_, place) => place), { stroke: MUTED, strokeWidth: 1 }),
      ...tickMarks(Plot, axes, (width - MARGIN.left - MARGIN.right) / axes.length),
    ],
    color: { type: "identity" },
  });
  const room = (drawing.x(1) - drawing.x(0)) - 12;
  const labels = axes.map(({ label }, place) =>
    nameLabel(label, {
      x: drawing.x(place),
      room: place === 0 ? MARGIN.left + room / 2 - 16 : room,
      isLast: place === axes.length - 1,
    })
  );
  const shown = faint.length + best;
  return framed({
    title: `Best ${objectiveTitle(card.objective)} ${formatNumber(scores[0]!, digits)} at ` +
      assignmentText(card, ranked[0]!.values),
    caption: experimentCaption(
      card,
      ...(shown < ranked.length
        ? [`${formatNumber(shown, 0)} of ${formatNumber(ranked.length, 0)} lines, evenly by rank`]
        : []),
      ...(ranked.length < trials.length
        ? [`${counted(trials.length - ranked.length, "trial")} without a score left out`]
        : []),
    ),
    alt: `${counted(shown, "trial")} as lines over ${counted(axes.length - 1, "parameter")} and ` +
      `${objectiveTitle(card.objective)}, ${formatNumber(scores.at(-1)!, digits)} to ` +
      `${formatNumber(scores[0]!, digits)}.`,
    width,
    legend: [
      { text: `trial ${ranked[0]!.trial}, the best`, color: lineColor(1), sign: "line" },
      ...(best > 1 ? [{ text: `next ${best - 1}`, color: GAIN, sign: "line" } as const] : []),
      ...(faint.length > 0 ? [{ text: "others", color: FAINT, sign: "line" } as const] : []),
    ],
    rows: [[{ heading: "each line is a trial, each axis a parameter", drawing, labels }]],
  });
}

function pointsOf(trial: ScoredTrial, axes: readonly ParallelAxis[]) {
  return axes.map((axis, x) => ({ x, y: axis.shareOf(trial), trial: trial.trial }));
}

/** Values beside their axes, with a rim that keeps them apart from the lines. */
function tickMarks(Plot: Canvas["Plot"], axes: readonly ParallelAxis[], room: number) {
  const ticks = axes.flatMap((axis, x) =>
    axis.ticks.map(({ share, text }) => ({
      ...{ x, y: share, text: shortened(text, Math.min(64, room - 10), 11) },
      isLast: x === axes.length - 1,
    }))
  );
  return [false, true].map((isLast) =>
    Plot.text(ticks.filter((tick) => tick.isLast === isLast), {
      ...{ x: "x", y: "y", text: "text", fill: INK, fontSize: 11, dx: isLast ? 6 : -6 },
      ...{ textAnchor: isLast ? "start" : "end", stroke: PANEL, strokeWidth: 4 },
    })
  );
}

/** The name of an axis, above it. */
function nameLabel(
  label: string,
  { x, room, isLast }: { readonly x: number; readonly room: number; readonly isLast: boolean },
): Label {
  const name = shortened(label, room, 11);
  const half = textWidth(name, 11) / 2;
  return {
    ...{ text: name, full: label, x: isLast ? Math.min(x, x + MARGIN.right - half - 8) : x },
    ...{ y: 14, color: INK, bold: true, anchor: "middle" },
  };
}
