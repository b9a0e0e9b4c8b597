import type { Millis } from "../../core/bars.ts";
import type { RiskMode } from "../../core/run_record.ts";
import type {
  AccountDump,
  AccountStatus,
  Audit,
  Difference,
  Execution,
  Recovery,
} from "../../execution/account/mod.ts";

/** What became of the decision for one close. */
export interface DecisionReport {
  /** The close, on the grid of the trading timeframe. */
  readonly barCloseTime: Millis;
  /** Made now or before, missed because it came too late, or not to be made as the account is not free to trade. */
  readonly status: "made" | "made_already" | "missed" | "held";
  readonly reason: string;
  readonly mode: RiskMode;
  /** Targets after risk as shares of NAV, by symbol. */
  readonly weights: Readonly<Record<string, number>>;
  /** NAV known then; null where nothing was decided. */
  readonly nav: number | null;
  /** By model and symbol, what risk left of its wishes. */
  readonly shares: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** One line each: data that came late or not at all. */
  readonly warnings: readonly string[];
}

/** What one visit to the account did. */
export interface StepReport {
  readonly at: Millis;
  /** Absent where only what waited was carried out. */
  readonly decision?: DecisionReport;
  readonly execution: Execution;
}

/** What a session shows of itself. */
export interface SessionStatus extends AccountStatus {
  readonly runs: "paper" | "live";
  readonly models: readonly string[];
  /** Models that are configured and not run, each with the reason in one line. */
  readonly leftOut: readonly string[];
  readonly riskMode: RiskMode;
  readonly peakNav: number | null;
  /** NAV at the newest mark; null before the first. */
  readonly nav: string | null;
  readonly next: Due;
}

/** Something that is to be done at a time. */
export interface Due {
  readonly at: Millis;
  readonly what: "decision" | "resume";
}

/** One account traded by one configuration. */
export interface TradingSession {
  /** Lock, chain, unresolved orders, drift: has to come first. */
  recover(): Promise<Recovery>;
  /** The decision for the newest close at or before `at`, unless it was made already; carries out what waits. */
  step(at: Millis, options?: StepOptions): Promise<StepReport>;
  /** Carries out what still waits for its market. */
  resume(at: Millis): Promise<StepReport>;
  /** Sells all when the kill switch says so. */
  flatten(): Promise<Execution>;
  /** Positions, NAV, last and next decision, working orders, drift, kill switch. */
  status(): SessionStatus;
  /** Writes NAV and holdings down. */
  mark(): Promise<void>;
  dump(): AccountDump;
  /** Takes holdings that our fills do not explain as they are; money that came or went shifts the peak. */
  acceptDrift(audit: Audit): Promise<readonly Difference[]>;
  /** Lets an account trade again that its drawdown has halted; the peak is set to NAV. */
  resumeHalt(audit: Audit): Promise<void>;
  /** The next close after `now`, or one minute after the next session open while an equity decision waits. */
  nextDue(now: Millis): Due;
  close(): Promise<void>;
}

/** What goes along with a step. */
export interface StepOptions {
  /** From the close on, how long the newest bar may take to be final; 5000 when left out. */
  readonly deadlineMs?: number;
  /** A close further back than this is not decided any more; 15 minutes when left out. */
  readonly maxLateMs?: number;
  readonly signal?: AbortSignal;
}
