import { DAY_MS } from "../core/bars.ts";
import { formatDate, formatMinute, formatNumber, formatPercent, NOTHING } from "./format.ts";
import { tableHtml } from "./show_table_html.ts";
import { type Align, formatTable } from "./table.ts";

/**
 * What a column counts: `percent` shows fractions as per cent, `money` two decimals, `date` and `minute` moments; any
 * other text is a unit that stands with the column's name.
 */
export type Unit = "percent" | "money" | "date" | "minute" | (string & Record<never, never>);

/** Rows of objects, columns by name, or an Arquero table. */
export type TableData =
  | readonly Readonly<Record<string, unknown>>[]
  | Readonly<Record<string, ArrayLike<unknown>>>
  | { columnNames(): string[]; array(name: string): ArrayLike<unknown> };

/** How a table is shown. */
export interface ShowTableOptions {
  readonly units?: Readonly<Record<string, Unit>>;
  /** Decimals of a column's numbers; else as many as they need, four significant digits at least. */
  readonly digits?: Readonly<Record<string, number>>;
  /** Stands below the table in a notebook, above it in text. */
  readonly caption?: string;
  /** Most rows shown, 100; the number of the others is said. */
  readonly limit?: number;
}

/** A table that shows itself: in a notebook as HTML, else as text. */
export interface ShownTable {
  readonly html: string;
  toString(): string;
}

/** A column's name and unit, its cells of the rows that are shown, and the side they stand on. */
export interface ShownColumn {
  readonly title: readonly [name: string, unit?: string];
  readonly cells: readonly string[];
  readonly align: Align;
}

const WIDEST_CELL = 60;

/** Shows any table: numbers to the right with tabular figures, units in the header or cells, "–" for nothing. */
export function showTable(data: TableData, options: ShowTableOptions = {}): ShownTable {
  const { limit = 100, units = {}, digits = {}, caption } = options;
  const columns = columnsOf(data);
  const count = columns[0]?.values.length ?? 0;
  const rows = Math.min(count, limit);
  const shown = columns.map(({ name, values }) =>
    shownColumn(name, Array.from({ length: rows }, (_, row) => values[row]), {
      unit: own(units, name),
      digits: own(digits, name),
    })
  );
  const more = count > rows ? `… ${formatNumber(count - rows, 0)} more` : undefined;
  const notes = [...more === undefined ? [] : [more], ...caption === undefined ? [] : [caption]];
  const html = tableHtml(shown, notes);
  const text = plainText(shown, { more, caption });
  return {
    html,
    toString: () => text,
    [Symbol.for("Jupyter.display")]: () => ({ "text/html": html, "text/plain": text }),
    // What a console shows of it, in a notebook's plain log too.
    [Symbol.for("Deno.customInspect")]: () => text,
  } as ShownTable;
}

interface DataColumn {
  readonly name: string;
  readonly values: ArrayLike<unknown>;
}

function columnsOf(data: TableData): readonly DataColumn[] {
  if (isTable(data)) {
    return data.columnNames().map((name) => ({ name, values: data.array(name) }));
  }
  if (Array.isArray(data)) {
    const rows = data as readonly Readonly<Record<string, unknown>>[];
    // order: as the rows name them first
    const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    return names.map((name) => ({ name, values: rows.map((row) => own(row, name)) }));
  }
  // order: as the caller lists the columns
  return Object.entries(data as Readonly<Record<string, ArrayLike<unknown>>>)
    .map(([name, values]) => ({ name, values }));
}

/** A column may be called like something that every object has. */
function own<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function isTable(data: TableData): data is Extract<TableData, { columnNames(): string[] }> {
  return "columnNames" in data && typeof data.columnNames === "function";
}

function shownColumn(
  name: string,
  values: readonly unknown[],
  { unit, digits }: { readonly unit: Unit | undefined; readonly digits: number | undefined },
): ShownColumn {
  const numbers = values.filter((value) => typeof value === "number");
  const numeric = numbers.length > 0 &&
    values.every((value) => isNothing(value) || typeof value === "number");
  const show = numeric ? numberShower(numbers, unit, digits) : textOf;
  const inCells = unit === undefined || ["percent", "money", "date", "minute"].includes(unit);
  return {
    title: inCells ? [name] : [name, unit],
    cells: values.map((value) => isNothing(value) ? NOTHING : oneLine(show(value))),
    align: numeric && unit !== "date" && unit !== "minute" ? "right" : "left",
  };
}

function numberShower(
  numbers: readonly number[],
  unit: Unit | undefined,
  digits: number | undefined,
): (value: unknown) => string {
  switch (unit) {
    case "percent":
      return (value) => formatPercent(value as number, digits);
    case "money":
      return (value) => formatNumber(value as number, digits ?? 2);
    case "date":
      return (value) => formatDate(value as number);
    case "minute":
      return (value) => formatMinute(value as number);
  }
  const decimals = digits ?? decimalsFor(numbers);
  return (value) => formatNumber(value as number, decimals);
}

/** None for whole numbers, else so many that the middling ones show four significant digits, two to eight. */
function decimalsFor(numbers: readonly number[]): number {
  const finite = numbers.filter(Number.isFinite);
  if (finite.every(Number.isInteger)) return 0;
  const sizes = finite.filter((value) => value !== 0).map(Math.abs).sort((a, b) => a - b);
  const middle = sizes[Math.floor(sizes.length / 2)]!;
  let decimals = 2;
  for (let size = middle; size < 10 && decimals < 8; size *= 10) decimals++;
  return decimals;
}

function textOf(value: unknown): string {
  const time = timeOf(value);
  if (time !== undefined) return time % DAY_MS === 0 ? formatDate(time) : formatMinute(time);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return formatNumber(value, Number.isInteger(value) ? 0 : 4);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Milliseconds of a Date; undefined for anything else. */
export function timeOf(value: unknown): number | undefined {
  const date = typeof value === "object" && value !== null && "getTime" in value;
  return date && typeof value.getTime === "function" ? value.getTime() : undefined;
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || Number.isNaN(value);
}

/** Control characters could draw over other cells. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}

/** Hashes and JSON would push everything else off the screen. */
function cut(cell: string): string {
  return cell.length > WIDEST_CELL ? `${cell.slice(0, WIDEST_CELL - 1)}…` : cell;
}

function plainText(
  columns: readonly ShownColumn[],
  { more, caption }: { readonly more: string | undefined; readonly caption: string | undefined },
): string {
  if (columns.length === 0) return caption ?? "nothing";
  const rows = columns[0]!.cells.map((_, row) => columns.map(({ cells }) => cut(cells[row]!)));
  const table = formatTable(columns.length === 1 ? rows.map(([cell]) => [cell!, ""]) : rows, {
    header: columns.map(({ title: [name, unit] }) =>
      oneLine(unit === undefined ? name : `${name} (${unit})`)
    ),
    align: columns.map(({ align }) => align),
  });
  const lines = [...caption === undefined ? [] : [caption], table];
  return [...lines, ...more === undefined ? [] : [more]].join("\n");
}
