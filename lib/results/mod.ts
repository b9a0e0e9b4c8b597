export { CARD_FILE, type FinishedRun, runFiles } from "./artefacts.ts";
export {
  type Attribution,
  attributionAt,
  type AttributionTables,
  type ModelPart,
  NothingHeld,
} from "./attribution.ts";
export type { Benchmark } from "./benchmarks.ts";
export type { RegimeFigures, RegimeState, RegimeStatistics } from "./by_regime.ts";
export { compareFiles, type FileDifference, jsonDifferences } from "./compare_files.ts";
export { compareCards, type Comparison, type FigureRow } from "./compare.ts";
export type { Curve, ModelCurve, PortfolioCurve } from "./curves.ts";
export { hasSqlite, openDatabase, type ResultsDatabase } from "./database.ts";
export { wallTime } from "./database_sql.ts";
export { deflate, type Deflated, deflatedOf } from "./deflated.ts";
export { deriveBenchmarks, type DerivedRun, deriveRun } from "./derive.ts";
export { envelopeOf } from "./envelope.ts";
export {
  changedFiles,
  DamagedExperiment,
  EXPERIMENT_FILES,
  type ExperimentContent,
  experimentFiles,
} from "./experiment_files.ts";
export {
  type DamagedEntry,
  type ExperimentListing,
  type ExperimentStore,
  experimentStore,
  type ReturnsFile,
  type StoredExperiment,
} from "./experiment_store.ts";
export type { TrialRecords } from "./experiment_table.ts";
export type { Holdings } from "./holdings.ts";
export type { LedgerHead } from "./ledger.ts";
export type { Anchor, AnchoredEntry } from "./ledger_anchor.ts";
export type { FileDigests, SealedExperiment } from "./ledger_experiments.ts";
export type { LedgerCheck, LedgerFault } from "./ledger_check.ts";
export type { LifecycleRecord } from "./lifecycle.ts";
export type { LifecycleFault } from "./lifecycle_check.ts";
export { luckOf, type LuckOptions } from "./luck.ts";
export {
  PROOF_NAMES,
  type ProofBinding,
  type ProofName,
  type ProofStore,
  proofStore,
} from "./proof_store.ts";
export {
  type CardDataFile,
  type CardParts,
  type CardRunStatistics,
  type CardStatistics,
  cardText,
  type RunCard,
} from "./run_card.ts";
export type { RunFacts, RunFilter, RunModelRow, RunRow } from "./run_rows.ts";
export type { AssetStatistics, RunStatistics } from "./run_statistics.ts";
export { runStore, type RunStoreOnDisk, type SavedRun, type StoredRun } from "./store.ts";
export { type RunTable, type RunTables, type TableName } from "./table_schemas.ts";
export { loadWriter } from "./parquet.ts";
export { openTables, type StoredTables } from "./tables.ts";
export type {
  FoundTrial,
  LedgerCount,
  LedgerKey,
  PlannedTrial,
  StoredTrial,
  TrialBatch,
  TrialCount,
  TrialEnd,
  TrialResult,
  TrialRow,
  TrialStatus,
} from "./trial_rows.ts";
export { ledgerKey, ledgerKeyOfCard, trialResult, trialResultOfCard } from "./trial_result.ts";
