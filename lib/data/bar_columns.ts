import { type Bars, PRICE_COLUMNS } from "../core/bars.ts";
import { type ParquetFile, readNumbers } from "./parquet_read.ts";
import { requireColumns } from "./refusals.ts";
import type { RawBars } from "./validate_bars.ts";

/** What files call the time at which a bar opened. */
const TIME_COLUMNS = ["open_time", "timestamp", "time"] as const;

/** Bars as they stand in a file, unchecked, in columns of `allocate`. Refuses a file without the columns of bars. */
export async function readBarColumns(
  parquet: ParquetFile,
  { symbol, timeframe }: Pick<Bars, "symbol" | "timeframe">,
  allocate?: () => Float64Array,
): Promise<RawBars> {
  const time = TIME_COLUMNS.find((name) => parquet.columns.has(name)) ?? "open_time";
  const names = [time, ...PRICE_COLUMNS];
  requireColumns(
    parquet,
    Object.fromEntries(names.map((name) => [name, name === time ? "time" : "number"])),
  );
  const [openTime, open, high, low, close, volume] = await readNumbers(parquet, names, allocate);
  return {
    symbol,
    timeframe,
    openTime: openTime!,
    open: open!,
    high: high!,
    low: low!,
    close: close!,
    volume: volume!,
  };
}
