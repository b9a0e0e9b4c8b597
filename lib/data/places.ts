import { join, relative } from "node:path";
import type { Asset, AssetClass } from "../core/asset.ts";
import type { Timeframe } from "../core/bars.ts";

const FOLDERS: Readonly<Record<AssetClass, string>> = { equity: "equities", crypto: "crypto" };

/** Where an asset's bars lie under a data root, e.g. `equities/SPY_h4.parquet` (FR-001, FR-007). */
export function barFile(root: string, asset: Asset, timeframe: Timeframe): string {
  return join(root, FOLDERS[asset.assetClass], `${asset.symbol}_${timeframe}.parquet`);
}

/** Where the table of dividends and splits lies under a data root. */
export function actionsFile(root: string): string {
  return join(root, FOLDERS.equity, "actions.parquet");
}

/** Where a published series lies under a data root, e.g. `macro/vix.parquet`. */
export function seriesFile(root: string, name: string): string {
  return join(root, "macro", `${name}.parquet`);
}

/** Where an asset's bars of a second source lie: beside the file that runs use, read by validation only. */
export function besideFile(
  root: string,
  asset: Asset,
  timeframe: Timeframe,
  source: string,
): string {
  return join(root, FOLDERS[asset.assetClass], `${asset.symbol}_${timeframe}.${source}.parquet`);
}

/** Folders of bar files under a data root, by asset class. */
export const BAR_FOLDERS: Readonly<Record<AssetClass, string>> = FOLDERS;

/** A file's place under the data root, with forward slashes. */
export function placeOf(root: string, file: string): string {
  return relative(root, file).replaceAll("\\", "/");
}
