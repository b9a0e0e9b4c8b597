import type { Asset } from "../core/asset.ts";
import type { Bars } from "../core/bars.ts";
import { formatDate } from "../core/clock.ts";
import type { BarDescription } from "./bar_metadata.ts";
import type { BarFeed } from "./collect.ts";
import type { StoredBars } from "./stored_bars.ts";
import type { ExtraColumns } from "./write_bars.ts";

/** A file that is written anew, where its new bars come from, and what was stored before. */
export interface UpdatedFile {
  readonly asset: Asset;
  readonly source: BarFeed;
  readonly stored: StoredBars | undefined;
}

/** The bars of the file to be, and for each its row in the stored one, -1 for a new bar. */
export interface UpdatedRows {
  readonly bars: Bars | undefined;
  readonly storedRows: Int32Array;
}

/** The footer of the file: where several sources have given bars, each is named with its first day. */
export function descriptionOf(
  { asset, source, stored }: UpdatedFile,
  { bars, storedRows }: UpdatedRows,
): BarDescription {
  const fresh = storedRows.indexOf(-1);
  if (!stored || !storedRows.some((row) => row >= 0)) {
    const { splits, description, licence } = source;
    const knownOutages = stored?.description.knownOutages ?? [];
    return { assetClass: asset.assetClass, splits, source: description, licence, knownOutages };
  }
  const { description } = stored;
  if (fresh < 0 || description.source.includes(source.description)) return description;
  const since = formatDate(bars!.openTime[fresh]!);
  return {
    ...description,
    source: `${description.source}; ${source.description} (from ${since})`,
    licence: [...new Set([description.licence, source.licence])].filter((one) => one !== "").join(
      "; ",
    ),
  };
}

/** Texts beside the prices: a column "source" names who gave a new bar, others stay empty there. */
export function extraOf(
  { source, stored }: UpdatedFile,
  { storedRows }: UpdatedRows,
): ExtraColumns {
  const columns = Object.entries(stored?.extra ?? {});
  return Object.fromEntries(columns.map(([name, texts]) => {
    const text = name === "source" ? source.name : "";
    return [name, Array.from(storedRows, (row) => row < 0 ? text : texts[row]!)];
  }));
}
