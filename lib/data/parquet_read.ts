import { readFile } from "node:fs/promises";
import {
  type FileMetaData,
  parquetMetadata,
  parquetRead,
  parquetSchema,
  type SchemaElement,
} from "hyparquet";
import { DAY_MS } from "../core/bars.ts";
import { Refusal } from "../core/errors.ts";
import { decompressors } from "./decompressors.ts";

/** How a column is handed out: as milliseconds since 1970 UTC, as numbers (missing is NaN), as text, or not at all. */
export type ColumnKind = "time" | "number" | "text" | "other";

/** A Parquet file whose footer is read and whose columns wait to be asked for. */
export interface ParquetFile {
  readonly file: string;
  readonly rows: number;
  /** The key-value pairs of the footer. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Columns in the order of the file. */
  readonly columns: ReadonlyMap<string, ColumnKind>;
  readonly bytes: ArrayBuffer;
  readonly footer: FileMetaData;
}

/** Reads a file into memory and its footer; refuses what is no Parquet. */
export async function openParquet(file: string): Promise<ParquetFile> {
  try {
    const bytes = new Uint8Array(await readFile(file)).buffer; // of its own: a small Buffer lies in a shared pool
    const footer = parquetMetadata(bytes, { geoparquet: false });
    const pairs = (footer.key_value_metadata ?? []).map(({ key, value }) =>
      [key, value ?? ""] as const
    );
    const columns = parquetSchema(footer).children.map(({ element, children }) =>
      [element.name, children.length === 0 ? kindOf(element) : "other"] as const
    );
    return {
      file,
      rows: Number(footer.num_rows),
      metadata: new Map(pairs),
      columns: new Map(columns),
      bytes,
      footer,
    };
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/**
 * Reads columns of times and numbers into arrays that `allocate` makes, in the order of `names`. Refuses a column that
 * is absent, holds something else or is damaged.
 */
export async function readNumbers(
  parquet: ParquetFile,
  names: readonly string[],
  allocate: (rows: number) => Float64Array = (rows) => new Float64Array(rows),
): Promise<Float64Array[]> {
  const chunks = await readChunks(parquet, names);
  return names.map((name) => {
    const column = allocate(parquet.rows);
    const scale = millisPerUnit(elementOf(parquet, name));
    for (const { start, values } of chunks.get(name)!) copyNumbers(column, start, values, scale);
    return column;
  });
}

/** Reads one column of text; a missing text is empty. */
export async function readTexts(parquet: ParquetFile, name: string): Promise<readonly string[]> {
  const chunks = await readChunks(parquet, [name]);
  return chunks.get(name)!.flatMap(({ values }) =>
    Array.from<unknown, string>(values, (value) => String(value ?? ""))
  );
}

/** One line about a file that cannot be read or decoded, whatever was thrown. */
function unreadable(file: string, cause: unknown): Refusal {
  const message = cause instanceof Error ? cause.message : String(cause);
  // The decoder stumbles over nonsense with TypeErrors about its own variables, which tell a user nothing.
  const reason = cause instanceof TypeError ? "its structure is broken" : message.split("\n", 1)[0];
  return new Refusal(`Cannot read ${file}, expected an undamaged Parquet file: ${reason}`, {
    cause,
  });
}

interface Chunk {
  readonly start: number;
  readonly values: ArrayLike<unknown> & Iterable<unknown>;
}

async function readChunks(
  parquet: ParquetFile,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly Chunk[]>> {
  const chunks = new Map<string, Chunk[]>(names.map((name) => [name, []]));
  try {
    await parquetRead({
      file: parquet.bytes,
      metadata: withoutTimeTypes(parquet.footer),
      columns: [...names],
      compressors: await decompressors(parquet.footer),
      onChunk: ({ columnName, columnData, rowStart }) => {
        chunks.get(columnName)?.push({ start: rowStart, values: columnData });
      },
    });
  } catch (cause) {
    throw unreadable(parquet.file, cause);
  }
  for (const [name, parts] of chunks) {
    const found = parts.reduce((sum, { values }) => sum + values.length, 0);
    if (found !== parquet.rows) {
      throw unreadable(parquet.file, `column ${name} has ${found} values in ${parquet.rows} rows`);
    }
  }
  return chunks;
}

/** Without these types the decoder leaves times as integers instead of making a Date of each: ten times as fast. */
function withoutTimeTypes(footer: FileMetaData): FileMetaData {
  const schema = footer.schema.map((element) => {
    if (kindOf(element) !== "time") return element;
    const { converted_type: _, logical_type: __, ...plain } = element;
    return plain;
  });
  return { ...footer, schema };
}

function kindOf({ type, converted_type, logical_type }: SchemaElement): ColumnKind {
  const meaning = logical_type?.type;
  switch (type) {
    case "INT64":
      if (meaning === "TIMESTAMP" || converted_type?.startsWith("TIMESTAMP_")) return "time";
      return meaning === undefined || meaning === "INTEGER" || meaning === "DECIMAL"
        ? "number"
        : "other";
    case "INT32":
      if (meaning === "DATE" || converted_type === "DATE") return "time";
      return meaning === undefined || meaning === "INTEGER" || meaning === "DECIMAL"
        ? "number"
        : "other";
    case "FLOAT":
    case "DOUBLE":
      return "number";
    case "BYTE_ARRAY":
      return meaning === "STRING" || converted_type === "UTF8" ? "text" : "other";
    default:
      return "other";
  }
}

/** What one stored unit of a time is in milliseconds; 1 for numbers. Times without a zone are taken as UTC. */
function millisPerUnit(element: SchemaElement): number {
  const { logical_type, converted_type } = element;
  if (kindOf(element) !== "time") return 1;
  if (element.type === "INT32") return DAY_MS;
  const unit = logical_type?.type === "TIMESTAMP" ? logical_type.unit : undefined;
  if (unit === "NANOS") return 1e-6;
  return unit === "MICROS" || converted_type === "TIMESTAMP_MICROS" ? 1e-3 : 1;
}

function elementOf(parquet: ParquetFile, name: string): SchemaElement {
  return parquetSchema(parquet.footer).children.find(({ element }) => element.name === name)!
    .element;
}

function copyNumbers(
  column: Float64Array,
  start: number,
  values: Chunk["values"],
  scale: number,
): void {
  if (values instanceof Float64Array && scale === 1) {
    column.set(values, start);
    return;
  }
  // Dividing by a whole number keeps whole milliseconds whole; multiplying by 0.001 would not.
  const divisor = scale < 1 ? Math.round(1 / scale) : 1;
  const factor = scale < 1 ? 1 : scale;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    column[start + i] = value === undefined || value === null
      ? NaN
      : Number(value) * factor / divisor;
  }
}
