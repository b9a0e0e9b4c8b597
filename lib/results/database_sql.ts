import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Millis } from "../core/bars.ts";
import { formatTime } from "../core/clock.ts";

/** Adds a row unless its key is there; column names come from the code, values are bound. */
export function insert(
  database: DatabaseSync,
  table: string,
  row: Readonly<Record<string, SQLInputValue>>,
): boolean {
  // order: as the caller writes the row, names and values alike
  const columns = Object.keys(row);
  const { changes } = database.prepare(
    `INSERT INTO ${table} (${columns.map((column) => `"${column}"`).join(", ")}) ` +
      `VALUES (${columns.map(() => "?").join(", ")}) ON CONFLICT DO NOTHING`,
    // order: as above
  ).run(...Object.values(row));
  return Number(changes) > 0;
}

/** What rows must fulfil, and the values bound to its question marks. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** All conditions together, as SQL; nothing for none. */
export function where(conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.length === 0 ? "" : ` WHERE ${conditions.map(({ sql }) => sql).join(" AND ")}`,
    values: conditions.flatMap(({ values }) => values),
  };
}

/** Of one length, so that texts sort as times do. */
export function wallTime(time: Millis): string {
  return formatTime(time).replace(/(:\d\d)Z$/, "$1.000Z");
}
