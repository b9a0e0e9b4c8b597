// The other door of this house: download, update, import, validate. Loaded when one of these is asked for, so that a
// backtest, which only reads, starts without the clients of five sources.
export { readActions } from "./actions.ts";
export { checkAdjustment, disagreementText } from "./check_adjustment.ts";
export type { DownloadProgress } from "./collect.ts";
export { importBars } from "./import_csv.ts";
export { type ColumnMap, type ImportFormat, parseColumnMap } from "./import_table.ts";
export { parseZone } from "./import_values.ts";
export { barBuilder } from "./build_bars.ts";
export { listFiles, type StoredFile } from "./list_files.ts";
export { MACRO_FILES } from "./macro_files.ts";
export type { BarDownload, BarSourceName, SeriesDownload, SourceName } from "./sources/source.ts";
export { defaultSource, KEY_NAMES, type Keys, openSource, sourceNamed } from "./sources/sources.ts";
export { type Believed, doubtOf, type SplitDoubt } from "./split_doubt.ts";
export { readStoredBars } from "./stored_bars.ts";
export { updateBars, type UpdateReport } from "./update.ts";
export { type ActionsReport, isSameAction, updateActions } from "./update_actions.ts";
export { type SeriesReport, updateSeries } from "./update_series.ts";
export { type QualityCertificate, qualityOf } from "./validate/quality.ts";
export type { DataReport, Thresholds } from "./validate/report.ts";
export { validateData } from "./validate/validate_data.ts";
