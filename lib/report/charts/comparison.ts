import { Refusal } from "../../core/errors.ts";
import { formatNumber } from "../format.ts";
import { type Chart, type ChartSize, type ChartSource, sizeOf } from "./chart.ts";
import { type Curve, curvePanel, isWide } from "./curves.ts";
import { openCanvas } from "./drawing.ts";
import { framed } from "./frame.ts";
import { indexed } from "./models.ts";
import { FAINT, lineColor } from "./palette.ts";
import { rangeParts } from "./source.ts";
import { counted, plainTick } from "./text.ts";

/** Which runs stand out, and what they are called. */
export interface ComparisonOptions extends ChartSize {
  /** By run id; a run without a name is called by its id. */
  readonly names?: Readonly<Record<string, string>>;
  /** How many of the first runs have a colour and a name, at most 8; the rest is grey. 6. */
  readonly highlight?: number;
  /** Logarithmic where one run outgrew the others, unless told. */
  readonly scale?: "linear" | "log";
}

/** NAVs of several runs, each indexed to 100 at its own start. Refuses an empty list. */
export async function comparison(
  runs: readonly ChartSource[],
  options: ComparisonOptions = {},
): Promise<Chart> {
  const { width, height } = sizeOf(options, 360);
  const { names = {}, highlight = 6 } = options;
  const [first] = runs;
  if (!first) throw new Refusal("chart: found no run to compare, expected one or more");
  const curves: Curve[] = [];
  for (const [place, { card, tables }] of runs.entries()) {
    const { time, nav } = await tables.nav();
    const values = indexed(nav);
    const last = values.findLast((value) => Number.isFinite(value)) ?? NaN;
    const name = names[card.run_id] ?? card.run_id;
    const isShown = place < Math.min(8, highlight);
    curves.push({
      ...{ name, times: time, values, color: isShown ? lineColor(place) : FAINT },
      width: isShown ? 1.75 : 0.75,
      ...(isShown ? { label: `${formatNumber(last, 0)} ${name}` } : {}),
    });
  }
  const isLog = (options.scale ?? (isWide(curves) ? "log" : "linear")) === "log";
  const panel = curvePanel(await openCanvas(), {
    heading: `NAV, start = 100${isLog ? ", logarithmic" : ""}`,
    ...{ width, height, curves, level: 100, isLog },
    format: plainTick,
  });
  const ends = curves.map(({ values }) => values.findLast((value) => Number.isFinite(value)) ?? NaN)
    .filter((value) => Number.isFinite(value));
  const range = ends.length === 0
    ? "none with a NAV"
    : `${formatNumber(Math.min(...ends), 0)} to ${formatNumber(Math.max(...ends), 0)} at the end`;
  const hidden = curves.filter(({ label }) => label === undefined).length;
  // Whether code from a notebook took part is each run's own matter.
  const partsOf = ({ card }: ChartSource) => rangeParts({ ...card, sealed: true });
  const same = runs.every((run) => partsOf(run).join() === partsOf(first).join());
  const unsealed = runs.filter(({ card }) => !card.sealed).length;
  return framed({
    title: `${counted(runs.length, "run")} from 100: ${range}`,
    caption: [
      runs.length === 1
        ? `Run ${first.card.run_id}`
        : `Runs ${runs.slice(0, 4).map(({ card }) => card.run_id).join(", ")}${
          runs.length > 4 ? ` and ${runs.length - 4} more` : ""
        }`,
      ...(same ? partsOf(first) : ["different ranges or fills"]),
      ...(unsealed > 0 ? [`${unsealed} unsealed`] : []),
      ...(hidden > 0 ? [`${hidden} in grey`] : []),
    ].join(" · "),
    alt: `Lines of ${counted(runs.length, "NAV")} indexed to 100, ${range}: ` +
      curves.flatMap(({ label }) => label === undefined ? [] : [label]).join(", ") + ".",
    ...{ width, rows: [[panel]] },
  });
}
