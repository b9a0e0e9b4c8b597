import type { RunTable } from "../../results/mod.ts";
import { formatPercent } from "../format.ts";
import { type Chart, type ChartSize, type ChartSource, sizeOf } from "./chart.ts";
import { openCanvas } from "./drawing.ts";
import { framed } from "./frame.ts";
import { INK } from "./palette.ts";
import { assetColor, assetsOf, captionOf } from "./source.ts";
import { drawStack, type Layer } from "./stack.ts";
import { percentTick } from "./text.ts";

/** What was held of each asset over time, stacked, with the line of gross exposure. */
export async function exposure(run: ChartSource, options: ChartSize = {}): Promise<Chart> {
  const { width, height } = sizeOf(options, 300);
  const { card, tables } = run;
  const [nav, weights] = await Promise.all([tables.nav(), tables.weights()]);
  const layers = weightLayers(run, { times: nav.time, weights });
  const drawing = drawStack(await openCanvas(), {
    ...{ width, height, times: nav.time, layers, total: nav.gross_exposure },
    format: percentTick,
  });
  const { mean_gross_exposure: mean, max_gross_exposure: most } = card.statistics.portfolio;
  const means = layers.map(({ name, values }) => `${name} ${formatPercent(meanOf(values), 1)}`);
  return framed({
    title: `${formatPercent(mean, 1)} of NAV invested on average, ${
      formatPercent(most, 1)
    } at most`,
    caption: captionOf(card, "means over all marks"),
    alt: `Stacked areas of the weights by asset; on average ${means.join(", ")}.`,
    width,
    legend: [
      ...layers.map(({ color }, place) => ({ text: means[place]!, color, sign: "area" as const })),
      { text: "gross exposure", color: INK, sign: "line" },
    ],
    rows: [[{ heading: "Position, % of NAV; shorts below zero", drawing }]],
  });
}

/** Each asset's weight at every mark: what the table leaves out was not held. */
function weightLayers(
  { card }: ChartSource,
  { times, weights }: { times: Float64Array; weights: RunTable<"weights"> },
): readonly Layer[] {
  const columns = new Map(
    assetsOf(card).map((symbol) => [symbol, new Float64Array(times.length)]),
  );
  let mark = 0;
  for (const [row, time] of weights.time.entries()) {
    while (mark < times.length - 1 && times[mark]! < time) mark++;
    const column = columns.get(weights.symbol[row]!);
    if (column) column[mark] = weights.weight[row]!;
  }
  return [...columns].map(([name, values]) => ({ name, values, color: assetColor(card, name) }));
}

function meanOf(values: Float64Array): number | null {
  const known = values.filter((value) => Number.isFinite(value));
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
