export { ARTEFACT_FORMAT, type FinishedRun } from "./artefacts.ts";
export type { Curve, ModelCurve, PortfolioCurve } from "./curves.ts";
export { openDatabase, type ResultsDatabase } from "./database.ts";
export { type DerivedRun, deriveRun } from "./derive.ts";
export type { Holdings } from "./holdings.ts";
export type {
  CardDataFile,
  CardParts,
  CardRunStatistics,
  CardStatistics,
  RunCard,
} from "./run_card.ts";
export type {
  RunFacts,
  RunFilter,
  RunModelRow,
  RunRow,
  TrialRow,
  TrialStatus,
} from "./run_rows.ts";
export type { AssetStatistics, RunStatistics } from "./run_statistics.ts";
export { runStore, type RunStoreOnDisk, type SavedRun, type StoredRun } from "./store.ts";
export { type RunTable, type RunTables, type TableName } from "./table_schemas.ts";
export { loadWriter } from "./parquet.ts";
export { openTables, type StoredTables } from "./tables.ts";
