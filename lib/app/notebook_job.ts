import type { Config, LoadedSearch } from "../config/mod.ts";
import type { Dimension } from "../core/search_space.ts";
import type { Plan } from "../engine/plan.ts";
import type { BacktestOptions, Run } from "./backtest.ts";
import type { Experiment, OptimizeOptions } from "./optimize/optimize.ts";
import type { SearchProgress } from "./optimize/search_run.ts";

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

/** The same of a search. Its rules go along as they are written in the configuration. */
export interface SearchJob extends Omit<Job, "options"> {
  readonly dimensions: readonly Dimension[];
  readonly search: LoadedSearch["search"];
  readonly options: SearchJobOptions;
}

/** The options of a search that can be told to another process. */
export type SearchJobOptions = Pick<
  OptimizeOptions,
  "workers" | "force" | "resultsRoot" | "optimizedFolder"
>;

/** What ends a job without a result. */
export type JobFailure =
  | { readonly kind: "refused"; readonly message: string; readonly exitCode: 1 | 2 | 3 }
  | { readonly kind: "failed"; readonly message: string };

/** What the process of a backtest answers, one JSON document a line. */
export type JobNews =
  | { readonly kind: "progress"; readonly done: number; readonly count: number }
  | { readonly kind: "waiting" }
  | {
    readonly kind: "finished";
    readonly id: string;
    readonly origin: Run["origin"];
    readonly durationMs: number;
  }
  | JobFailure;

/** What the process of a search answers. */
export type SearchNews =
  | { readonly kind: "progress"; readonly progress: SearchProgress }
  | { readonly kind: "stage"; readonly stage: string }
  | { readonly kind: "waiting" }
  | (
    & { readonly kind: "finished" }
    & Pick<Experiment, "id" | "origin" | "durationMs" | "trialsMs" | "winnerFile">
  )
  | JobFailure;
