import { Buffer } from "node:buffer";

/**
 * A column as it stands in a page, in the shortest of four ways, none of which loses a bit:
 * `f64` doubles as they lie in memory, little endian; `int` differences of whole multiples of `u / s`; `dict` places in a
 * list of values; `runs` a place and how often it repeats. In a list, `null` is NaN.
 */
export type EncodedColumn =
  | { readonly k: "f64"; readonly n: number; readonly b: string }
  | {
    readonly k: "int";
    readonly n: number;
    readonly s: number;
    readonly u: number;
    readonly b: string;
  }
  | {
    readonly k: "dict" | "runs";
    readonly n: number;
    readonly d: readonly (number | string | null)[];
    readonly b: string;
  };

/** What a page can carry: numbers, texts and flags; flags come back as 1 and 0. */
export type ColumnSource = ArrayLike<number> | readonly string[] | readonly boolean[];

/** Columns of one table under their names, with as many rows each. */
export type EncodedTable = Readonly<Record<string, EncodedColumn>>;

/** The shortest encoding of a column; the first of equals. */
export function encodeColumn(source: ColumnSource): EncodedColumn {
  const column = Array.from(
    source as ArrayLike<number | string | boolean>,
    (value) => typeof value === "boolean" ? Number(value) : value,
  );
  const listed = listedColumns(column);
  const numbers = column.every((value) => typeof value === "number") ? column : undefined;
  const candidates = numbers ? [doubles(numbers), ...integers(numbers), ...listed] : listed;
  return candidates.reduce((best, candidate) =>
    sizeOf(candidate) < sizeOf(best) ? candidate : best
  );
}

/** Every column of a table. */
export function encodeTable(columns: Readonly<Record<string, ColumnSource>>): EncodedTable {
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, encodeColumn(column)]),
  );
}

function sizeOf(column: EncodedColumn): number {
  return column.b.length + ("d" in column ? JSON.stringify(column.d).length : 0);
}

function doubles(values: readonly number[]): EncodedColumn {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (const [row, value] of values.entries()) view.setFloat64(8 * row, value, true);
  return { k: "f64", n: values.length, b: base64(new Uint8Array(view.buffer)) };
}

// Prices have two decimals, quantities five, percentages of them a few more.
const SCALES = [1, 10, 100, 1e3, 1e4, 1e5, 1e6];

/** As differences, when every value is a multiple of some power of ten. */
function integers(values: readonly number[]): readonly EncodedColumn[] {
  const scale = SCALES.find((scale) => values.every((value) => isMultiple(value, scale)));
  if (scale === undefined) return [];
  const whole = values.map((value) => Math.round(value * scale));
  const unit = whole.reduce(commonDivisor, 0) || 1;
  const bytes: number[] = [];
  let before = 0;
  for (const value of whole) {
    pushSigned(bytes, (value - before) / unit);
    before = value;
  }
  return [{ k: "int", n: values.length, s: scale, u: unit, b: base64(Uint8Array.from(bytes)) }];
}

function isMultiple(value: number, scale: number): boolean {
  const whole = Math.round(value * scale);
  return Number.isSafeInteger(2 * whole) && whole / scale === value && !Object.is(value, -0);
}

function commonDivisor(a: number, b: number): number {
  let [large, small] = [Math.abs(a), Math.abs(b)];
  while (small > 0) [large, small] = [small, large % small];
  return large;
}

/** A list pays only where values repeat; so many are listed before it is said that they do not. */
const TRIED_VALUES = 256;

/** As places in a list of the values there are; none where a value cannot stand in JSON. */
function listedColumns(column: readonly (number | string)[]): readonly EncodedColumn[] {
  const isText = column.some((value) => typeof value === "string");
  if (!isText && !column.every((value) => inJson(value as number))) return [];
  const places = new Map<number | string, number>();
  const codes: number[] = [];
  for (const value of column) {
    const place = places.get(value) ?? places.size;
    if (!isText && place > TRIED_VALUES && 2 * place > column.length) return [];
    places.set(value, place);
    codes.push(place);
  }
  const d = [...places.keys()].map((value) => Number.isNaN(value) ? null : value);
  const common = { n: column.length, d };
  return [
    { k: "dict", ...common, b: base64(varints(codes)) },
    { k: "runs", ...common, b: base64(varints(runsOf(codes))) },
  ];
}

function inJson(value: number): boolean {
  return Number.isNaN(value) || (Number.isFinite(value) && !Object.is(value, -0));
}

/** Each code with how often it repeats, one after the other. */
function runsOf(codes: readonly number[]): number[] {
  const runs: number[] = [];
  for (const [row, code] of codes.entries()) {
    if (row > 0 && code === codes[row - 1]) runs[runs.length - 1]!++;
    else runs.push(code, 1);
  }
  return runs;
}

function varints(values: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (const value of values) pushVarint(bytes, value);
  return Uint8Array.from(bytes);
}

/** Seven bits a byte, lowest first; numbers may be larger than 32 bits. */
function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(rest % 128 + 128);
  bytes.push(rest);
}

/** Signs in the lowest bit: 0, -1, 1, -2 … are 0, 1, 2, 3 … */
function pushSigned(bytes: number[], value: number): void {
  pushVarint(bytes, value < 0 ? -2 * value - 1 : 2 * value);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
