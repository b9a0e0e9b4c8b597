import { Refusal } from "../../core/errors.ts";
import type { LuckFigures } from "../../core/proofs.ts";
import { formatNumber, formatPercent } from "../format.ts";
import { type Chart, type ChartSize, type ChartSource, sizeOf } from "./chart.ts";
import { openCanvas } from "./drawing.ts";
import { framed } from "./frame.ts";
import { INK } from "./palette.ts";
import { drawRanges } from "./ranges.ts";
import { captionOf, modelColor } from "./source.ts";
import { percentTick } from "./text.ts";

/** What chance makes of the Sharpe ratio and of the deepest drawdown. Refuses a run without these figures. */
export async function luck(run: ChartSource, options: ChartSize = {}): Promise<Chart> {
  const { width } = sizeOf(options);
  const { card, proofs } = run;
  const found = proofs?.luck;
  if (!found) {
    throw new Refusal(
      `chart: run ${card.run_id} has no figures of chance, expected them among its proofs`,
    );
  }
  const accounts: readonly (readonly [string, LuckFigures])[] = [
    ["Portfolio", found.portfolio],
    // order: as the run lists its models
    ...Object.entries(found.models),
  ];
  const canvas = await openCanvas();
  const left = Math.min(206, Math.max(150, Math.round(width * 0.24)));
  const colorOf = (place: number, name: string) => place === 0 ? INK : modelColor(card, name);
  const split = Math.round(width * 0.56);
  const ratios = drawRanges(canvas, {
    ...{ width: split, left, level: 0, format: (value) => formatNumber(value, 1) },
    rows: accounts.map(([name, { sharpe }], place) => ({
      ...{ name, value: sharpe.estimate, low: sharpe.low, high: sharpe.high },
      ...{ color: colorOf(place, name), text: formatNumber(sharpe.estimate) },
    })),
  });
  const falls = drawRanges(canvas, {
    ...{ width: width - split, left: 16, include: [0], format: percentTick },
    rows: accounts.map(([name, { max_drawdown, drawdown_quantiles: at }], place) => ({
      ...{ name, value: max_drawdown.estimate, low: at.p50, high: at.p99 },
      ticks: [at.p50, at.p75, at.p90, at.p95, at.p99].filter((value) => value !== null),
      ...{ color: colorOf(place, name), text: formatPercent(max_drawdown.estimate, 1) },
    })),
  });
  const { sharpe, permutation } = found.portfolio;
  const sure = formatPercent(found.confidence, 0);
  const chances = accounts.flatMap(([name, figures]) =>
    figures.permutation ? [`${name} ${formatNumber(figures.permutation.p_value, 3)}`] : []
  );
  return framed({
    title: sharpe.low === null || sharpe.high === null
      ? "Too little happened to tell luck from skill"
      : `Sharpe between ${formatNumber(sharpe.low)} and ${formatNumber(sharpe.high)} ` +
        `with ${sure} confidence` +
        (permutation ? `; chance does as well in ${formatPercent(permutation.p_value, 1)}` : ""),
    caption: captionOf(
      card,
      `${formatNumber(found.resamples, 0)} resampled histories`,
      "drawdown of 50, 75, 90, 95, 99% of them was at most at the strokes",
      ...(chances.length > 0 ? [`p on shuffled days: ${chances.join(", ")}`] : []),
    ),
    alt: `Sharpe ratios with ${sure} intervals: ` + accounts.map(([name, { sharpe }]) =>
      `${name} ${formatNumber(sharpe.estimate)} (${formatNumber(sharpe.low)} to ` +
      `${formatNumber(sharpe.high)})`
    ).join("; ") + ".",
    width,
    rows: [[
      { heading: `Sharpe ratio a year, ${sure} interval`, drawing: ratios },
      {
        heading: "Max drawdown, %: dot as it was, strokes by chance",
        drawing: falls,
      },
    ]],
  });
}
