import { DAY_MS, type Millis } from "../core/bars.ts";
import { formatTime } from "../core/clock.ts";
import type { JournalEntry } from "../core/ports.ts";
import type { RunRecord } from "../core/run_record.ts";
import { changedWishes } from "./decisions.ts";
import type { DerivedRun } from "./derive.ts";
import type { ColumnKind, ColumnValues } from "./parquet.ts";
import { labelEntries } from "./regimes.ts";
import { type RunTables, TABLE_SCHEMAS } from "./table_schemas.ts";
import type { RunWarning } from "./warnings.ts";

/** The streams of a run as text, one JSON object a line, market time only (FR-056, FR-057). */
export interface RunLogs {
  /** Every fill. */
  readonly "trades.log": string;
  /** Every outcome of an order, and every change of what a model wishes. */
  readonly "orders.log": string;
  /** One line a day, and every change of a regime label and of mode. */
  readonly "performance.log": string;
  /** What went wrong or was missing; often empty. */
  readonly "errors.log": string;
}

/** The logs of a finished run; `tables` are those of the same run. */
export function runLogs(
  record: RunRecord,
  run: {
    readonly derived: DerivedRun;
    readonly tables: RunTables;
    readonly warnings: readonly RunWarning[];
  },
): RunLogs {
  const { trades, orders, attribution } = run.tables;
  const timeText = memoizedTimes();
  const line = lineWriter(timeText);
  const contexts = {
    trade: rowTexts({ ...TABLE_SCHEMAS.trades, models: "json" }, trades, timeText),
    order: rowTexts(TABLE_SCHEMAS.orders, orders, timeText),
    wish: rowTexts(TABLE_SCHEMAS.attribution, attribution, timeText),
  };
  return {
    "trades.log": trades.trade_id.map((_, row) =>
      line(tradeEntry(trades, row), contexts.trade(row))
    )
      .join(""),
    "orders.log": orderLines(record, run.tables, { line, ...contexts }).join(""),
    "performance.log": performanceEntries(record, run.derived).map((entry) => line(entry)).join(""),
    "errors.log": run.warnings.map(({ time, ...warning }) =>
      line({ timestamp: time, level: "warning", ...warning })
    ).join(""),
  };
}

type Line = (entry: JournalEntry, contextText?: string) => string;
type RowText = (row: number) => string;

/** One line of a log: a JSON object and a line feed. A context that is JSON already is taken as it is. */
function lineWriter(timeText: (time: Millis) => string): Line {
  return ({ timestamp, component, level, message, context }, contextText) =>
    `{"timestamp":"${timeText(timestamp)}","component":"${component}","level":"${level}",` +
    `"message":${JSON.stringify(message)},"context":${contextText ?? JSON.stringify(context)}}\n`;
}

function tradeEntry(trades: RunTables["trades"], row: number): JournalEntry {
  const verb = trades.side[row] === "buy" ? "bought" : "sold";
  return {
    timestamp: trades.executed_at[row]!,
    component: "execution",
    level: "info",
    message: `${verb} ${trades.quantity[row]} ${trades.symbol[row]} at ${trades.price[row]}`,
  };
}

/** Wishes of a decision, then what became of its orders. */
function orderLines(
  record: RunRecord,
  { orders, attribution }: RunTables,
  texts: { readonly line: Line; readonly order: RowText; readonly wish: RowText },
): string[] {
  const { wishes, outcomes } = record;
  const changed = changedWishes(wishes);
  const lines: string[] = [];
  let wish = 0;
  const wishesUpTo = (index: number) => {
    for (; wish < wishes.length && wishes[wish]!.index <= index; wish++) {
      if (changed[wish] === 1) {
        lines.push(texts.line(wishEntry(attribution, wish), texts.wish(wish)));
      }
    }
  };
  for (const [row, outcome] of outcomes.entries()) {
    wishesUpTo(outcome.index);
    const time = outcome.status === "filled" ? outcome.executedAt : outcome.time;
    lines.push(texts.line(orderEntry(orders, row, time), texts.order(row)));
  }
  wishesUpTo(Infinity);
  const lapsed = record.lapsed.map((order) => texts.line(lapsedEntry(record, order)));
  return [...lines, ...lapsed];
}

