import {
  type Bars,
  type CorporateAction,
  PRICE_COLUMNS,
  type Series,
  upperBound,
} from "../../core/bars.ts";
import { formatDate, formatTime } from "../../core/clock.ts";
import type { AssetData } from "../../engine/plan.ts";
import type { RegimeData } from "../../regime/mod.ts";
import type { MarketContent } from "./market_feed.ts";

/** What a session goes on with after files were read again. */
export interface Grown {
  /** What is known: as it was, and behind its end what the files have more. */
  readonly known: MarketContent;
  /** What is on file, the past as it was first read. */
  readonly onFile: MarketContent;
  /** One line for each table whose stored past is another now. */
  readonly troubles: readonly string[];
}

/**
 * Takes up what files have gained since they were first read. Nothing that was known changes: a table whose stored past
 * is another now is told of and left as it is, until a session begins anew.
 */
export function grownBy(
  { known, onFile }: Pick<Grown, "known" | "onFile">,
  fresh: MarketContent,
): Grown {
  const troubles: string[] = [];
  const table = tableGrowth(troubles);
  const pairs = known.assets.map((mine) => {
    const [before, after] = [onFile, fresh].map(({ assets }) =>
      assets.find(({ symbol }) => symbol === mine.symbol)!
    );
    return grownAsset(mine, { before: before!, after: after! }, { table, troubles });
  });
  const regimes = grownRegimes(known.regimes, {
    ...{ before: onFile.regimes, after: fresh.regimes, table, troubles },
  });
  return {
    known: { assets: pairs.map(({ mine }) => mine), regimes: regimes.mine },
    onFile: { assets: pairs.map(({ file }) => file), regimes: regimes.file },
    troubles: [...new Set(troubles)],
  };
}

type Rows = Bars | Series;

/** A table as it is known, and as it is on file. */
interface Pair<Table> {
  readonly mine: Table;
  readonly file: Table;
}

type GrowTable = <Table extends Rows>(
  name: string,
  mine: Table,
  versions: { readonly before: Table; readonly after: Table },
) => Pair<Table>;

function tableGrowth(troubles: string[]): GrowTable {
  return (name, mine, { before, after }) => {
    if (before === after) return { mine, file: before };
    const rewritten = rewrittenRow(before, after);
    if (rewritten === undefined) return { mine: withTail(mine, after), file: after };
    troubles.push(`${name}: the stored past was rewritten, ${rewritten}; ${KEPT}`);
    return { mine, file: before };
  };
}

const KEPT = "decisions go on with what they saw until a new start";

function grownAsset(
  mine: AssetData,
  { before, after }: { readonly before: AssetData; readonly after: AssetData },
  { table, troubles }: { readonly table: GrowTable; readonly troubles: string[] },
): Pair<AssetData> {
  if (before.splitsApplied !== after.splitsApplied) {
    const word = (applied: boolean) => applied ? "applied" : "raw";
    troubles.push(
      `${mine.symbol}: the stored past was rewritten, splits were ${
        word(before.splitsApplied)
      } and are ${word(after.splitsApplied)}; ${KEPT}`,
    );
    return { mine, file: before };
  }
  const grown = Object.entries(mine.bars).sort().map(([name, bars]) => {
    const timeframe = name as keyof AssetData["bars"];
    const [old, now] = [before.bars[timeframe], after.bars[timeframe]];
    const pair = old && now
      ? table(`${mine.symbol} ${timeframe}`, bars, { before: old, after: now })
      : { mine: bars, file: old };
    return { timeframe, ...pair };
  });
  const bars = Object.fromEntries(grown.map(({ timeframe, mine }) => [timeframe, mine]));
  const fileBars = Object.fromEntries(
    grown.flatMap(({ timeframe, file }) => file ? [[timeframe, file]] : []),
  );
  const actions = grownActions(before.actions, after.actions, troubles);
  return { mine: { ...mine, bars }, file: { ...before, bars: fileBars, actions } };
}

