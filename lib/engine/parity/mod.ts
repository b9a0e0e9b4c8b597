export { type DecisionVerdict, explain, type ExplainedRung, type Explanation } from "./explain.ts";
export { centSteps, difference, inCents } from "./cents.ts";
export { climbLadder, type Ladder, type LadderClose } from "./ladder.ts";
export type { MarketData } from "./data_views.ts";
export { type RungId, RUNGS } from "./rungs.ts";
export type { LadderRequest } from "./scene.ts";
export {
  type JournalledDecision,
  type JournalledOrder,
  orderKey,
  type SessionJournal,
  sessionJournal,
} from "./session_journal.ts";
export { shortfallRows, shortfallTotals } from "./shortfall.ts";
