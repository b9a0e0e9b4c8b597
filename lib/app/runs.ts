import { stat } from "node:fs/promises";
import {
  openDatabase,
  openTables,
  type RunCard,
  type RunFilter,
  type RunRow,
  runStore,
  type StoredTables,
} from "../results/mod.ts";

import { RESULTS_ROOT } from "./project.ts";
import { databaseFile } from "./trial.ts";

/** A finished run, opened: its card at once, its tables when asked for. */
export interface OpenRun {
  readonly id: string;
  readonly folder: string;
  readonly card: RunCard;
  readonly tables: StoredTables;
}

/** Opens a run by its id or any unique beginning of it. Refuses an unknown or ambiguous one. */
export async function openRun(
  idOrPrefix: string,
  { resultsRoot = RESULTS_ROOT }: { resultsRoot?: string } = {},
): Promise<OpenRun> {
  const store = runStore(resultsRoot);
  const id = await store.resolve(idOrPrefix);
  const { folder, card } = (await store.find(id))!;
  return { id, folder, card, tables: openTables(folder) };
}

/** Runs on record, newest first (FR-064); none where nothing was ever stored. */
export async function listRuns(
  filter: RunFilter = {},
  { resultsRoot = RESULTS_ROOT }: { resultsRoot?: string } = {},
): Promise<readonly RunRow[]> {
  const file = databaseFile(resultsRoot);
  // Asking must not make a database where there is none.
  if (!await stat(file).then(() => true, () => false)) return [];
  const database = await openDatabase(file);
  try {
    return database.listRuns(filter);
  } finally {
    database.close();
  }
}
