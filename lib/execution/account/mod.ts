export {
  type Account,
  type AccountDump,
  type AccountOptions,
  type AccountPeek,
  type AccountStatus,
  type Audit,
  openAccount,
  peekAccount,
  stateFile,
} from "./account.ts";
export { type Lease, takeLease } from "./account_lock.ts";
export type { Execution } from "./carry_out.ts";
export { clientOrderId, isOurId, type OrderLeg, type OrderPurpose } from "./client_order_id.ts";
export type { AccountDecision } from "./decide.ts";
export { DEFAULT_TIMING, type Timing, type TradingLimits } from "./desk.ts";
export { allJournals, fileJournal } from "./journal.ts";
export {
  cancelOurOrders,
  type CancelReport,
  isFlattening,
  isKilled,
  type KillOrder,
  killOrder,
  recordKill,
  releaseKillSwitch,
  throwKillSwitch,
} from "./kill_switch.ts";
export { isTerminal, type OrderState } from "./order_machine.ts";
export type { Difference } from "./reconcile.ts";
export { type HashedEvent, readLinks } from "./read_links.ts";
export type { Recovery } from "./recover.ts";
export { readAccountEvents } from "./read_events.ts";
export { type Redact, redactor } from "./redact.ts";
export type { LinkedEvent } from "./state_database.ts";
export type { DecisionMemory, StateEvent } from "./state_events.ts";
export type { ChainHead } from "./state_chain.ts";
export type { Adoption, Block, Intent, Mark, StoredDecision } from "./state_rows.ts";
export { type AccountVerdict, verifyAccount } from "./verify.ts";
