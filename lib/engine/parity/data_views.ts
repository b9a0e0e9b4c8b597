import type { Bars, CorporateAction, Millis, Series, Timeframe } from "../../core/bars.ts";
import { canonicalJson } from "../../core/hash.ts";
import type { DailyHistory, RegimeData } from "../../regime/mod.ts";
import type { AssetData } from "../plan.ts";
import { assetDataAt, regimeDataAt } from "../trading/mod.ts";

/** Market data as decisions are made from them. */
export interface MarketData {
  readonly assets: readonly AssetData[];
  readonly regimes: RegimeData;
}

/** One row or action that a decision saw otherwise than it is stored. */
export interface DataDifference {
  /** `BTC h4`, `vix`, `SPY action`. */
  readonly table: string;
  /** Open time of the bar, date of the observation, ex-date of the action. */
  readonly row: Millis;
  readonly text: string;
}

/** The same close seen in three ways; parts that are equal are the same objects. */
export interface DataViews {
  /** As stored now, cut at the close. */
  readonly stored: MarketData;
  /** The same without what had not arrived. */
  readonly arrived: MarketData;
  /** As it was seen. */
  readonly seen: MarketData;
  readonly late: readonly DataDifference[];
  readonly revised: readonly DataDifference[];
}

/** Sets what a decision saw beside what is stored now, close after close; tables that have not changed are compared once. */
export function dataViews(stored: MarketData): (time: Millis, seen: MarketData) => DataViews {
  const compared = new Map<string, Comparison>();
  return (time, seen) => {
    const cut = marketAt(stored, time);
    const late: DataDifference[] = [];
    const revised: DataDifference[] = [];
    const table = <Table extends Rows>(name: string, own: Table, other: Table): Table => {
      const result = comparisonOf(compared, name, own, other);
      late.push(...result.late);
      revised.push(...result.revised);
      return result.late.length === 0 ? own : keepRows(own, result.kept);
    };
    const arrived = {
      assets: cut.assets.map((own) => {
        const other = seen.assets.find(({ symbol }) => symbol === own.symbol);
        return other ? arrivedAsset(own, other, { table, late, revised }) : own;
      }),
      regimes: arrivedRegimes(cut.regimes, seen.regimes, { table, late, revised }),
    };
    const first = late.length === 0 ? cut : arrived;
    return {
      stored: cut,
      arrived: first,
      seen: revised.length === 0 ? first : seen,
      late,
      revised,
    };
  };
}

/** Data as they were known at a time. */
export function marketAt({ assets, regimes }: MarketData, time: Millis): MarketData {
  return {
    assets: assets.map((data) => assetDataAt(data, time)),
    regimes: regimeDataAt(regimes, time),
  };
}

/** What is stored, with rows behind its end that only the session has. */
export function withSeen(stored: MarketData, seen: MarketData): MarketData {
  return {
    assets: seen.assets.map((own) => {
      const other = stored.assets.find(({ symbol }) => symbol === own.symbol);
      if (!other) return own;
      const bars = Object.fromEntries(
        (Object.keys(own.bars) as Timeframe[]).sort().map((timeframe) => [
          timeframe,
          joined(other.bars[timeframe], own.bars[timeframe]!),
        ]),
      );
      return { ...other, bars, actions: joinedActions(other.actions, own.actions) };
    }),
    regimes: joinedRegimes(stored.regimes, seen.regimes),
  };
}

/** Actions that are stored, and those that only the session has. */
function joinedActions(
  own: readonly CorporateAction[],
  seen: readonly CorporateAction[],
): readonly CorporateAction[] {
  const known = new Set(own.map((action) => canonicalJson(action)));
  return [...own, ...seen.filter((action) => !known.has(canonicalJson(action)))];
}

type Rows = Bars | Series;

/** Differences found so far. */
interface Found {
  readonly late: DataDifference[];
  readonly revised: DataDifference[];
}

interface Comparison {
  readonly own: Rows;
  readonly other: Rows;
  readonly kept: readonly number[];
  readonly late: readonly DataDifference[];
  readonly revised: readonly DataDifference[];
}

type CompareTable = <Table extends Rows>(name: string, own: Table, other: Table) => Table;

function arrivedAsset(
  own: AssetData,
  other: AssetData,
  { table, late, revised }: Found & { readonly table: CompareTable },
): AssetData {
  const bars = Object.fromEntries(
    (Object.keys(own.bars) as Timeframe[]).sort().flatMap((timeframe) => {
      const seen = other.bars[timeframe];
      return seen
        ? [[timeframe, table(`${own.symbol} ${timeframe}`, own.bars[timeframe]!, seen)]]
        : [];
    }),
  );
  const actions = arrivedActions(own.actions, other.actions, { late, revised });
  return { ...own, bars, actions };
}

/** Actions that were seen, of those that are stored. */
function arrivedActions(
  own: readonly CorporateAction[],
  other: readonly CorporateAction[],
  { late, revised }: Found,
): readonly CorporateAction[] {
  const [ours, theirs] = [own, other].map((list) => list.map((one) => canonicalJson(one)));
  const nameOf = ({ symbol, kind, value, exDate }: CorporateAction) => ({
    ...{ table: `${symbol} action`, row: exDate, text: `${kind} of ${value}` },
  });
  late.push(...own.filter((_, i) => !theirs!.includes(ours![i]!)).map(nameOf));
  revised.push(...other.filter((_, i) => !ours!.includes(theirs![i]!)).map(nameOf));
  return own.filter((_, i) => theirs!.includes(ours![i]!));
}

