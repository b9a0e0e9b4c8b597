import { formatTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import type { ColumnKind, ParquetFile } from "./parquet_read.ts";

/** The last moment that has a calendar date (ECMA-262, time values). */
export const LAST_TIME = 8.64e15;

/** What is wrong with a file: where in it, what was found there, what should have been. */
export interface Complaint {
  readonly where: string;
  readonly found: string;
  readonly expected: string;
}

/** The refusal of a file, in the one form that every reader of this house uses. */
export function refuseFile(file: string, { where, found, expected }: Complaint): Refusal {
  return new Refusal(`Cannot use ${file}, ${where}: found ${found}, expected ${expected}`);
}

/** Refuses a file that lacks one of the columns or holds something else in it. */
export function requireColumns(
  { file, columns }: ParquetFile,
  wanted: Readonly<Record<string, ColumnKind>>,
): void {
  for (const [name, kind] of Object.entries(wanted)) {
    const found = columns.get(name);
    if (found === kind) continue;
    throw refuseFile(
      file,
      found === undefined
        ? {
          where: "columns",
          found: listed([...columns.keys()]),
          expected: `also ${name} (${kind})`,
        }
        : { where: `column ${name}`, found: `values of kind ${found}`, expected: kind },
    );
  }
}

/** Refuses a file without a single row. */
export function requireRows({ file, rows }: ParquetFile): void {
  if (rows > 0) return;
  throw refuseFile(file, { where: "whole file", found: "no row", expected: "at least one" });
}

/** Refuses a file of ours whose data are not those it was written with. */
export function requireHash(file: string, stored: string | undefined, found: string): void {
  if (stored === undefined || stored === found) return;
  throw refuseFile(file, {
    where: "content_hash",
    found: `data with hash ${found.slice(0, 12)}…`,
    expected: `${stored.slice(0, 12)}…: the file is damaged or was edited, get it again`,
  });
}

/** A time as text even where it is none, or far beyond the calendar. */
export function timeText(time: number): string {
  return Math.abs(time) <= LAST_TIME ? formatTime(time) : String(time);
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}