/** Actions on file, those that were there as they were. */
function grownActions(
  before: readonly CorporateAction[],
  after: readonly CorporateAction[],
  troubles: string[],
): readonly CorporateAction[] {
  const now = new Map(after.map((action) => [actionName(action), action.value]));
  for (const action of before) {
    const value = now.get(actionName(action));
    if (value === action.value) continue;
    const found = value === undefined ? "is gone" : `was ${action.value} and is ${value}`;
    troubles.push(
      `${action.symbol} actions: the stored past was rewritten, ${
        actionName(action)
      } ${found}; ${KEPT}`,
    );
  }
  const names = new Set(before.map(actionName));
  const added = after.filter((action) => !names.has(actionName(action)));
  return added.length === 0 ? before : [...before, ...added].sort(byName);
}

/** An action as a person names it, such as `2024-03-15 dividend`. */
export function actionName({ exDate, kind }: CorporateAction): string {
  return `${formatDate(exDate)} ${kind}`;
}

/** By ex-date and kind: the order in which actions are stored. */
export function byName(a: CorporateAction, b: CorporateAction): number {
  return a.exDate - b.exDate || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0);
}

function grownRegimes(
  mine: RegimeData,
  { before, after, table, troubles }: {
    readonly before: RegimeData;
    readonly after: RegimeData;
    readonly table: GrowTable;
    readonly troubles: string[];
  },
): Pair<RegimeData> {
  const known: Record<string, unknown> = { ...mine };
  const file: Record<string, unknown> = { ...before };
  for (const name of ["equity", "crypto"] as const) {
    const [own, old, now] = [mine[name], before[name], after[name]];
    if (!own || !old || !now) continue;
    const pair = table(`${old.bars.symbol} daily`, own.bars, { before: old.bars, after: now.bars });
    known[name] = { ...own, bars: pair.mine };
    const splits = grownActions(old.splits, now.splits, troubles);
    file[name] = { ...old, bars: pair.file, splits };
  }
  for (const name of ["vix", "tenYear", "twoYear", "pmi"] as const) {
    const [own, old, now] = [mine[name], before[name], after[name]];
    if (own && !now) troubles.push(`${own.name}: the stored file is gone; ${KEPT}`);
    if (!now) continue;
    const pair = own && old ? table(now.name, own, { before: old, after: now }) : undefined;
    known[name] = pair?.mine ?? now;
    file[name] = pair?.file ?? now;
  }
  return { mine: known as RegimeData, file: file as RegimeData };
}

/** The first row of a table that is not as it was, in a few words; undefined when all of them are there. */
function rewrittenRow(before: Rows, after: Rows): string | undefined {
  const [old, now] = [columnsOf(before), columnsOf(after)];
  const rows = timesOf(before);
  for (let row = 0; row < rows.length; row++) {
    const place = old.findIndex(([, column], i) => !Object.is(column[row], now[i]![1][row]));
    if (place < 0) continue;
    const [name, column] = old[place]!;
    const shown = (value: number | undefined) =>
      value === undefined ? "gone" : TIMES.includes(name) ? formatTime(value) : String(value);
    const at = formatTime(rows[row]!).slice(0, 16).replace("T", " ");
    return `row ${row} of ${at}: ${name} was ${shown(column[row])} and is ${
      shown(now[place]![1][row])
    }`;
  }
  return undefined;
}

const TIMES: readonly string[] = ["openTime", "date", "availableAt"];

function timesOf(rows: Rows): Float64Array {
  return "openTime" in rows ? rows.openTime : rows.date;
}

function columnsOf(rows: Rows): readonly (readonly [name: string, column: Float64Array])[] {
  return "openTime" in rows
    ? [["openTime", rows.openTime], ...PRICE_COLUMNS.map((name) => [name, rows[name]] as const)]
    : [["date", rows.date], ["availableAt", rows.availableAt], ["value", rows.value]];
}

/** A table with the rows that another has behind its end. */
function withTail<Table extends Rows>(mine: Table, other: Table): Table {
  const from = "openTime" in mine
    ? upperBound((other as Bars).openTime, mine.openTime.at(-1) ?? -Infinity)
    : mine.date.length; // nobody but the file adds to a series
  if (from >= timesOf(other).length) return mine;
  const tails = other as unknown as Readonly<Record<string, Float64Array>>;
  return Object.fromEntries(
    Object.entries(mine).sort().map(([name, value]) => {
      if (!(value instanceof Float64Array)) return [name, value];
      const tail = tails[name]!.subarray(from);
      const both = new Float64Array(value.length + tail.length);
      both.set(value);
      both.set(tail, value.length);
      return [name, both];
    }),
  ) as unknown as Table;
}
