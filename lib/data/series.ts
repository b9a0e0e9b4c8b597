import type { Disk } from "../core/atomic_file.ts";
import { type Series, upperBound } from "../core/bars.ts";
import { expectedBars } from "../core/calendar.ts";
import { parseDate } from "../core/clock.ts";
import { hashColumns } from "../core/hash.ts";
import { FORMAT_VERSION } from "./bar_metadata.ts";
import { fileExists } from "./file_version.ts";
import { openParquet, type ParquetFile, readNumbers } from "./parquet_read.ts";
import { type ParquetColumn, writeParquetFile } from "./parquet_write.ts";
import { seriesFile } from "./places.ts";
import { refuseFile, requireColumns, requireHash, requireRows, timeText } from "./refusals.ts";

/** Published columns by name, such as `close` of `vix` or `DGS2` and `DGS10` of `yield_curve`. */
export type SeriesByColumn = Readonly<Record<string, Series>>;

/** One publication a row, as stored. */
export interface Publications {
  /** Reference date of each row, 00:00 UTC. */
  readonly date: Float64Array;
  /** When each row was published; left out where the exchange calendar tells it. */
  readonly availableAt?: Float64Array;
  /** Value columns by name; NaN where a row has none. */
  readonly values: Readonly<Record<string, Float64Array>>;
}

/** Cboe publishes the day's last VIX after the session it measures has closed. */
const VIX_DELAY_MS = 15 * 60_000;

/** The VIX is older than the session calendar; what came before its first day is left out. */
const FIRST_SESSION_DAY = parseDate("1993-01-29");

/**
 * The columns of `macro/<name>.parquet`, each with its own observations only (a missing value is no observation);
 * no column when there is no such file. VIX rows without `available_at` are known 15 minutes after their session's
 * close, and those without a session are left out; other files say when a row was published (FR-004). A revision is a
 * row of its own: of the newest date it follows what it revises, of an older one it is passed over, so that the row that
 * was published last by some time always holds the newest date with the value it had then.
 */
export async function readSeries(root: string, name: string): Promise<SeriesByColumn> {
  const stored = await readSeriesFile(root, name);
  if (!stored) return {};
  const { date, availableAt: known, values } = stored.publications;
  const columns = Object.entries(values).map(([column, all]) => {
    const rows = newestDateFirst(date, known, all);
    const pick = (from: Float64Array) => Float64Array.from(rows, (row) => from[row]!);
    const series: Series = {
      name: `${name}.${column}`,
      date: pick(date),
      availableAt: pick(known),
      value: pick(all),
    };
    return [column, series] as const;
  });
  return Object.fromEntries(columns);
}

/** A file of publications with what its footer says; each row knows when it was published, NaN for never. */
export interface StoredSeries {
  readonly publications: Required<Publications>;
  /** Whether the file tells publication itself; else the exchange calendar does. */
  readonly timed: boolean;
  readonly source: string;
  readonly licence: string;
  readonly contentHash: string;
}

/** All rows of `macro/<name>.parquet`, revisions too; undefined when there is no such file. Refuses a bad one. */
export async function readSeriesFile(
  root: string,
  name: string,
): Promise<StoredSeries | undefined> {
  const file = seriesFile(root, name);
  if (!await fileExists(file)) return undefined;
  const parquet = await openParquet(file);
  const { date, availableAt, values } = await readPublications(parquet);
  const known = availableAt ?? sessionTimes(file, name, date);
  requirePublications(file, { date, ...(availableAt ? { availableAt } : {}), values });
  return {
    publications: { date, availableAt: known, values },
    timed: availableAt !== undefined,
    source: parquet.metadata.get("source") ?? "",
    licence: parquet.metadata.get("licence") ?? "",
    contentHash: hashPublications({ date, ...(availableAt ? { availableAt } : {}), values }),
  };
}

/** Rows with a value that were news of the newest date when they came out. */
function newestDateFirst(
  date: Float64Array,
  known: Float64Array,
  values: Float64Array,
): readonly number[] {
  const rows: number[] = [];
  let newest = -Infinity;
  for (let row = 0; row < date.length; row++) {
    if (Number.isNaN(values[row]!) || Number.isNaN(known[row]!) || date[row]! < newest) continue;
    newest = date[row]!;
    rows.push(row);
  }
  return rows;
}

