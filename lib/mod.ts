/** Everything that notebooks and tasks may use. */
export { audit, type Audited, type AuditRequest } from "./app/audit.ts";
export type { BacktestOptions, Run } from "./app/backtest.ts";
export { check, type CheckReport } from "./app/check.ts";
export {
  DATA_KEY_NAMES,
  type DataOptions,
  importData,
  type ImportRequest,
  listData,
  updateData,
  type UpdateItem,
  type UpdateRequest,
  validateStored,
} from "./app/data.ts";
export { type LoadedPlan, loadPlan, type PlanOptions } from "./app/load_plan.ts";
export { type LoadedExperiment, loadExperiment } from "./app/optimize/load_experiment.ts";
export type { Experiment, OptimizeOptions } from "./app/optimize/optimize.ts";
export type { SearchProgress } from "./app/optimize/search_run.ts";
export {
  joinSweeps,
  listWorkers,
  REDIS_NAMES,
  type RedisAddress,
  redisAddress,
  type RedisSweep,
  redisSweep,
  type RedisSweepOptions,
  type WorkerNote,
  type WorkerOptions,
  type WorkerProgress,
} from "./app/optimize/redis.ts";
export {
  type ListedExperiments,
  listExperiments,
  type OpenExperiment,
  openExperiment,
  withDeflated,
} from "./app/optimize/experiments.ts";
export { inPlace, type Place, type Progress, progress } from "./app/notebook.ts";
export { backtest, type ShownRun } from "./app/notebook_backtest.ts";
export { optimize, type ShownSearch } from "./app/notebook_optimize.ts";
export { dataFiles, type DataRow } from "./app/notebook_data.ts";
export {
  attributionOf,
  compareRuns,
  type ListedRun,
  listRuns,
  type OpenRun,
  openRun,
  regimesOf,
} from "./app/runs.ts";
export { proveSearch, type ProveSearchOptions, saveSearchProof } from "./app/prove_search.ts";
export { demote, type Demotion, type DemotionRequest } from "./app/lifecycle/demote.ts";
export {
  demoteAutomatically,
  type RecordedDemotion,
} from "./app/lifecycle/demote_automatically.ts";
export {
  type AutomaticDemotion,
  demotions,
  type ModelFacts,
  type SessionFacts,
} from "./app/lifecycle/demotions.ts";
export { mend } from "./app/lifecycle/mend.ts";
export { lifecycleHistory, modelShow, modelsList } from "./app/lifecycle/models.ts";
export type { PaperRecord, PaperRecords } from "./app/lifecycle/paper_record.ts";
export { promote, type Promotion, type PromotionRequest } from "./app/lifecycle/promote.ts";
export { recalibrate, type Recalibration, saveProposal } from "./app/parity/recalibrate.ts";
export { type Runnable, runnable } from "./app/lifecycle/stage_gate.ts";
export type { LifecycleOptions } from "./app/lifecycle/state.ts";
export { runIdOf } from "./app/run_id.ts";
export { openSql, type Sql, sql, type SqlOptions, type SqlValue } from "./app/sql.ts";
export type { SqlTable } from "./app/sql_table.ts";
export { databaseFile } from "./app/trial.ts";
export { type ChartFiles, saveCharts } from "./app/report_charts.ts";
export { verify, type VerifyOptions } from "./app/verify.ts";
export {
  anchorLedger,
  type LedgerFinding,
  type LedgerVerification,
  verifyLedger,
} from "./app/verify_ledger.ts";
export { verifyExperiment, verifyNamed } from "./app/verify_experiment.ts";
export { verifyReport } from "./app/verify_report.ts";
export type { Finding, FindingKind, Verification } from "./app/verify_finding.ts";
export { type Report, report, type ReportOptions } from "./app/report.ts";
export { type Changes, type WhatIf, whatIf, type WhatIfAnswer } from "./app/what_if.ts";
export { PROJECT_ROOT, RESULTS_ROOT } from "./app/project.ts";
export { openTrading } from "./app/trade/open_trading.ts";
export { killPage, killStatusPage } from "./app/trade/kill_page.ts";
export { killSwitch, type KillSwitchOptions } from "./app/trade/kill_task.ts";
export { DAY_MS } from "./core/bars.ts";
export { didYouMean, Refusal } from "./core/errors.ts";
export { jsonLines } from "./core/json_lines.ts";
export { isStage, type Stage, STAGES } from "./core/lifecycle.ts";
export { formatDate, formatTime, parseDate, parseTime } from "./core/clock.ts";
export { attributionPage } from "./report/attribution_page.ts";
export { type Deflated, NothingHeld } from "./results/mod.ts";
export { certificateLine, certificatePage } from "./report/certificate_page.ts";
export { type Chart, charts } from "./report/charts/mod.ts";
export { comparisonPage } from "./report/comparison_page.ts";
export { dataListTable, dataReportPage, downloadPage } from "./report/data_report.ts";
export type { ExperimentCard, TrialRecord } from "./core/experiment.ts";
export { type DeflatedFigures, gateOf, honestVerdict } from "./report/experiment_honesty.ts";
export {
  experimentComparison,
  experimentList,
  type ExperimentRow,
} from "./report/experiment_list.ts";
export { experimentPage } from "./report/experiment_page.ts";
export {
  type PublishedExperiment,
  showExperiment,
  type ShownExperiment,
} from "./report/show_experiment.ts";
export { honestyPage } from "./report/honesty_page.ts";
export { leakTable } from "./report/leak_table.ts";
export { type Publication, publish, type PublishedRun } from "./report/notebook_publish.ts";
export {
  historyPage,
  type LifecycleHistory,
  type ListedModel,
  modelPage,
  modelsTable,
  promotionPage,
  type ShownModel,
} from "./report/lifecycle_page.ts";
export { parityPage } from "./report/parity_page.ts";
export type { ParityReport } from "./core/parity_report.ts";
export { regimePage } from "./report/regime_table.ts";
export { runListTable } from "./report/run_list.ts";
export { runSummary } from "./report/run_summary.ts";
export {
  type ShownTable,
  showTable,
  type ShowTableOptions,
  type TableData,
  type Unit,
} from "./report/show_table.ts";
export { formatTable } from "./report/table.ts";
export { ledgerPage, verificationPage } from "./report/verification.ts";
export {
  atr,
  bollinger,
  daily,
  ema,
  type Feature,
  h4,
  momentum,
  rollingStd,
  rsi,
  sma,
  trading,
  trueRange,
} from "./features/mod.ts";
export { defineModel, each, type Model, type Target, type Targets } from "./models/model.ts";
export { examineLeaks } from "./app/leak_corpus.ts";
export { MODELS } from "./models/mod.ts";
export {
  cagr,
  conditionalValueAtRisk,
  sharpe,
  simpleReturns,
  sortino,
  valueAtRisk,
} from "./stats/metrics.ts";
export { maxDrawdown } from "./stats/drawdown.ts";
export { stationaryBlockLength } from "./stats/block_length.ts";
export { stationaryBootstrap } from "./stats/bootstrap.ts";
export { permutationTest } from "./stats/permutation.ts";
export {
  deflatedSharpe,
  minTrackRecordLength,
  probabilisticSharpe,
  probabilityOfBacktestOverfitting,
} from "./stats/overfitting.ts";
export { paretoFront } from "./stats/pareto.ts";
export {
  type CostEstimate,
  estimateCosts,
  type PricedFill,
  shrunkBps,
} from "./stats/cost_estimate.ts";
export { detectableSharpe, powerOfTest } from "./stats/power.ts";
export { superiorPredictiveAbility } from "./stats/superior_ability.ts";
export { combinatorialPurged, purgedKFold } from "./learn/splits.ts";
export { walkForwardWindows } from "./learn/walk_forward.ts";
