import type { Asset } from "../../core/asset.ts";
import type { Timeframe } from "../../core/bars.ts";
import { canonicalJson } from "../../core/hash.ts";
import { dailyClock } from "../../stats/daily_clock.ts";
import type { RunCard, RunTable, TableName } from "../../results/mod.ts";
import { type ColumnSource, encodeTable } from "./columns.ts";

type Occasional = "features" | "regimes" | "benchmarks";

/** The tables of a run; it may lack some, `features` where it was made by an earlier version. */
export type SheetTables =
  & { readonly [Name in Exclude<TableName, Occasional>]: RunTable<Name> }
  & { readonly [Name in Occasional]?: RunTable<Name> };

/**
 * Everything that a page about a run can show beside its card, as JSON: every mark of NAV, every day of the rest, and
 * every wish with what the model saw, every cut, order, fill and regime. Nothing is rounded. Equal runs give equal text.
 */
export function sheetData(card: RunCard, tables: SheetTables): string {
  const { timeframe } = card.plan as { timeframe?: string };
  const days = daysOf(card, tables);
  return canonicalJson({
    run_id: card.run_id,
    timeframe: timeframe ?? "h4",
    periods_per_year: card.statistics.periods_per_year,
    symbols: Object.keys(card.statistics.assets),
    models: modelNames(tables),
    benchmarks: card.benchmarks ?? [],
    tables: {
      marks: encodeTable(markColumns(tables)),
      days: encodeTable(dayColumns(tables, days)),
      holdings: encodeTable(holdingColumns(tables.weights, days, tables.nav.time)),
      wishes: encodeTable({ ...tables.attribution }),
      ...(tables.features ? { features: encodeTable({ ...tables.features }) } : {}),
      risk: encodeTable({ ...tables.risk }),
      orders: encodeTable(withFills(tables.orders)),
      fills: encodeTable(fillColumns(tables.trades)),
      bookings: encodeTable(withFills(tables.bookings)),
      ...(tables.regimes ? { regimes: encodeTable({ ...tables.regimes }) } : {}),
    },
  });
}

/** The marks at which days end: when, and which mark of the decision clock it is. */
interface Days {
  readonly times: Float64Array;
  readonly marks: Float64Array;
  daily(nav: Float64Array): Float64Array;
}

/** Days as the run's own statistics count them: UTC days, or sessions when only equities trade. */
function daysOf({ plan, statistics }: RunCard, { nav }: SheetTables): Days {
  const { timeframe } = plan as { timeframe?: Timeframe };
  const assetClass = statistics.periods_per_year === 252 ? "equity" : "crypto";
  const assets = Object.keys(statistics.assets).map((symbol) => ({ symbol, assetClass } as Asset));
  const clock = dailyClock({ assets, markTimes: nav.time, timeframe: timeframe ?? "h4" });
  const rows = Float64Array.from(nav.time.keys());
  const { dailyTimes, dailyNav } = clock.daily({ times: nav.time, nav: rows });
  return {
    times: dailyTimes,
    marks: dailyNav,
    daily: (values) => clock.daily({ times: nav.time, nav: values }).dailyNav,
  };
}

function modelNames({ models, nav }: SheetTables): readonly string[] {
  return models.model.slice(0, models.time.length / nav.time.length);
}

function markColumns(tables: SheetTables): Readonly<Record<string, ColumnSource>> {
  const { nav, models } = tables;
  const budgets = modelNames(tables).map((_, place, { length }) =>
    [`budget ${place}`, everyNth(models.budget, place, length)] as const
  );
  return { time: nav.time, nav: nav.nav, mode: nav.mode, ...Object.fromEntries(budgets) };
}

/** Per day: the account, each model's P&L and NAV by its place, each benchmark's NAV by its place. */
function dayColumns(tables: SheetTables, days: Days): Readonly<Record<string, ColumnSource>> {
  const { nav, models, benchmarks } = tables;
  const ofModels = modelNames(tables).flatMap((_, place, { length }) =>
    [
      [`pnl ${place}`, days.daily(everyNth(models.pnl, place, length))],
      [`nav ${place}`, days.daily(everyNth(models.nav, place, length))],
    ] as const
  );
  const marks = nav.time.length;
  const count = benchmarks ? benchmarks.time.length / marks : 0;
  const ofBenchmarks = Array.from({ length: count }, (_, place) =>
    [
      `benchmark ${place}`,
      days.daily(benchmarks!.nav.subarray(place * marks, (place + 1) * marks)),
    ] as const);
  return {
    time: days.times,
    mark: days.marks,
    cash: days.daily(nav.cash),
    gross_exposure: days.daily(nav.gross_exposure),
    net_exposure: days.daily(nav.net_exposure),
    ...Object.fromEntries([...ofModels, ...ofBenchmarks]),
  };
}

/** What was held or wanted as each day ended; weight = quantity × price ÷ NAV. */
function holdingColumns(
  weights: RunTable<"weights">,
  { marks }: Days,
  markTimes: Float64Array,
): Readonly<Record<string, ColumnSource>> {
  const dayOf = new Map(Array.from(marks, (mark, day) => [markTimes[mark]!, day]));
  const rows = Array.from(weights.time.keys()).filter((row) => dayOf.has(weights.time[row]!));
  const numbers = (column: Float64Array) => Float64Array.from(rows, (row) => column[row]!);
  return {
    day: Float64Array.from(rows, (row) => dayOf.get(weights.time[row]!)!),
    symbol: rows.map((row) => weights.symbol[row]!),
    quantity: numbers(weights.quantity),
    price: numbers(weights.price),
    target_weight: numbers(weights.target_weight),
  };
}

/** What an order does not say of its fill: one row for each filled order, in their order. */
function fillColumns(trades: RunTable<"trades">): Readonly<Record<string, ColumnSource>> {
  const { executed_at, price, reference_price, adjustment, fee, slippage, nav } = trades;
  const { mode, pessimistic } = trades;
  return { executed_at, price, reference_price, adjustment, fee, slippage, nav, mode, pessimistic };
}

/** The rows with the number of their fill, from 0, in place of its id; -1 for none. */
function withFills<Row extends { readonly trade_id: readonly string[] }>(
  { trade_id, ...rest }: Row,
) {
  return { ...rest, fill: trade_id.map((id) => id === "" ? -1 : Number(id.slice(1)) - 1) };
}

function everyNth(values: Float64Array, first: number, step: number): Float64Array {
  return Float64Array.from(
    { length: values.length / step },
    (_, row) => values[row * step + first]!,
  );
}
