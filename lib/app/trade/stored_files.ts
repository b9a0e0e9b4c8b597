import type { Timeframe } from "../../core/bars.ts";
import { actionsFile, barFile, fileVersion, seriesFile } from "../../data/mod.ts";
import type { ComputeOptions } from "../compute.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { REGIME_ASSETS } from "../load_regimes.ts";
import { type MarketContent, storedFeed, withDaily } from "./market_feed.ts";

/** Files that may grow while a session runs. */
export interface StoredFiles {
  /** A text that changes whenever one of them does. */
  version(): Promise<string>;
  /** All of them, read and checked anew. */
  read(): Promise<MarketContent>;
}

const TIMEFRAMES: readonly Timeframe[] = ["h4", "daily"];
const SERIES = ["vix", "yield_curve", "pmi"];

/** The files that a plan and the regimes read. */
export function storedFiles(
  loaded: LoadedPlan,
  options: Omit<ComputeOptions, "onProgress">,
): StoredFiles {
  const { plan, dataRoot } = loaded;
  const files = [
    ...plan.assets.flatMap((asset) => TIMEFRAMES.map((one) => barFile(dataRoot, asset, one))),
    ...REGIME_ASSETS.map((asset) => barFile(dataRoot, asset, "daily")),
    ...SERIES.map((name) => seriesFile(dataRoot, name)),
    actionsFile(dataRoot),
  ];
  return {
    version: async () =>
      (await Promise.all(files.map((file) => fileVersion(file)))).map((one) => one ?? "").join(
        "\n",
      ),
    read: async () => await withDaily(loaded, await storedFeed(loaded, options)),
  };
}
