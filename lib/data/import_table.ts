import { readFile } from "node:fs/promises";
import { didYouMean, Refusal } from "../core/errors.ts";
import { type CsvRecord, parseCsv } from "./csv.ts";
import {
  type Moment,
  type NumberFormat,
  parseMoment,
  parseNumber,
  UnusableText,
  type Zone,
} from "./import_values.ts";
import { openParquet, type ParquetFile, readNumbers, readTexts } from "./parquet_read.ts";
import { refuseFile } from "./refusals.ts";

/** Columns that an import fills. */
export const IMPORT_COLUMNS = ["open_time", "open", "high", "low", "close", "volume"] as const;
export type ImportColumn = typeof IMPORT_COLUMNS[number];

/** Name, or number from 1, of the file's column for each of ours; "Date+Time" joins two. */
export type ColumnMap = Readonly<Partial<Record<ImportColumn, string>>>;

/** Rows of a foreign file, in its own order. */
export interface ImportTable {
  readonly moments: readonly Moment[];
  /** Prices and volume of each row. */
  readonly numbers: Readonly<Record<Exclude<ImportColumn, "open_time">, readonly number[]>>;
  /** What a row is called in a message: "line 7" of a CSV, "row 5" of a Parquet file. */
  place(row: number): string;
}

/** How the texts of a file are to be read. */
export interface ImportFormat extends NumberFormat {
  readonly map: ColumnMap;
  readonly zone?: Zone;
}

const ALIASES: Readonly<Record<ImportColumn, readonly string[]>> = {
  open_time: ["open_time", "timestamp", "time", "datetime", "date", "open time"],
  open: ["open", "o"],
  high: ["high", "h"],
  low: ["low", "l"],
  close: ["close", "c"],
  volume: ["volume", "v", "vol"],
};

/** The mapping of a flag, `open_time=Date,open=Open`. Refuses unknown names of ours, with exit code 2. */
export function parseColumnMap(text: string): ColumnMap {
  const pairs = text.split(",").filter((pair) => pair.trim() !== "").map((pair) => {
    const equals = pair.indexOf("=");
    const name = pair.slice(0, Math.max(0, equals)).trim();
    if (equals > 0 && (IMPORT_COLUMNS as readonly string[]).includes(name)) {
      return [name, pair.slice(equals + 1).trim()] as const;
    }
    throw new Refusal(
      `--map: found "${pair}"${
        didYouMean(name, IMPORT_COLUMNS)
      }, expected pairs such as open_time=Date with ` +
        IMPORT_COLUMNS.join(", "),
      { exitCode: 2 },
    );
  });
  return Object.fromEntries(pairs);
}

/** Reads a CSV or Parquet file of another program. Refuses it in one line with the line or row at fault. */
export async function readImportTable(file: string, format: ImportFormat): Promise<ImportTable> {
  const bytes = await readFile(file).catch((cause) => {
    const reason = cause instanceof Error && "code" in cause && cause.code === "ENOENT"
      ? "found no such file, expected a CSV or Parquet file"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new Refusal(`Cannot import ${file}: ${reason}`, { cause });
  });
  if (bytes.subarray(0, 4).toString("latin1") === "PAR1") {
    return await parquetTable(await openParquet(file), format);
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refuseFile(file, {
      where: "whole file",
      found: "bytes that are no UTF-8",
      expected: "a CSV in UTF-8",
    });
  }
  return csvTable(parseCsv(text, file), file, format);
}

function csvTable(records: readonly CsvRecord[], file: string, format: ImportFormat): ImportTable {
  const [first] = records;
  if (!first) {
    throw refuseFile(file, { where: "whole file", found: "no row", expected: "at least one" });
  }
  const byNumber = Object.values(format.map).every((name) => /^\d+(?:\+\d+)*$/.test(name));
  const hasHeader = first.cells.some((cell) => /[a-z]/i.test(cell) && !/^\d{4}\D?\d\d/.test(cell));
  if (!hasHeader && (!byNumber || format.map.open_time === undefined)) {
    throw refuseFile(file, {
      where: `line ${first.line}`,
      found: "no header",
      expected: "one, or columns by number: --map open_time=1,open=2,high=3,low=4,close=5,volume=6",
    });
  }
  const names = hasHeader ? first.cells : first.cells.map((_, i) => String(i + 1));
  const rows = hasHeader ? records.slice(1) : records;
  const ragged = rows.find(({ cells }) => cells.length !== names.length);
  if (ragged) {
    throw refuseFile(file, {
      where: `line ${ragged.line}`,
      found: `${ragged.cells.length} cells`,
      expected: `${names.length}, as in the first line`,
    });
  }
  const pick = columnPicker(file, names, format.map);
  const read = <Value>(column: ImportColumn, parse: (text: string) => Value): Value[] => {
    const indices = pick(column);
    if (indices.length === 0) return [];
    return rows.map(({ cells, line }) =>
      readCell(
        file,
        `line ${line}, column ${names[indices[0]!]!}`,
        () => parse(indices.map((index) => cells[index]!).join(" ")),
      )
    );
  };
  return {
    ...columnsBy(
      (column) => read(column, (text) => parseNumber(text, format)),
      () => read("open_time", (text) => parseMoment(text, format.zone)),
    ),
    place: (row) => `line ${rows[row]!.line}`,
  };
}

