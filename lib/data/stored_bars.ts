import type { Asset } from "../core/asset.ts";
import { type Bars, PRICE_COLUMNS, type Timeframe } from "../core/bars.ts";
import type { BarDescription } from "./bar_metadata.ts";
import { fileExists } from "./file_version.ts";
import { openParquet, readTexts } from "./parquet_read.ts";
import { readBarFile } from "./read_bars.ts";
import type { ExtraColumns } from "./write_bars.ts";

/** A bar file with everything that writing it again takes. */
export interface StoredBars {
  readonly bars: Bars;
  readonly description: BarDescription;
  readonly extra: ExtraColumns;
  readonly contentHash: string;
}

/** The bar file as it is, gaps and all; undefined when there is none. Refuses a damaged or unsound one. */
export async function readStoredBars(
  file: string,
  asset: Asset,
  timeframe: Timeframe,
): Promise<StoredBars | undefined> {
  if (!await fileExists(file)) return undefined;
  const { bars, splits, source, knownOutages, contentHash } = await readBarFile(
    file,
    asset,
    timeframe,
  );
  const parquet = await openParquet(file);
  const names = [...parquet.columns].filter(([name, kind]) =>
    kind === "text" && !(PRICE_COLUMNS as readonly string[]).includes(name)
  ).map(([name]) => name);
  const texts = await Promise.all(names.map((name) => readTexts(parquet, name)));
  return {
    bars,
    description: {
      assetClass: asset.assetClass,
      splits,
      source,
      licence: parquet.metadata.get("licence") ?? "",
      knownOutages,
    },
    extra: Object.fromEntries(names.map((name, i) => [name, texts[i]!])),
    contentHash,
  };
}
