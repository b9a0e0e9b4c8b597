import { formatTime } from "../core/clock.ts";
import type { ColumnKind, TableSchema } from "./parquet.ts";
import { decodeTable } from "./parquet_read.ts";
import { TABLE_NAMES, TABLE_SCHEMAS } from "./table_schemas.ts";

/** A place at which a stored file is not what it should be. */
export interface FileDifference {
  /** Where and what, to be read after the file's name. */
  readonly message: string;
  /** Of a table from 0, of a text from 1. */
  readonly row?: number;
  /** Column of a table; key path in JSON. */
  readonly column?: string;
  /** The values as text; absent where there is none. */
  readonly expected?: string;
  readonly found?: string;
}

/** The first difference of a file in a run's folder, by its bytes; undefined when there is none. */
export async function compareFiles(
  name: string,
  found: Uint8Array,
  expected: Uint8Array,
): Promise<FileDifference | undefined> {
  const offset = firstOddByte(found, expected);
  if (offset < 0) return undefined;
  const ends = offset === found.length;
  const place = `from byte ${offset} on${ends ? ", where the file ends" : ""} ` +
    `(found ${found.length} bytes, expected ${expected.length})`;
  const table = TABLE_NAMES.find((table) => name === `${table}.parquet`);
  if (table === undefined) {
    const difference = lineDifference(found, expected);
    if (difference === undefined) return { message: `the bytes differ ${place}` };
    return ends
      ? { ...difference, message: `${difference.message}; the file ends there` }
      : difference;
  }
  try {
    const difference = await tableDifference(TABLE_SCHEMAS[table], found, expected);
    return difference ?? { message: `the values are equal and the bytes differ ${place}` };
  } catch {
    return { message: `cannot be decoded; its bytes differ ${place}` };
  }
}

/** Every key path at which two JSON values differ, in the order of the expected one. */
export function jsonDifferences(
  found: unknown,
  expected: unknown,
  path = "",
): readonly FileDifference[] {
  if (isBranch(found) && isBranch(expected) && Array.isArray(found) === Array.isArray(expected)) {
    // order: as the expected one has them
    const keys = new Set([...Object.keys(expected), ...Object.keys(found)]);
    return [...keys].flatMap((key) =>
      jsonDifferences(found[key], expected[key], path === "" ? key : `${path}.${key}`)
    );
  }
  const texts = { found: JSON.stringify(found), expected: JSON.stringify(expected) };
  if (texts.found === texts.expected) return [];
  // A key may be any text; what is told of it stays one line.
  const where = /\p{Cc}/u.test(path) ? JSON.stringify(path) : path;
  return [difference({ column: path, ...texts }, where === "" ? "the document" : where)];
}

/** Where two texts first differ, by line; where both lines are JSON, by key. */
function lineDifference(
  foundBytes: Uint8Array,
  expectedBytes: Uint8Array,
): FileDifference | undefined {
  const texts = [foundBytes, expectedBytes].map((bytes) => new TextDecoder().decode(bytes));
  if (texts[0] === texts[1]) return undefined; // where they differ they are no text
  const [found, expected] = texts.map((text) => text.split("\n"));
  const odd = expected!.findIndex((line, place) => line !== found![place]);
  const place = odd < 0 ? expected!.length : odd;
  const row = place + 1;
  const [one, other] = [found![place], expected![place]];
  const key = jsonDifferences(parsed(one), parsed(other))[0];
  if (key?.column) return { ...key, row, message: `line ${row}, ${key.message}` };
  const lines = {
    ...(one === undefined ? {} : { found: JSON.stringify(one) }),
    ...(other === undefined ? {} : { expected: JSON.stringify(other) }),
  };
  return difference({ row, ...lines }, `line ${row}`);
}

