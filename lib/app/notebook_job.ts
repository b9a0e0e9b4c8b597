import type { Config } from "../config/mod.ts";
import type { Plan } from "../engine/plan.ts";
import type { BacktestOptions, Run } from "./backtest.ts";

/** What a notebook asks of the process that runs a backtest for it: one JSON document on its stdin. */
export interface Job {
  readonly config: Config;
  readonly plan: Plan;
  readonly dataRoot: string;
  readonly options: JobOptions;
}

/** The options that can be told to another process. */
export type JobOptions = Pick<
  BacktestOptions,
  "audit" | "proofs" | "force" | "mustBe" | "name" | "threads" | "resultsRoot"
>;

/** What that process answers, one JSON document a line. */
export type JobNews =
  | { readonly kind: "progress"; readonly done: number; readonly count: number }
  | { readonly kind: "waiting" }
  | {
    readonly kind: "finished";
    readonly id: string;
    readonly origin: Run["origin"];
    readonly durationMs: number;
  }
  | { readonly kind: "refused"; readonly message: string; readonly exitCode: 1 | 2 | 3 }
  | { readonly kind: "failed"; readonly message: string };
