import type { Asset } from "../core/asset.ts";
import { type Bars, gridMs, PRICE_COLUMNS, type Timeframe } from "../core/bars.ts";
import { type ExpectedBars, expectedBars } from "../core/calendar.ts";
import { Refusal } from "../core/errors.ts";
import { readBarColumns } from "./bar_columns.ts";
import { type BarMetadata, hashBars, type KnownOutage, readBarMetadata } from "./bar_metadata.ts";
import { fileExists, fileVersion } from "./file_version.ts";
import { openParquet, type ParquetFile } from "./parquet_read.ts";
import { barFile } from "./places.ts";
import { refuseFile, requireHash, requireRows } from "./refusals.ts";
import {
  alignBars,
  type BarGap,
  type RawBars,
  requireSmallGaps,
  requireSoundRows,
} from "./validate_bars.ts";

/** An asset's bars with what its file says about them. */
export interface LoadedBars {
  /** Columns lie in one SharedArrayBuffer, so that workers share them; whoever writes to them breaks every reader. */
  readonly bars: Bars;
  readonly splits: "raw" | "applied";
  readonly source: string;
  readonly contentHash: string;
  readonly knownOutages: readonly KnownOutage[];
  /** Stretches of missing bars, the known and the short ones. */
  readonly gaps: readonly BarGap[];
  readonly file: string;
}

interface Cached {
  readonly version: string;
  readonly loaded: Promise<LoadedBars>;
}

/** Decoded files of this process; a changed file is read again. */
const cache = new Map<string, Cached>();

/** Reads, checks and shares an asset's bars (FR-003, FR-009). Refuses a file that is absent, damaged, wrong or gappy. */
export async function readBars(
  root: string,
  asset: Asset,
  timeframe: Timeframe,
  options: { maxGapBars: number },
): Promise<LoadedBars> {
  const file = barFile(root, asset, timeframe);
  const version = await fileVersion(file);
  if (version === undefined) throw missing(file, asset, timeframe);
  const known = cache.get(file);
  const entry = known?.version === version
    ? known
    : { version, loaded: readBarFile(file, asset, timeframe) };
  cache.set(file, entry);
  const loaded = await entry.loaded.catch((error) => {
    if (cache.get(file) === entry) cache.delete(file); // a passing failure is not kept
    throw error;
  });
  const { knownOutages } = loaded;
  requireSmallGaps(loaded.gaps, file, { maxGapBars: options.maxGapBars, knownOutages });
  return loaded;
}

/** Whether an asset has a file of bars, sound or not. */
export async function hasBars(root: string, asset: Asset, timeframe: Timeframe): Promise<boolean> {
  return await fileExists(barFile(root, asset, timeframe));
}

function missing(file: string, { symbol, assetClass }: Asset, timeframe: Timeframe): Refusal {
  return new Refusal(
    `Cannot load ${timeframe} bars of "${symbol}": found no file ${file}, expected one; get it with ` +
      `\`deno task data download --symbols ${symbol} --asset-class ${assetClass} --timeframes ${timeframe} --start 2016-01-01\``,
  );
}

/** Reads and checks one file, wherever it lies, past the cache and whatever its gaps are. */
export async function readBarFile(
  file: string,
  asset: Asset,
  timeframe: Timeframe,
): Promise<LoadedBars> {
  const parquet = await openParquet(file);
  const { symbol, assetClass } = asset;
  const metadata = readBarMetadata(file, parquet.metadata, { symbol, timeframe, assetClass });
  const { raw, availableAt } = await readColumns(parquet, symbol, timeframe);
  const contentHash = hashBars(raw);
  requireHash(file, metadata.contentHash, contentHash);
  requireSoundRows(raw, file);
  const gaps = alignBars(raw, file, expectation(raw, file, asset), availableAt);
  return loadedBars(file, { ...raw, availableAt }, metadata, { contentHash, gaps });
}

function loadedBars(
  file: string,
  bars: Bars,
  { splits, source, knownOutages }: BarMetadata,
  { contentHash, gaps }: { contentHash: string; gaps: readonly BarGap[] },
): LoadedBars {
  Object.freeze(bars);
  return Object.freeze({ bars, splits, source, contentHash, knownOutages, gaps, file });
}

async function readColumns(
  parquet: ParquetFile,
  symbol: string,
  timeframe: Timeframe,
): Promise<{ raw: RawBars; availableAt: Float64Array }> {
  const allocate = columnsOfOneBuffer(2 + PRICE_COLUMNS.length, parquet.rows);
  const raw = await readBarColumns(parquet, { symbol, timeframe }, allocate);
  requireRows(parquet);
  return { raw, availableAt: allocate() };
}

function columnsOfOneBuffer(columns: number, rows: number): () => Float64Array {
  const columnBytes = rows * Float64Array.BYTES_PER_ELEMENT;
  let buffer: SharedArrayBuffer | undefined; // made when the first column has proved that the rows are there
  let next = 0;
  return () => {
    buffer ??= new SharedArrayBuffer(columns * columnBytes);
    return new Float64Array(buffer, columnBytes * next++, rows);
  };
}

/** The unbroken history between the first and the last bar. */
function expectation({ openTime, timeframe }: RawBars, file: string, asset: Asset): ExpectedBars {
  const [first, last] = [openTime[0]!, openTime[openTime.length - 1]!];
  try {
    return expectedBars(asset.assetClass, timeframe, first, last + gridMs(timeframe));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw refuseFile(file, {
      where: "column open_time",
      found: `bars outside the calendar (${cause.message})`,
      expected: "bars of years that the calendar knows",
    });
  }
}
