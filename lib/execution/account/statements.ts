import type { DatabaseSync, StatementSync } from "node:sqlite";

const known = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/** A statement, compiled once for each open file. Not for `iterate`: it has one place to read at. */
export function statement(database: DatabaseSync, sql: string): StatementSync {
  const ofFile = known.get(database) ?? new Map<string, StatementSync>();
  known.set(database, ofFile);
  const compiled = ofFile.get(sql) ?? database.prepare(sql);
  ofFile.set(sql, compiled);
  return compiled;
}
