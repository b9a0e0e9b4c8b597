import type { DataOptions } from "./data_folder.ts";
import type { ImportRequest } from "./data_import.ts";
import type { UpdateItem } from "./data_item.ts";
import type { UpdateProgress, UpdateRequest } from "./data_update.ts";
import type { DataReport, StoredFile } from "../data/upkeep.ts";

export type { DataOptions } from "./data_folder.ts";
export type { ImportRequest } from "./data_import.ts";
export type { UpdateItem } from "./data_item.ts";
export type { UpdateProgress, UpdateRequest } from "./data_update.ts";

/** Environment variables that keys of sources come from. */
export const DATA_KEY_NAMES = ["ALPACA_KEY_ID", "ALPACA_SECRET_KEY", "FRED_API_KEY"] as const;

// Loaded only when asked for: whoever runs a backtest needs no client of any source.
const load = () => import("./data_update.ts");

/**
 * Brings files of the data folder up to date one after the other: bars, dividends and splits, published series. What
 * fails is told in its item and stops no other; only an aborted signal stops, with its reason.
 */
export async function updateData(
  request: UpdateRequest,
  options: DataOptions & { readonly signal?: AbortSignal; readonly onProgress?: UpdateProgress } =
    {},
): Promise<readonly UpdateItem[]> {
  return await (await load()).updateData(request, options);
}

/** Takes the bars of a CSV or Parquet file of another program into the data folder; refuses it as a whole or not. */
export async function importData(
  request: ImportRequest,
  options: DataOptions = {},
): Promise<UpdateItem> {
  const { importData } = await import("./data_import.ts");
  return await importData(request, options);
}

/** Looks at every file of the data folder and tells all it finds; thresholds come from the configuration. */
export async function validateStored(options: DataOptions = {}): Promise<DataReport> {
  return await (await load()).validateStored(options);
}

/** Every file of the data folder with span, source and time of its last update. */
export async function listData(options: DataOptions = {}): Promise<readonly StoredFile[]> {
  return await (await load()).listData(options);
}
