import { formatNumber } from "../format.ts";
import { type Chart, type ChartSize, type ChartSource, sizeOf } from "./chart.ts";
import { openCanvas } from "./drawing.ts";
import { framed } from "./frame.ts";
import { INK, RESIDUAL } from "./palette.ts";
import { captionOf, modelColor, modelColumn, modelsOf } from "./source.ts";
import { drawStack, type Layer } from "./stack.ts";
import { compact, signedMoney } from "./text.ts";

/** Money gained by each model since the start, stacked; with what no model made it is the change of NAV. */
export async function attribution(run: ChartSource, options: ChartSize = {}): Promise<Chart> {
  const { width, height } = sizeOf(options, 320);
  const { card } = run;
  const { times, layers, total } = await profitLayers(run);
  const drawing = drawStack(await openCanvas(), {
    ...{ width, height, times, layers, total, format: compact },
  });
  const last = (values: Float64Array) => values.at(-1) ?? 0;
  const shown = layers.filter(({ values }) => values.some((money) => money !== 0));
  const gained = shown.map(({ name, values }) => `${name} ${signedMoney(last(values))}`);
  return framed({
    title: `NAV changed by ${signedMoney(last(total))}; ${best(layers)}`,
    caption: captionOf(card, "models and residual sum to the change of NAV"),
    alt: `Stacked areas of profit by model: ${gained.join(", ")}; ` +
      `together ${signedMoney(last(total))}.`,
    width,
    legend: [
      ...shown.map(({ color }, place) => ({ text: gained[place]!, color, sign: "area" as const })),
      { text: `change of NAV ${signedMoney(last(total))}`, color: INK, sign: "line" },
    ],
    rows: [[{ heading: "Profit since the start in account currency; losses below zero", drawing }]],
  });
}

/** Profit by model at every mark, then the residual, such as interest; at each mark they sum to `total`. */
export async function profitLayers({ card, tables }: ChartSource): Promise<{
  readonly times: Float64Array;
  readonly layers: readonly Layer[];
  /** NAV less the first NAV. */
  readonly total: Float64Array;
}> {
  const [{ time: times, nav }, models] = await Promise.all([tables.nav(), tables.models()]);
  const total = nav.map((money) => money - nav[0]!);
  const own = modelsOf(card).map((name) => ({
    ...{ name, color: modelColor(card, name) },
    values: modelColumn(models, models.pnl, name),
  }));
  const rest = total.map((money, mark) =>
    own.reduce((left, { values }) => left - values[mark]!, money)
  );
  // Rounding is no money: a residual below a millionth of the account is not drawn.
  const isMoney = rest.some((money) => Math.abs(money) > 1e-6 * Math.abs(nav[0]!));
  const residual = isMoney ? rest : rest.map((money) => Number.isNaN(money) ? NaN : 0);
  return {
    times,
    total,
    layers: [...own, { name: "residual", color: RESIDUAL, values: residual }],
  };
}

function best(layers: readonly Layer[]): string {
  const [first] = layers.slice(0, -1).toSorted((a, b) => b.values.at(-1)! - a.values.at(-1)!);
  if (first === undefined) return "no model took part";
  return !(first.values.at(-1)! > 0)
    ? "no model gained"
    : `${first.name} brought most, ${formatNumber(first.values.at(-1) ?? null, 0)}`;
}
