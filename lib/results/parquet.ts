import type { SchemaElement } from "hyparquet";

/** How a column is stored: moments in milliseconds UTC, doubles (NaN is missing), text, or yes and no. */
export type ColumnKind = "time" | "number" | "text" | "flag";

/** The columns of a table in order. */
export type TableSchema = Readonly<Record<string, ColumnKind>>;

/** What holds a column of each kind in memory. */
export interface ColumnValues {
  readonly time: Float64Array;
  readonly number: Float64Array;
  readonly text: readonly string[];
  readonly flag: readonly boolean[];
}

/** A table in memory: one column for each of its schema, all of one length. */
export type Table<Schema extends TableSchema> = {
  readonly [Name in keyof Schema]: ColumnValues[Schema[Name]];
};

/** Text that repeats: the place in `names` of each row's text. */
export interface Labels {
  readonly names: readonly string[];
  readonly codes: Int32Array;
}

/** A table to be written, whose text may be labels. */
export type LabelledTable<Schema extends TableSchema> = {
  readonly [Name in keyof Schema]:
    | ColumnValues[Schema[Name]]
    | (Schema[Name] extends "text" ? Labels : never);
};

/** The library reads the codes of larger dictionaries wrongly, so texts beyond this many are stored one by one. */
const MOST_CODES = 0x1_0000;

/**
 * The bytes of a Parquet file: one row group, uncompressed, numbers plain and repeated text by dictionary. The same table
 * gives the same bytes. Throws RangeError for columns of different lengths.
 */
export async function encodeParquet(
  schema: TableSchema,
  columns: Readonly<Record<string, ColumnValues[ColumnKind] | Labels>>,
): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await loadWriter();
  // order: as the schema lists its columns
  const kinds = Object.entries(schema);
  const stored = kinds.map(([name, kind]) => ({ name, ...storedColumn(kind, columns[name]!) }));
  const rows = stored[0]?.data.length ?? 0;
  const odd = stored.find(({ data }) => data.length !== rows);
  if (odd) {
    throw new RangeError(`Column "${odd.name}" has ${odd.data.length} rows, expected ${rows}`);
  }
  const bytes = parquetWriteBuffer({
    schema: [
      { name: "root", num_children: kinds.length },
      ...kinds.map(([name, kind]) => schemaElement(name, kind)),
    ],
    columnData: stored,
    codec: "UNCOMPRESSED",
    // Least and greatest values help to skip parts of large files; these are read whole.
    statistics: false,
    rowGroupSize: Math.max(rows, 1),
    createdBy: "assay",
  });
  return new Uint8Array(bytes);
}

/** Loads the Parquet writer, which is best begun while something else is being waited for. */
export function loadWriter() {
  return import("hyparquet-writer");
}

type Stored = {
  readonly data: Float64Array | BigInt64Array | string[] | boolean[];
  readonly encoding?: "PLAIN";
};

function storedColumn(kind: ColumnKind, column: ColumnValues[ColumnKind] | Labels): Stored {
  switch (kind) {
    case "time":
      return { data: wholeNumbers(column as Float64Array), encoding: "PLAIN" };
    case "number":
      return { data: column as Float64Array, encoding: "PLAIN" };
    case "flag":
      return { data: [...column as readonly boolean[]] };
    case "text":
      return storedText(column as readonly string[] | Labels);
  }
}

function storedText(column: readonly string[] | Labels): Stored {
  const labels = "names" in column;
  const data = labels ? Array.from(column.codes, (code) => column.names[code]!) : [...column];
  const many = labels
    ? column.names.length > MOST_CODES
    : column.length > MOST_CODES && new Set(column).size > MOST_CODES;
  return many ? { data, encoding: "PLAIN" } : { data };
}

/** Whole milliseconds as 64-bit integers, without making a BigInt of each. */
function wholeNumbers(times: Float64Array): BigInt64Array {
  const words = new Int32Array(times.length * 2);
  for (let i = 0; i < times.length; i++) {
    const high = Math.floor(times[i]! / 0x1_0000_0000);
    words[2 * i] = times[i]! - high * 0x1_0000_0000; // wraps into the low 32 bits
    words[2 * i + 1] = high;
  }
  return new BigInt64Array(words.buffer);
}

function schemaElement(name: string, kind: ColumnKind): SchemaElement {
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
    case "number":
      return { name, repetition_type, type: "DOUBLE" };
    case "flag":
      return { name, repetition_type, type: "BOOLEAN" };
    case "text":
      return { name, repetition_type, type: "BYTE_ARRAY", converted_type: "UTF8" };
  }
}