/** Replaces `macro/<name>.parquet` under a data root; `source` names its publisher. */
export async function writeSeries(
  root: string,
  name: string,
  { date, availableAt, values }: Publications,
  description: { source: string; licence: string },
  options: { disk?: Disk } = {},
): Promise<void> {
  const columns: ParquetColumn[] = [
    { name: "date", kind: "date", values: date },
    ...(availableAt ? [{ name: "available_at", kind: "time" as const, values: availableAt }] : []),
    ...Object.entries(values).map(([column, all]) => ({
      name: column,
      kind: "number" as const,
      values: all,
    })),
  ];
  const metadata = {
    "assay.format": FORMAT_VERSION,
    name,
    ...description,
    content_hash: hashPublications({ date, ...(availableAt ? { availableAt } : {}), values }),
  };
  await writeParquetFile(seriesFile(root, name), columns, metadata, options);
}

async function readPublications(parquet: ParquetFile): Promise<Publications> {
  const { file, columns, metadata } = parquet;
  requireColumns(parquet, { date: "time" });
  requireRows(parquet);
  const names = [...columns].filter(([, kind]) => kind === "number").map(([name]) => name);
  const [date, ...all] = await readNumbers(parquet, ["date", ...names]);
  const published = columns.get("available_at") === "time"
    ? await readNumbers(parquet, ["available_at"])
    : [];
  const publications = {
    date: date!,
    ...(published[0] ? { availableAt: published[0] } : {}),
    values: Object.fromEntries(names.map((name, i) => [name, all[i]!])),
  };
  requireHash(file, metadata.get("content_hash"), hashPublications(publications));
  return publications;
}

/** SHA-256 over dates, times of publication where they are stored, and values. */
export function hashPublications({ date, availableAt, values }: Publications): string {
  return hashColumns([date, ...(availableAt ? [availableAt] : []), ...Object.values(values)]);
}

/** When each date's VIX was known; NaN for a date without a session. */
function sessionTimes(file: string, name: string, date: Float64Array): Float64Array {
  if (name !== "vix") {
    throw refuseFile(file, {
      where: "columns",
      found: "no available_at",
      expected: "one of times",
    });
  }
  const { openTime, availableAt } = expectedBars(
    "equity",
    "daily",
    FIRST_SESSION_DAY,
    date.at(-1)! + 1,
  );
  return date.map((day) => {
    const session = upperBound(openTime, day) - 1;
    return openTime[session] === day ? availableAt[session]! + VIX_DELAY_MS : NaN;
  });
}

/**
 * Refuses rows out of order of publication, a date older than one before it that revises nothing, a value known before
 * its date, and what is no number.
 */
export function requirePublications(
  file: string,
  { date, availableAt, values }: Publications,
): void {
  const refuse = (row: number, column: string, found: string, expected: string) =>
    refuseFile(file, { where: `row ${row}, column ${column}`, found, expected });
  const after = (row: number) => row === 0 ? "a time" : `a time after row ${row - 1}`;
  const lastOf = new Map<number, number>();
  let newest = -Infinity;
  for (let row = 0; row < date.length; row++) {
    const day = date[row]!;
    const isNew = day > newest;
    const revised = availableAt && lastOf.get(day);
    if (!isNew && revised === undefined) throw refuse(row, "date", timeText(day), after(row));
    newest = Math.max(newest, day);
    if (!availableAt) continue;
    const time = availableAt[row]!;
    if (!(time >= (availableAt[row - 1] ?? -Infinity))) {
      throw refuse(row, "available_at", timeText(time), after(row));
    }
    if (revised === time) {
      throw refuse(row, "date", `${timeText(day)} again`, "one row for each date and publication");
    }
    lastOf.set(day, time);
  }
  if (availableAt) requireAfterDate(file, date, availableAt);
  for (const column of Object.keys(values).sort()) requireFinite(file, column, values[column]!);
}

/** A value known before the day it is about would be a mistake, and a look into the future. */
function requireAfterDate(file: string, date: Float64Array, availableAt: Float64Array): void {
  const row = availableAt.findIndex((time, i) => time < date[i]!);
  if (row < 0) return;
  throw refuseFile(file, {
    where: `row ${row}, column available_at`,
    found: timeText(availableAt[row]!),
    expected: `${timeText(date[row]!)} or later`,
  });
}

function requireFinite(file: string, column: string, values: Float64Array): void {
  const row = values.findIndex((value) => Math.abs(value) === Infinity);
  if (row < 0) return;
  throw refuseFile(file, {
    where: `row ${row}, column ${column}`,
    found: String(values[row]),
    expected: "a finite number, or none",
  });
}
