import { stat } from "node:fs/promises";
import { parseTime } from "../../core/clock.ts";
import { canonicalJson } from "../../core/hash.ts";
import { openDatabase } from "../database.ts";
import type { ReadColumns } from "./run_rows.ts";
import type { RecordViewName, View } from "./views.ts";

type Row = Readonly<Record<string, unknown>>;

/** A view of the record, every column of it. Without a record it is empty, and none is made. */
export async function readRecord(view: View, databaseFile: string): Promise<ReadColumns> {
  const rows = await rowsOf(view.name as RecordViewName, databaseFile);
  // order: as the view lists its columns
  return Object.fromEntries(
    Object.entries(view.columns).map(([name, kind]) => {
      const values = rows.map((row) => row[name] ?? null);
      switch (kind) {
        case "number":
          return [name, Float64Array.from(values, (value) => value === null ? NaN : Number(value))];
        case "time":
          return [
            name,
            Float64Array.from(values, (value) => value === null ? NaN : parseTime(String(value))),
          ];
        case "flag":
          return [name, values.map(Boolean)];
        case "date":
        case "text":
          return [name, values.map((value) => value === null ? "" : String(value))];
      }
    }),
  );
}

/** Oldest first, as they were recorded. */
async function rowsOf(name: RecordViewName, file: string): Promise<readonly Row[]> {
  if (!await stat(file).then(() => true, () => false)) return [];
  const database = await openDatabase(file);
  try {
    if (name === "trials") return database.listTrials().map((trial) => ({ ...trial }));
    const runs = database.listRuns().toReversed();
    if (name === "runs") return runs.map((run) => ({ ...run }));
    return runs.flatMap(({ run_id, models }) =>
      models.map((model) => ({ run_id, ...model, parameters: canonicalJson(model.parameters) }))
    );
  } finally {
    database.close();
  }
}
