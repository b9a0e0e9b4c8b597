import type { SchemaElement } from "hyparquet";
import { type Disk, localDisk, writeFileAtomically } from "../core/atomic_file.ts";
import { DAY_MS } from "../core/bars.ts";

/** A column to store: moments and dates as milliseconds since 1970 UTC, numbers as doubles (NaN is missing), or text. */
export type ParquetColumn =
  | {
    readonly name: string;
    readonly kind: "time" | "date" | "number";
    readonly values: Float64Array;
  }
  | { readonly name: string; readonly kind: "text"; readonly values: readonly string[] };

/**
 * Writes columns of one length as Parquet, in one step (see `writeFileAtomically`). The same columns and metadata
 * give the same bytes. Plain and uncompressed, the quickest to read: eight bar files in 16 ms against 20 ms with Snappy,
 * which saves a third of the size.
 */
export async function writeParquetFile(
  file: string,
  columns: readonly ParquetColumn[],
  metadata: Readonly<Record<string, string>>,
  options: { disk?: Disk } = {},
): Promise<void> {
  const bytes = await encodeParquet(columns, metadata);
  await writeFileAtomically(file, bytes, options.disk ?? localDisk);
}

/** The bytes of a Parquet file. Throws RangeError for columns of different lengths. */
export async function encodeParquet(
  columns: readonly ParquetColumn[],
  metadata: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const rows = columns[0]?.values.length ?? 0;
  const odd = columns.find(({ values }) => values.length !== rows);
  if (odd) {
    throw new RangeError(`Column "${odd.name}" has ${odd.values.length} rows, expected ${rows}`);
  }
  const { parquetWriteBuffer } = await import("hyparquet-writer"); // reading alone starts faster without it
  const bytes = parquetWriteBuffer({
    schema: [{ name: "root", num_children: columns.length }, ...columns.map(schemaOf)],
    columnData: columns.map((column) => ({
      name: column.name,
      data: stored(column),
      ...(column.kind === "text" ? {} : { encoding: "PLAIN" as const }),
    })),
    codec: "UNCOMPRESSED",
    rowGroupSize: Math.max(rows, 1),
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    createdBy: "assay",
  });
  return new Uint8Array(bytes);
}

function schemaOf({ name, kind }: ParquetColumn): SchemaElement {
  const repetition_type = "REQUIRED";
  switch (kind) {
    case "time":
      return {
        name,
        repetition_type,
        type: "INT64",
        converted_type: "TIMESTAMP_MILLIS",
        logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" },
      };
    case "date":
      return { name, repetition_type, type: "INT32", converted_type: "DATE" };
    case "number":
      return { name, repetition_type, type: "DOUBLE" };
    case "text":
      return { name, repetition_type, type: "BYTE_ARRAY", converted_type: "UTF8" };
  }
}

function stored(column: ParquetColumn): Float64Array | BigInt64Array | Int32Array | string[] {
  switch (column.kind) {
    case "time":
      return BigInt64Array.from(column.values, (time) => BigInt(time));
    case "date":
      return Int32Array.from(column.values, (time) => time / DAY_MS);
    case "number":
      return column.values;
    case "text":
      return [...column.values];
  }
}
