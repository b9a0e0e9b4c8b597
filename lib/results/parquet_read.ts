import { readFile } from "node:fs/promises";
import type { FileMetaData } from "hyparquet";
import { Refusal } from "../core/errors.ts";
import type { ColumnKind, ColumnValues, Table, TableSchema } from "./parquet.ts";

/** Reads back a file that `encodeParquet` wrote. Refuses what is damaged or has other columns. */
export async function readTable<Schema extends TableSchema>(
  file: string,
  schema: Schema,
): Promise<Table<Schema>> {
  try {
    return await decodeTable(await readFile(file), schema);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split("\n", 1)[0] : String(cause);
    throw new Refusal(`Cannot read ${file}, expected a table of a finished run: ${message}`, {
      cause,
    });
  }
}

/** The table in the bytes of such a file. Throws whatever the decoder stumbles over when they are damaged. */
export async function decodeTable<Schema extends TableSchema>(
  file: Uint8Array,
  schema: Schema,
): Promise<Table<Schema>> {
  const { parquetMetadata, parquetRead } = await import("hyparquet");
  const bytes = new Uint8Array(file).buffer; // of its own: a small Buffer lies in a shared pool
  const metadata = parquetMetadata(bytes, { geoparquet: false });
  // order: as the schema lists its columns
  const names = Object.keys(schema);
  const stored = metadata.schema.slice(1).map(({ name }) => name);
  const absent = names.find((name) => !stored.includes(name));
  if (absent !== undefined) throw new RangeError(`column "${absent}" is not there`);
  const chunks = new Map<string, ArrayLike<unknown>[]>(names.map((name) => [name, []]));
  await parquetRead({
    file: bytes,
    metadata: withoutTimeTypes(metadata),
    columns: names,
    onChunk: ({ columnName, columnData }) => chunks.get(columnName)?.push(columnData),
  });
  const rows = Number(metadata.num_rows);
  // order: as the schema lists its columns
  const columns = Object.entries(schema).map(([name, kind]) =>
    [name, column(kind, rows, chunks.get(name)!)] as const
  );
  return Object.fromEntries(columns) as Table<Schema>;
}

/** Without these types the decoder leaves times as integers instead of making a Date of each. */
function withoutTimeTypes(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element) => {
    if (element.type !== "INT64") return element;
    const { converted_type: _, logical_type: __, ...plain } = element;
    return plain;
  });
  return { ...metadata, schema };
}

function column(
  kind: ColumnKind,
  rows: number,
  chunks: readonly ArrayLike<unknown>[],
): ColumnValues[ColumnKind] {
  const values = chunks.flatMap((chunk) => chunks.length === 1 ? [] : Array.from(chunk));
  const all = chunks.length === 1 ? chunks[0]! : values;
  if (all.length !== rows) throw new RangeError(`${all.length} values in ${rows} rows`);
  if (kind === "text") return Array.from(all, String);
  if (kind === "flag") return Array.from(all, Boolean);
  return all instanceof Float64Array ? all : Float64Array.from(all, Number);
}
