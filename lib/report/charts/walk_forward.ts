import { DAY_MS, type Millis } from "../../core/bars.ts";
import { parseDate, parseTime } from "../../core/clock.ts";
import type { ExperimentCard, ValidationRecord, WalkWindow } from "../../core/experiment.ts";
import { formatNumber, formatPercent } from "../format.ts";
import { type Chart, type ChartSize, sizeOf } from "./chart.ts";
import { curvePanel } from "./curves.ts";
import { type Canvas, type Drawing, openCanvas } from "./drawing.ts";
import { emptyChart, experimentCaption, type ExperimentSource } from "./experiment_source.ts";
import { framed } from "./frame.ts";
import type { LegendItem } from "./legend.ts";
import { indexed } from "./models.ts";
import { INK, MUTED, tint } from "./palette.ts";
import { counted, plainTick, signedPercent } from "./text.ts";
import { parameterLanes } from "./walk_forward_lanes.ts";

type WalkForward = Extract<ValidationRecord, { readonly method: "walk_forward" }>;

/** A window's test range in time. */
interface Stretch {
  readonly from: Millis;
  readonly to: Millis;
  readonly outcome: "gained" | "lost" | "unknown";
}

const OUTCOMES = ["gained", "unknown", "lost"] as const;

/** The joined curve of all test ranges, each window a band, and what was chosen for each in a strip below. */
export async function walkForward(
  source: ExperimentSource,
  options: ChartSize = {},
): Promise<Chart> {
  const { card } = source;
  const { width, height } = sizeOf(options);
  const { validation } = card;
  if (validation?.method !== "walk_forward" || validation.windows.length === 0) {
    return emptyChart(card, { title: "This experiment has no walk-forward", width });
  }
  const { windows, times, nav, anchored, figures } = validation;
  const stretches = windows.map(stretchOf);
  const canvas = await openCanvas();
  const panel = curvePanel(canvas, {
    heading: "NAV out of sample, start = 100",
    ...{ width, height, format: plainTick, level: 100, right: 20 },
    curves: [{
      ...{ name: "out of sample", color: INK, width: 1.75 },
      times: Float64Array.from(times, (time) => parseTime(time)),
      values: indexed(Float64Array.from(nav)),
    }],
    start: stretches[0]!.from,
    end: stretches.at(-1)!.to,
    behind: (domain) => bandMarks(canvas, stretches, domain),
  });
  const lanes = lanesOf(card, { windows, stretches, drawing: panel.drawing });
  return framed({
    title: `Out of sample ${signedPercent(figures.total_return)} over ` +
      `${counted(windows.length, "window")}, Sharpe ${formatNumber(figures.sharpe)}; ` +
      gainText(windows),
    caption: experimentCaption(
      card,
      anchored ? "training from the start on" : "training on a rolling range",
      "each window traded with what was best before it",
      ...(lanes.left > 0 ? [`${counted(lanes.left, "further parameter")} not shown`] : []),
    ),
    alt: `Line of the NAV out of sample over ${counted(windows.length, "window")}, ` +
      `${signedPercent(figures.total_return)}, max drawdown ` +
      `${formatPercent(figures.max_drawdown)}; ${gainText(windows)}.`,
    width,
    legend: bandLegend(stretches),
    rows: [
      [panel],
      ...(lanes.drawing
        ? [[{
          heading: "Parameters of each window's winner",
          drawing: lanes.drawing,
        }]]
        : []),
    ],
  });
}

function stretchOf({ test, test_return }: WalkWindow): Stretch {
  const [from, to] = [parseDate(test[0]), parseDate(test[1]) + DAY_MS];
  const outcome = test_return === null ? "unknown" : test_return < 0 ? "lost" : "gained";
  return { from, to, outcome };
}

function bandMarks(
  { Plot }: Canvas,
  stretches: readonly Stretch[],
  [low, high]: readonly [number, number],
) {
  return [
    ...OUTCOMES.map((outcome, place) =>
      Plot.rect(stretches.filter((stretch) => stretch.outcome === outcome), {
        ...{ x1: "from", x2: "to", y1: low, y2: high, fill: tint(place, OUTCOMES.length) },
      })
    ),
    Plot.ruleX(stretches.slice(1).map(({ from }) => from), {
      ...{ stroke: MUTED, strokeWidth: 0.75, strokeDasharray: "2 3" },
    }),
  ];
}

function bandLegend(stretches: readonly Stretch[]): readonly LegendItem[] {
  return OUTCOMES.flatMap((outcome, place) => {
    const count = stretches.filter((stretch) => stretch.outcome === outcome).length;
    const text = `${counted(count, "window")} ${
      outcome === "unknown" ? "without a return" : outcome
    }`;
    return count === 0
      ? []
      : [{ text, color: tint(place, OUTCOMES.length), sign: "area" } as const];
  });
}

function gainText(windows: WalkForward["windows"]): string {
  const gained = windows.filter(({ test_return }) => (test_return ?? 0) > 0).length;
  return `${gained} of ${windows.length} gained`;
}

function lanesOf(
  { dimensions }: ExperimentCard,
  { windows, stretches, drawing }: {
    readonly windows: WalkForward["windows"];
    readonly stretches: readonly Stretch[];
    readonly drawing: Drawing;
  },
) {
  return parameterLanes(
    dimensions.map(({ label }, place) => ({
      label,
      values: windows.map(({ values }) => values[place] ?? null),
    })),
    {
      width: drawing.width,
      spans: stretches.map(({ from, to }) => [drawing.x(from), drawing.x(to)]),
    },
  );
}
