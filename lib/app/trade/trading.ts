/** Everything that tasks need to trade; loaded by `openTrading`. */
export {
  acceptDrift,
  EMPTY_DUMP,
  lookAt,
  resumeHalt,
  showStatus,
  tradeOnce,
  type TradingOptions,
  type VisitReport,
} from "./paper.ts";
export { allowLive } from "./live.ts";
export { loadPaperPlan, momentOf, paperFiles, replayRange } from "./paper_task.ts";
export { paperRecords } from "./paper_records.ts";
export { replayPaper, type ReplayReport } from "./replay.ts";
export { accountVerdictPage, verifyAccountState } from "./verify_state.ts";
export { parity, type ParityOptions } from "../parity/parity.ts";
export { isExplained, writeParityReport } from "../parity/parity_report.ts";
export { runPaper } from "./run_paper.ts";
export { replayPage, statusPage, visitPage } from "./trading_pages.ts";
