import { formatNumber } from "../format.ts";
import { type Chart, type ChartSize, type ChartSource, sizeOf } from "./chart.ts";
import { type Curve, curvePanel, isWide } from "./curves.ts";
import { openCanvas } from "./drawing.ts";
import { framed } from "./frame.ts";
import { INK } from "./palette.ts";
import { captionOf, modelColor, modelColumn, modelsOf } from "./source.ts";
import { plainTick } from "./text.ts";

/** How the models are shown. */
export interface ModelsOptions extends ChartSize {
  /** Logarithmic where one model outgrew the others, unless told. */
  readonly scale?: "linear" | "log";
}

/** Each model's own NAV, which compounds its returns on the money it was lent, indexed to 100, beside the portfolio. */
export async function models(run: ChartSource, options: ModelsOptions = {}): Promise<Chart> {
  const { width, height } = sizeOf(options, 320);
  const { card, tables } = run;
  const [{ time, nav }, table] = await Promise.all([tables.nav(), tables.models()]);
  const curveOf = (name: string, values: Float64Array, color: string): Curve => {
    const own = indexed(values);
    const last = own.findLast((value) => Number.isFinite(value)) ?? NaN;
    return { name, times: time, values: own, color, label: `${formatNumber(last, 0)} ${name}` };
  };
  const curves = [
    { ...curveOf("Portfolio", nav, INK), width: 2.25 },
    ...modelsOf(card).map((name) =>
      curveOf(name, modelColumn(table, table.nav, name), modelColor(card, name))
    ),
  ];
  const isLog = (options.scale ?? (isWide(curves) ? "log" : "linear")) === "log";
  const panel = curvePanel(await openCanvas(), {
    heading: `Own NAV, start = 100${isLog ? ", logarithmic" : ""}`,
    ...{ width, height, curves, level: 100, isLog, format: plainTick },
  });
  return framed({
    title: curves.length === 1
      ? "No model took part"
      : `On their own money from 100: ${curves.slice(1).map(endOf).join(", ")}`,
    caption: captionOf(card, "a model's return is its profit over the money its budget lent it"),
    alt: `Lines indexed to 100, at the end: ${curves.map(({ label }) => label!).join(", ")}.`,
    ...{ width, rows: [[panel]] },
  });
}

/** Name and end without the name's version, where that leaves one. */
function endOf({ name, values }: Curve): string {
  const last = values.findLast((value) => Number.isFinite(value)) ?? NaN;
  return `${name.replace(/(?:Model)?(?:_v\d+)?$/, "") || name} ${formatNumber(last, 0)}`;
}

/** The column with its first positive number as 100. */
export function indexed(values: Float64Array): Float64Array {
  const first = values.find((value) => value > 0) ?? NaN;
  return values.map((value) => value / first * 100);
}
