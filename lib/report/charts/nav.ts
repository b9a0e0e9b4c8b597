import type { RegimeDimensionName } from "../../core/run_record.ts";
import { formatNumber } from "../format.ts";
import { type Chart, type ChartSize, type ChartSource, sizeOf } from "./chart.ts";
import { type Curve, curvePanel } from "./curves.ts";
import { type Canvas, openCanvas } from "./drawing.ts";
import { framed } from "./frame.ts";
import type { LegendItem } from "./legend.ts";
import { INK, tint, yardstick } from "./palette.ts";
import { type Band, captionOf, labelsOf, regimeBands } from "./source.ts";
import { compact, signedPercent } from "./text.ts";

/** What the NAV is shown with. */
export interface NavOptions extends ChartSize {
  readonly scale?: "linear" | "log";
  /** Whose labels colour the background; none by default. */
  readonly regime?: RegimeDimensionName;
  /** Dashed, true. */
  readonly benchmarks?: boolean;
}

/** NAV of the account over time beside its benchmarks, over the regimes it went through. */
export async function nav(run: ChartSource, options: NavOptions = {}): Promise<Chart> {
  const { width, height } = sizeOf(options, 340);
  const { scale = "linear", regime } = options;
  const { card, tables } = run;
  const marks = await tables.nav();
  const end = marks.time.at(-1) ?? 0;
  const bands = regime === undefined ? [] : await regimeBands(run, regime, end);
  const labels = regime === undefined ? [] : labelsOf(card, regime);
  const yardsticks = options.benchmarks === false ? [] : await benchmarkCurves(run);
  const portfolio: Curve = {
    ...{ name: "Portfolio", times: marks.time, values: marks.nav, color: INK, width: 2 },
    label: `Portfolio ${signedPercent(growth(marks.nav))}`,
  };
  const canvas = await openCanvas();
  const panel = curvePanel(canvas, {
    heading: `NAV in account currency${scale === "log" ? ", logarithmic" : ""}`,
    ...{ width, height, curves: [portfolio, ...yardsticks], format: compact },
    isLog: scale === "log",
    behind: (domain) => bandMarks(canvas.Plot, { bands, labels, domain }),
  });
  const last = formatNumber(marks.nav.at(-1) ?? null, 0);
  const change = signedPercent(growth(marks.nav));
  return framed({
    title: `NAV ${last} at the end, ${change} over the run`,
    caption: captionOf(card),
    alt: `Line of the NAV from ${formatNumber(marks.nav[0] ?? null, 0)} to ${last}, ${change}` +
      yardsticks.map(({ label }) => `; ${label}`).join("") + ".",
    ...{ width, rows: [[panel]] },
    legend: bandLegend(labels, regime),
  });
}

/** The backgrounds of a regime's labels, one mark a label. */
export function bandMarks(
  Plot: Canvas["Plot"],
  { bands, labels, domain }: {
    readonly bands: readonly Band[];
    readonly labels: readonly string[];
    readonly domain: readonly [number, number];
  },
) {
  return labels.map((label, place) =>
    Plot.rect(bands.filter((band) => band.label === label), {
      ...{ x1: "from", x2: "to", y1: domain[0], y2: domain[1] },
      fill: tint(place, labels.length),
    })
  );
}

function bandLegend(
  labels: readonly string[],
  regime: RegimeDimensionName | undefined,
): readonly LegendItem[] {
  return labels.map((label, place) => ({
    text: `${regime} ${label}`,
    color: tint(place, labels.length),
    sign: "area",
  }));
}

async function benchmarkCurves({ card, tables }: ChartSource): Promise<readonly Curve[]> {
  const listed = card.benchmarks ?? [];
  if (listed.length === 0) return [];
  const { name, time, nav } = await tables.benchmarks();
  return listed.map((benchmark, place) => {
    const own = (column: Float64Array) => column.filter((_, row) => name[row] === benchmark.name);
    const values = own(nav);
    return {
      ...{ name: benchmark.title, times: own(time), values, width: 1.25, ...yardstick(place) },
      label: `${benchmark.title} ${signedPercent(growth(values))}`,
    };
  });
}

/** From the first to the last number, a fraction; null where that says nothing. */
export function growth(nav: Float64Array): number | null {
  const first = nav.find((value) => Number.isFinite(value)) ?? NaN;
  const last = nav.findLast((value) => Number.isFinite(value)) ?? NaN;
  return first > 0 ? last / first - 1 : null;
}
