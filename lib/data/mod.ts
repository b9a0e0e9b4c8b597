export { readActions, writeActions } from "./actions.ts";
export type { BarDescription, KnownOutage } from "./bar_metadata.ts";
export { hashBars } from "./bar_metadata.ts";
export { encodeParquet, type ParquetColumn, writeParquetFile } from "./parquet_write.ts";
export { actionsFile, barFile, seriesFile } from "./places.ts";
export { hasBars, type LoadedBars, readBars } from "./read_bars.ts";
export { type Publications, readSeries, type SeriesByColumn, writeSeries } from "./series.ts";
export type { BarGap } from "./validate_bars.ts";
export { writeBars } from "./write_bars.ts";