function arrivedRegimes(
  own: RegimeData,
  other: RegimeData,
  { table, late, revised }: Found & { readonly table: CompareTable },
): RegimeData {
  const result: Record<string, unknown> = {};
  for (const name of ["equity", "crypto"] as const) {
    const part = arrivedPart(`${name} regime`, own[name]?.bars, other[name]?.bars, {
      ...{ table, late, revised },
    });
    if (!part) continue;
    const [ours, theirs] = [own[name]!, other[name]!];
    const splits = arrivedActions(ours.splits, theirs.splits, { late, revised });
    result[name] = { ...ours, bars: part, splits };
  }
  for (const name of ["vix", "tenYear", "twoYear", "pmi"] as const) {
    const part = arrivedPart(name, own[name], other[name], { table, late, revised });
    if (part) result[name] = part;
  }
  return result as RegimeData;
}

/** A table of the regimes as far as it had come; undefined where nothing of it had. */
function arrivedPart<Table extends Rows>(
  name: string,
  own: Table | undefined,
  other: Table | undefined,
  { table, late, revised }: Found & { readonly table: CompareTable },
): Table | undefined {
  if (own && other) return table(name, own, other);
  const first = (rows: Rows) => keysOf(rows)[0] ?? 0;
  if (own) late.push({ table: name, row: first(own), text: "had not arrived at all" });
  if (other) revised.push({ table: name, row: first(other), text: "is stored no more" });
  return undefined;
}

function comparisonOf(
  known: Map<string, Comparison>,
  name: string,
  own: Rows,
  other: Rows,
): Comparison {
  const before = known.get(name);
  if (before && before.other === other && keysOf(before.own).length === keysOf(own).length) {
    return before;
  }
  const comparison = compare(name, own, other);
  known.set(name, comparison);
  return comparison;
}

function compare(name: string, own: Rows, other: Rows): Comparison {
  const [ours, theirs] = [keysOf(own), keysOf(other)];
  const [a, b] = [columnsOf(own), columnsOf(other)];
  const kept: number[] = [];
  const [late, revised] = [[] as DataDifference[], [] as DataDifference[]];
  let at = 0;
  for (let row = 0; row < ours.length; row++) {
    const time = ours[row]!;
    for (; at < theirs.length && theirs[at]! < time; at++) {
      revised.push({ table: name, row: theirs[at]!, text: "is stored no more" });
    }
    if (theirs[at] !== time) {
      late.push({ table: name, row: time, text: "had not arrived" });
      continue;
    }
    kept.push(row);
    const column = a.findIndex(([, values], place) => !Object.is(values[row], b[place]![1][at]));
    if (column >= 0) {
      const [title, values] = a[column]!;
      const text = `${title} was ${b[column]![1][at]}, is stored as ${values[row]}`;
      revised.push({ table: name, row: time, text });
    }
    at++;
  }
  for (; at < theirs.length; at++) {
    revised.push({ table: name, row: theirs[at]!, text: "is stored no more" });
  }
  return { own, other, kept, late, revised };
}

function keysOf(rows: Rows): Float64Array {
  return "openTime" in rows ? rows.openTime : rows.date;
}

function columnsOf(rows: Rows): readonly (readonly [name: string, column: Float64Array])[] {
  const { openTime: _, date: __, ...columns } = rows as unknown as Record<string, unknown>;
  return Object.entries(columns).sort(([a], [b]) => a < b ? -1 : 1)
    .filter((entry): entry is [string, Float64Array] => entry[1] instanceof Float64Array);
}

function keepRows<Table extends Rows>(rows: Table, kept: readonly number[]): Table {
  return mapColumns(rows, (column) => Float64Array.from(kept, (row) => column[row]!));
}

function mapColumns<Table extends Rows>(
  rows: Table,
  change: (column: Float64Array, name: string) => Float64Array,
): Table {
  return Object.fromEntries(
    Object.entries(rows).sort(([a], [b]) => a < b ? -1 : 1)
      .map(([name, value]) => [name, value instanceof Float64Array ? change(value, name) : value]),
  ) as unknown as Table;
}

/** Rows of `own`, and behind its end those of `other`. */
function joined<Table extends Rows>(own: Table | undefined, other: Table): Table {
  if (!own) return other;
  const last = keysOf(own).at(-1) ?? -Infinity;
  const from = keysOf(other).findIndex((time) => time > last);
  if (from < 0) return own;
  return mapColumns(own, (column, name) => {
    const tail = (other as unknown as Record<string, Float64Array>)[name]!.subarray(from);
    const both = new Float64Array(column.length + tail.length);
    both.set(column);
    both.set(tail, column.length);
    return both;
  });
}

function joinedRegimes(own: RegimeData, other: RegimeData): RegimeData {
  const result: Record<string, unknown> = { ...other, ...own };
  for (const name of ["equity", "crypto"] as const) {
    const [a, b] = [own[name], other[name]];
    if (!a || !b) continue;
    const splits = joinedActions(a.splits, b.splits);
    result[name] = { ...a, bars: joined(a.bars, b.bars), splits } satisfies DailyHistory;
  }
  for (const name of ["vix", "tenYear", "twoYear", "pmi"] as const) {
    const [a, b] = [own[name], other[name]];
    if (a && b) result[name] = joined(a, b);
  }
  return result as RegimeData;
}
