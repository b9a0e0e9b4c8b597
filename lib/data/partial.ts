import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Disk } from "../core/atomic_file.ts";
import { type Bars, type Millis, PRICE_COLUMNS } from "../core/bars.ts";
import { Refusal } from "../core/errors.ts";
import { hashBars } from "./bar_metadata.ts";
import { fileExists } from "./file_version.ts";
import { openParquet, readNumbers } from "./parquet_read.ts";
import { writeParquetFile } from "./parquet_write.ts";

/** What a broken-off download had got. */
export interface PartialDownload {
  readonly bars: Bars;
  /** Where it goes on. */
  readonly resumeFrom: Millis;
}

/** Which download it was: only the same one is gone on with. */
export interface PartialKey {
  readonly symbol: string;
  readonly timeframe: Bars["timeframe"];
  readonly source: string;
  readonly from: Millis;
}

/** Where the bars of a download lie while it runs. */
export function partialFile(root: string, file: string): string {
  return join(root, ".partial", `${basename(dirname(file))}_${basename(file)}`);
}

/** Puts down what a running download has got, in one step. */
export async function savePartial(
  file: string,
  key: PartialKey,
  { bars, resumeFrom }: PartialDownload,
  options: { disk?: Disk } = {},
): Promise<void> {
  await writeParquetFile(
    file,
    [
      { name: "open_time", kind: "time", values: bars.openTime },
      { name: "available_at", kind: "time", values: bars.availableAt },
      ...PRICE_COLUMNS.map((name) => ({ name, kind: "number" as const, values: bars[name] })),
    ],
    {
      key: JSON.stringify(key),
      resume_from: String(resumeFrom),
      content_hash: hashBars(bars),
    },
    options,
  );
}

/** What the same download had got when it was broken off; undefined when there is nothing to go on with. */
export async function readPartial(
  file: string,
  key: PartialKey,
): Promise<PartialDownload | undefined> {
  if (!await fileExists(file)) return undefined;
  try {
    const parquet = await openParquet(file);
    const resumeFrom = Number(parquet.metadata.get("resume_from"));
    if (parquet.metadata.get("key") !== JSON.stringify(key) || !(resumeFrom >= key.from)) {
      return undefined;
    }
    const [openTime, availableAt, open, high, low, close, volume] = await readNumbers(
      parquet,
      ["open_time", "available_at", ...PRICE_COLUMNS],
    );
    const bars: Bars = {
      symbol: key.symbol,
      timeframe: key.timeframe,
      openTime: openTime!,
      availableAt: availableAt!,
      open: open!,
      high: high!,
      low: low!,
      close: close!,
      volume: volume!,
    };
    return parquet.metadata.get("content_hash") === hashBars(bars)
      ? { bars, resumeFrom }
      : undefined;
  } catch (error) {
    if (error instanceof Refusal) return undefined; // what cannot be read is downloaded again
    throw error;
  }
}

/** Forgets a download that is done. */
export async function removePartial(file: string): Promise<void> {
  await rm(file, { force: true });
}
