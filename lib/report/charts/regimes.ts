import { Refusal } from "../../core/errors.ts";
import { REGIME_DIMENSIONS } from "../../results/regimes.ts";
import { formatNumber, formatPercent } from "../format.ts";
import { type Chart, type ChartSize, type ChartSource, sizeOf } from "./chart.ts";
import { openCanvas } from "./drawing.ts";
import { framed } from "./frame.ts";
import { GAIN, INK, LOSS, MUTED } from "./palette.ts";
import { drawRanges } from "./ranges.ts";
import { captionOf, known, labelsOf, modelColor, modelsOf } from "./source.ts";
import { percentTick, signedPercent } from "./text.ts";

/** Whose returns are split by regime. */
export interface RegimeChartOptions extends ChartSize {
  /** A model's name; the portfolio by default. */
  readonly account?: string;
}

/** Sharpe ratio with its interval, and return, on the days of each label. Refuses a run without regimes. */
export async function regimes(run: ChartSource, options: RegimeChartOptions = {}): Promise<Chart> {
  const { width } = sizeOf(options);
  const { account = "portfolio" } = options;
  const { card } = run;
  const { regimes: states, periods_per_year: periods } = card.statistics;
  known(account, { what: "account", among: ["portfolio", ...modelsOf(card)], card });
  if (!states) {
    throw new Refusal(`chart: run ${card.run_id} was not told of any regime, nothing to show`);
  }
  const rows = REGIME_DIMENSIONS.flatMap((dimension) =>
    labelsOf(card, dimension).map((label) => {
      const { days, portfolio, models } = states[dimension][label]!;
      const figures = account === "portfolio" ? portfolio : models[account]!;
      return {
        ...figures,
        ...sharpeInterval(figures.sharpe, { days, periods }),
        name: `${dimension} ${label} · ${formatNumber(days, 0)} d`,
        label: `${dimension} ${label}`,
      };
    })
  );
  const canvas = await openCanvas();
  const own = account === "portfolio" ? card.statistics.portfolio : card.statistics.models[account];
  const color = account === "portfolio" ? INK : modelColor(card, account);
  const left = 190;
  const split = Math.round(width * 0.62);
  const ratios = drawRanges(canvas, {
    ...{ width: split, left, level: 0, format: (value) => formatNumber(value, 0) },
    own: own?.sharpe ?? null,
    rows: rows.map((row) => ({
      ...{ name: row.name, value: row.sharpe, low: row.low, high: row.high, color },
      text: formatNumber(row.sharpe),
    })),
  });
  const returns = drawRanges(canvas, {
    ...{ width: width - split, left: 16, level: 0, hasBars: true, format: percentTick },
    rows: rows.map((row) => ({
      ...{ name: row.name, value: row.total_return, text: signedPercent(row.total_return) },
      color: (row.total_return ?? 0) < 0 ? LOSS : GAIN,
    })),
  });
  const defined = rows.filter((row) => row.sharpe !== null);
  const best = defined.toSorted((a, b) => b.sharpe! - a.sharpe!);
  return framed({
    title: titleOf(account === "portfolio" ? "Portfolio" : account, best),
    caption: captionOf(
      card,
      "a day (d) belongs to the label in force as it began; bars: 95% interval of the Sharpe ratio " +
        "(Lo 2002, independent days); dashed: whole run",
    ),
    alt: "Sharpe ratio and return by regime: " + rows.map((row) =>
      `${row.label} ${formatNumber(row.sharpe)}, ${formatPercent(row.total_return, 1)}`
    ).join("; ") + ".",
    width,
    legend: [{ text: "whole run", color: MUTED, sign: "line", dash: "2 3" }],
    rows: [[
      { heading: "Sharpe ratio a year on the days of a label", drawing: ratios },
      { heading: "Return of those days, %", drawing: returns },
    ]],
  });
}

function titleOf(
  account: string,
  best: readonly { readonly label: string; readonly sharpe: number | null }[],
): string {
  const [first] = best;
  const last = best.at(-1);
  if (!first || !last) return "No regime lasted two days";
  const shown = `${account}: best in ${first.label} (Sharpe ${formatNumber(first.sharpe)})`;
  return first.sharpe === last.sharpe
    ? shown
    : `${shown}, worst in ${last.label} (${formatNumber(last.sharpe)})`;
}

/** 95 % bounds of a yearly Sharpe ratio from `days` independent returns (Lo 2002). */
export function sharpeInterval(
  sharpe: number | null,
  { days, periods }: { readonly days: number; readonly periods: number },
): { readonly low: number | null; readonly high: number | null } {
  if (sharpe === null || days < 2) return { low: null, high: null };
  const reach = 1.959964 * Math.sqrt((periods + sharpe * sharpe / 2) / days);
  return { low: sharpe - reach, high: sharpe + reach };
}