function orderEntry(orders: RunTables["orders"], row: number, timestamp: Millis): JournalEntry {
  const reason = orders.reason[row] === "" ? "" : `: ${orders.reason[row]}`;
  const side = orders.quantity[row]! > 0 ? "buy" : "sell";
  const quantity = Math.abs(orders.quantity[row]!);
  return {
    timestamp,
    component: "execution",
    level: "info",
    message:
      `${orders.kind[row]} order to ${side} ${quantity} ${orders.symbol[row]} ${
        orders.status[row]
      }` +
      reason,
  };
}

function lapsedEntry(
  { assets, markTimes }: RunRecord,
  { asset, weight }: RunRecord["lapsed"][number],
): JournalEntry {
  const { symbol } = assets[asset]!;
  return {
    timestamp: markTimes.at(-1)!,
    component: "execution",
    level: "warning",
    message: `market order for ${symbol} lapsed: the run ended before a market opened`,
    context: { symbol, target_weight: weight, status: "lapsed" },
  };
}

function wishEntry(attribution: RunTables["attribution"], row: number): JournalEntry {
  const raw = attribution.raw_weight[row]!;
  const wish = Number.isNaN(raw) ? "keeps its quantity of" : `wants ${raw} of its budget in`;
  return {
    timestamp: attribution.time[row]!,
    component: "portfolio",
    level: "info",
    message: `${attribution.model[row]} ${wish} ${attribution.symbol[row]}`,
  };
}

function performanceEntries(record: RunRecord, { portfolio }: DerivedRun): JournalEntry[] {
  const { times, nav, drawdown } = portfolio;
  const entries: JournalEntry[] = [];
  const labels = labelEntries(record);
  let nextMode = 0;
  let nextLabel = 0;
  let before = nav[0]!;
  for (let mark = 0; mark < times.length; mark++) {
    const endsDay = times[mark]! % DAY_MS === 0 || mark === times.length - 1;
    if (endsDay) {
      entries.push({
        timestamp: times[mark]!,
        component: "portfolio",
        level: "info",
        message: `NAV ${nav[mark]!.toFixed(2)}`,
        context: { nav: nav[mark], drawdown: drawdown[mark], return: nav[mark]! / before - 1 },
      });
      before = nav[mark]!;
    }
    for (; labels[nextLabel]?.timestamp === times[mark]; nextLabel++) {
      entries.push(labels[nextLabel]!);
    }
    for (; record.modes[nextMode]?.index === mark; nextMode++) {
      const { mode, nav, drawdown } = record.modes[nextMode]!;
      entries.push({
        timestamp: times[mark]!,
        component: "risk",
        level: mode === "NORMAL" ? "info" : "warning",
        message: `mode ${mode}`,
        context: { mode, nav, drawdown },
      });
    }
  }
  return entries;
}

/** Each row of a table as a JSON object: times as text, and NaN, which JSON does not have, as null. */
function rowTexts(
  schema: Readonly<Record<string, ColumnKind | "json">>,
  table: Readonly<Record<string, ColumnValues[ColumnKind]>>,
  timeText: (time: Millis) => string,
): RowText {
  // order: as the schema lists its columns
  const fields = Object.entries(schema).map(([name, kind]) => {
    const column: ArrayLike<unknown> = table[name]!;
    return { name, value: valueText(kind, column, timeText) };
  });
  return (row) => {
    let text = "{";
    for (const { name, value } of fields) {
      text += `${text === "{" ? "" : ","}"${name}":${value(row)}`;
    }
    return `${text}}`;
  };
}

function valueText(
  kind: ColumnKind | "json",
  column: ArrayLike<unknown>,
  timeText: (time: Millis) => string,
): RowText {
  switch (kind) {
    case "time":
      return (row) => `"${timeText(column[row] as number)}"`;
    case "number":
      return (row) => Number.isFinite(column[row]) ? String(column[row]) : "null";
    case "json":
      return (row) => column[row] as string;
    default:
      return (row) => JSON.stringify(column[row]);
  }
}

/** Times as text; most are asked for several times. */
function memoizedTimes(): (time: Millis) => string {
  const texts = new Map<Millis, string>();
  return (time) => {
    let text = texts.get(time);
    if (text === undefined) texts.set(time, text = formatTime(time));
    return text;
  };
}