async function parquetTable(parquet: ParquetFile, format: ImportFormat): Promise<ImportTable> {
  const { file } = parquet;
  const names = [...parquet.columns.keys()];
  const pick = columnPicker(file, names, format.map);
  const place = (row: number) => `row ${row}`;
  const cell = <Value>(column: string, row: number, read: () => Value) =>
    readCell(file, `${place(row)}, column ${column}`, read);
  const texts = async (column: ImportColumn): Promise<readonly string[]> => {
    const indices = pick(column);
    if (indices.length === 0) return [];
    const parts = await Promise.all(indices.map(async (index) => {
      const name = names[index]!;
      if (parquet.columns.get(name) === "text") return await readTexts(parquet, name);
      const [values] = await readNumbers(parquet, [name]);
      return Array.from(values!, (value) => Number.isNaN(value) ? "" : String(value));
    }));
    return parts[0]!.map((_, row) => parts.map((part) => part[row]!).join(" "));
  };
  const timeName = names[pick("open_time")[0]!]!;
  const isTime = parquet.columns.get(timeName) === "time";
  const times = isTime ? (await readNumbers(parquet, [timeName]))[0]! : undefined;
  const moments: Moment[] = times
    ? Array.from(
      times,
      (time) => ({ time, date: Math.floor(time / 86_400_000) * 86_400_000, dateOnly: false }),
    )
    : (await texts("open_time")).map((text, row) =>
      cell(timeName, row, () => parseMoment(text, format.zone))
    );
  const numbers: Partial<Record<ImportColumn, number[]>> = {};
  for (const column of IMPORT_COLUMNS.slice(1)) {
    numbers[column] = (await texts(column)).map((text, row) =>
      cell(column, row, () => parseNumber(text, format))
    );
  }
  return { ...columnsBy((column) => numbers[column]!, () => moments), place };
}

/** All columns of one length; a volume that no file column holds is missing throughout. */
function columnsBy(
  numbersOf: (column: ImportColumn) => readonly number[],
  momentsOf: () => readonly Moment[],
): Omit<ImportTable, "place"> {
  const moments = momentsOf();
  const volume = numbersOf("volume");
  return {
    moments,
    numbers: {
      open: numbersOf("open"),
      high: numbersOf("high"),
      low: numbersOf("low"),
      close: numbersOf("close"),
      volume: volume.length > 0 ? volume : moments.map(() => NaN),
    },
  };
}

function readCell<Value>(file: string, where: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UnusableText)) throw error;
    throw refuseFile(file, { where, found: error.message, expected: error.expected });
  }
}

/** Finds the file's columns for one of ours: those of the map, else one of the usual names; a volume may be absent. */
function columnPicker(
  file: string,
  names: readonly string[],
  map: ColumnMap,
): (column: ImportColumn) => readonly number[] {
  const lower = names.map((name) => name.trim().toLowerCase());
  return (column) => {
    const mapped = map[column];
    const found = mapped === undefined
      ? [ALIASES[column].map((alias) => lower.indexOf(alias)).find((index) => index >= 0) ?? -1]
      : mapped.split("+").map((name) => {
        const exact = names.indexOf(name);
        if (exact >= 0 || !/^\d+$/.test(name)) return exact;
        return Number(name) <= names.length ? Number(name) - 1 : -1;
      });
    if (!found.includes(-1)) return found;
    if (mapped === undefined && column === "volume") return [];
    throw refuseFile(file, {
      where: "columns",
      found: names.join(", "),
      expected: mapped === undefined
        ? `one for ${column}; name it with --map ${column}=…`
        : `"${mapped}"${didYouMean(mapped, names)}`,
    });
  };
}
