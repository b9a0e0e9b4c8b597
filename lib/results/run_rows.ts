import type { Millis } from "../core/bars.ts";
import type { RunCard } from "./run_card.ts";

/** What the record keeps of a run beside its card: wall time and names, which are no part of the run. */
export interface RunFacts {
  readonly card: RunCard;
  readonly folder: string;
  readonly name: string;
  readonly experiment: string | null;
  readonly createdAt: Millis;
  readonly durationMs: number;
  readonly host: string;
  /** Folder of the data it was made from: relative to the project where it lies inside, else absolute. */
  readonly dataRoot?: string;
  readonly models: readonly {
    readonly name: string;
    readonly version: string;
    readonly parameters: Readonly<Record<string, unknown>>;
  }[];
}

/** A run as it is listed; figures are fractions, undefined is null. */
export interface RunRow {
  readonly run_id: string;
  readonly name: string;
  readonly experiment: string | null;
  /** First and last date of the run, `YYYY-MM-DD`. */
  readonly start: string;
  readonly end: string;
  /** Wall time, ISO. */
  readonly created_at: string;
  readonly duration_ms: number;
  readonly host: string;
  readonly sealed: boolean;
  readonly plan_hash: string;
  readonly data_fingerprint: string;
  readonly code_fingerprint: string;
  readonly folder: string;
  readonly periods_per_year: number;
  readonly initial_nav: number | null;
  readonly final_nav: number | null;
  readonly total_return: number | null;
  readonly cagr: number | null;
  readonly annual_volatility: number | null;
  readonly sharpe: number | null;
  readonly sortino: number | null;
  readonly max_drawdown: number | null;
  readonly win_rate: number | null;
  readonly turnover: number | null;
  readonly trades: number;
  readonly fees: number | null;
  readonly slippage: number | null;
  readonly bps: number | null;
  /** As in `RunFacts`; null for a run filed before this was kept. */
  readonly data_root: string | null;
  readonly models: readonly RunModelRow[];
}

/** One model of a listed run. */
export interface RunModelRow {
  readonly model: string;
  readonly version: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly total_return: number | null;
  readonly cagr: number | null;
  readonly sharpe: number | null;
  readonly max_drawdown: number | null;
  readonly win_rate: number | null;
  readonly turnover: number | null;
  readonly bps: number | null;
}

/** Which runs to list; every part given must hold. */
export interface RunFilter {
  /** Runs made or found by a request of this experiment. */
  readonly experiment?: string;
  /** Wall time at which the run was made: from `since` on, before `until`. */
  readonly since?: Millis;
  readonly until?: Millis;
  /** `Name` or `Name@1.0.0`. */
  readonly model?: string;
}