async function tableDifference(
  schema: TableSchema,
  foundBytes: Uint8Array,
  expectedBytes: Uint8Array,
): Promise<FileDifference | undefined> {
  const [found, expected] = [
    await decodeTable(foundBytes, schema),
    await decodeTable(expectedBytes, schema),
  ];
  // order: as the schema lists its columns
  const kinds = Object.entries(schema);
  const rowsOf = (table: typeof found) => table[kinds[0]![0]]!.length;
  const common = Math.min(rowsOf(found), rowsOf(expected));
  const odd = kinds.map(([name]) => firstOddRow(found[name]!, expected[name]!, common));
  const row = Math.min(...odd.map((place) => place < 0 ? common : place));
  if (row === common) return countDifference(rowsOf(found), rowsOf(expected));
  const [column, kind] = kinds[odd.indexOf(row)]!;
  const clock = kinds.find(([, kind]) => kind === "time")?.[0];
  const moment = clock === undefined ? "" : ` (${shown(expected[clock]![row], "time")})`;
  const texts = {
    found: shown(found[column]![row], kind),
    expected: shown(expected[column]![row], kind),
  };
  return difference({ row, column, ...texts }, `row ${row}${moment}, column ${column}`);
}

function countDifference(found: number, expected: number): FileDifference | undefined {
  if (found === expected) return undefined;
  const row = Math.min(found, expected);
  return { row, message: `found ${found} rows, expected ${expected}; the others are equal` };
}

function firstOddRow(
  found: ArrayLike<unknown>,
  expected: ArrayLike<unknown>,
  rows: number,
): number {
  for (let row = 0; row < rows; row++) if (!Object.is(found[row], expected[row])) return row;
  return -1;
}

/** The first byte at which two files differ, the end of one included; -1 when they are equal. */
function firstOddByte(found: Uint8Array, expected: Uint8Array): number {
  const common = Math.min(found.length, expected.length);
  for (let place = 0; place < common; place++) if (found[place] !== expected[place]) return place;
  return found.length === expected.length ? -1 : common;
}

function difference(parts: Omit<FileDifference, "message">, where: string): FileDifference {
  const [found, expected] = excerpts(parts.found, parts.expected);
  const { row, column } = parts;
  return {
    message: `${where}: found ${found}, expected ${expected}`,
    ...(row === undefined ? {} : { row }),
    ...(column === undefined ? {} : { column }),
    ...(parts.expected === undefined ? {} : { expected: parts.expected }),
    ...(parts.found === undefined ? {} : { found: parts.found }),
  };
}

function shown(value: unknown, kind: ColumnKind): string {
  if (typeof value !== "number") return JSON.stringify(value) ?? "nothing";
  const isMoment = kind === "time" && Math.abs(value) <= LAST_TIME;
  return isMoment ? formatTime(value) : Object.is(value, -0) ? "-0" : String(value);
}

/** The last moment that a date can be told of: the end of the year 9999. */
const LAST_TIME = 253_402_300_799_999;

/** Characters that are told of a value, and how many of them stand before the first that differs. */
const SHOWN = 120;
const BEFORE = 40;

/** Two values as they are told; of long ones what stands around the first character that differs. */
function excerpts(found: string | undefined, expected: string | undefined): readonly string[] {
  const odd = found === undefined || expected === undefined
    ? 0
    : firstOddCharacter(found, expected);
  const fits = [found, expected].every((text = "") => text.length <= SHOWN);
  const start = fits ? 0 : Math.max(0, odd - BEFORE);
  return [found, expected].map((text) => {
    if (text === undefined) return "nothing";
    const end = start + SHOWN;
    return `${start > 0 ? "…" : ""}${text.slice(start, end)}${end < text.length ? "…" : ""}`;
  });
}

/** The first place at which two texts differ, the end of one included. */
function firstOddCharacter(one: string, other: string): number {
  const common = Math.min(one.length, other.length);
  for (let place = 0; place < common; place++) if (one[place] !== other[place]) return place;
  return common;
}

function isBranch(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
