import type { Disk } from "../core/atomic_file.ts";
import { type Bars, PRICE_COLUMNS } from "../core/bars.ts";
import { type BarDescription, describeBars } from "./bar_metadata.ts";
import { type ParquetColumn, writeParquetFile } from "./parquet_write.ts";

/** Columns beside the prices, one text a row, such as which feed a bar came from. */
export type ExtraColumns = Readonly<Record<string, readonly string[]>>;

/**
 * Replaces a bar file in one step. `availableAt` is not stored: it follows from the calendar. The bars are written as
 * they are; `readBars` is what checks them.
 */
export async function writeBars(
  file: string,
  bars: Bars,
  description: BarDescription,
  extra: ExtraColumns = {},
  options: { disk?: Disk } = {},
): Promise<void> {
  const columns: ParquetColumn[] = [
    { name: "open_time", kind: "time", values: bars.openTime },
    ...PRICE_COLUMNS.map((name) => ({ name, kind: "number" as const, values: bars[name] })),
    ...Object.entries(extra).map(([name, values]) => ({ name, kind: "text" as const, values })),
  ];
  await writeParquetFile(file, columns, describeBars(bars, description), options);
}
