import type { Millis } from "../../core/bars.ts";
import { formatDate, parseTime } from "../../core/clock.ts";
import { didYouMean, Refusal } from "../../core/errors.ts";
import type { RegimeDimensionName } from "../../core/run_record.ts";
import { dailyClock } from "../../stats/daily_clock.ts";
import type { RunCard, RunTable } from "../../results/mod.ts";
import { REGIME_DIMENSIONS } from "../../results/regimes.ts";
import type { Marks } from "../../stats/monthly.ts";
import type { ChartSource } from "./chart.ts";
import { areaColor, lineColor } from "./palette.ts";

/** The parts of a plan that captions name; a plan on record may lack any of them. */
interface KnownPlan {
  readonly start?: unknown;
  readonly end?: unknown;
  readonly timeframe?: unknown;
  readonly fill?: unknown;
}

/** `Run 0123456789abcdef · 2020-01-01 to 2024-12-31 · h4 · …`. */
export function captionOf(card: RunCard, ...more: readonly string[]): string {
  return [`Run ${card.run_id}`, ...rangeParts(card), ...more].join(" · ");
}

/** Range, timeframe and what else sets a run's numbers apart. */
export function rangeParts({ plan, statistics, sealed }: RunCard): readonly string[] {
  const { start, end, timeframe, fill } = (plan ?? {}) as KnownPlan;
  const { portfolio } = statistics;
  const first = typeof start === "string" ? start : portfolio.start?.slice(0, 10);
  const last = typeof end === "string" ? end : portfolio.end && dateBefore(portfolio.end);
  return [
    ...(first && last ? [`${first} to ${last} UTC`] : []),
    ...(typeof timeframe === "string" ? [timeframe] : []),
    ...(typeof fill === "string" ? [`fills at ${fill.replaceAll("_", " ")}`] : []),
    ...(sealed ? [] : ["unsealed"]),
  ];
}

/** Date of the day that a final mark at 00:00 ends. */
function dateBefore(end: string): string {
  return formatDate(parseTime(end) - 1);
}

/** The run's models, in the order of its plan. */
export function modelsOf({ statistics }: RunCard): readonly string[] {
  return Object.keys(statistics.models); // order: as the run lists its models
}

/** The run's assets, in the order of its plan. */
export function assetsOf({ statistics }: RunCard): readonly string[] {
  return Object.keys(statistics.assets); // order: as the run lists its assets
}

/** The colour a model has in every chart of its run. */
export function modelColor(card: RunCard, model: string): string {
  return lineColor(Math.max(0, modelsOf(card).indexOf(model)));
}

/** The colour an asset has in every chart of its run. */
export function assetColor(card: RunCard, symbol: string): string {
  return areaColor(Math.max(0, assetsOf(card).indexOf(symbol)));
}

/** Refuses a name that is not among `known`, with the nearest one. */
export function known(
  name: string,
  { what, among, card }: { what: string; among: readonly string[]; card: RunCard },
): string {
  if (among.includes(name)) return name;
  throw new Refusal(
    `chart: found ${what} "${name}"${didYouMean(name, among)}, ` +
      `expected one of run ${card.run_id}: ${among.join(", ") || "it has none"}`,
  );
}

/** NAV at the marks that the run's daily returns are taken from. */
export function dailyNav({ statistics, plan }: RunCard, marks: Marks): Marks {
  // The clock asks no more of the assets than whether one trades at night.
  const session = {
    ...{ symbol: "", assetClass: "equity", venue: "", minOrderSize: 0 } as const,
    ...{ quantityPrecision: null, pricePrecision: null },
  };
  const { dailyTimes, dailyNav } = dailyClock({
    assets: statistics.periods_per_year === 252 ? [session] : [],
    markTimes: marks.times,
    timeframe: (plan as KnownPlan | null)?.timeframe === "daily" ? "daily" : "h4",
  }).daily(marks);
  return { times: dailyTimes, nav: dailyNav };
}

/** A stretch of time with one label. */
export interface Band {
  readonly label: string;
  readonly from: Millis;
  readonly to: Millis;
}

/** The labels that a dimension had, oldest first, until `end`. Refuses a run without regimes. */
export async function regimeBands(
  { card, tables }: ChartSource,
  dimension: RegimeDimensionName,
  end: Millis,
): Promise<readonly Band[]> {
  known(dimension, { what: "regime", among: REGIME_DIMENSIONS, card });
  if (!card.statistics.regimes) {
    throw new Refusal(`chart: run ${card.run_id} was not told of any regime, nothing to show`);
  }
  const regimes = await tables.regimes();
  const labels = regimes[dimension];
  const turns = [...labels.keys()].filter((row) => row === 0 || labels[row] !== labels[row - 1]);
  return turns.map((row, place) => ({
    label: labels[row]!,
    from: regimes.time[row]!,
    to: regimes.time[turns[place + 1] ?? -1] ?? end,
  }));
}

/** The labels of a dimension, from good to bad. */
export function labelsOf(
  { statistics }: RunCard,
  dimension: RegimeDimensionName,
): readonly string[] {
  return Object.keys(statistics.regimes?.[dimension] ?? {}); // order: as the run lists its labels
}

/** The rows of one model in a run's table of models. */
export function modelColumn(
  { model }: RunTable<"models">,
  column: Float64Array,
  name: string,
): Float64Array {
  return column.filter((_, row) => model[row] === name);
}
