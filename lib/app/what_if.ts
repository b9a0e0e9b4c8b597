import { type Clock, systemClock } from "../core/clock.ts";
import { canonicalJson } from "../core/hash.ts";
import type { RunRecord } from "../core/run_record.ts";
import { loadConfig } from "../config/mod.ts";
import { execute } from "../engine/execute.ts";
import { declaredTimeframes } from "../engine/feature_shares.ts";
import { featureCache } from "../features/mod.ts";
import { MODELS } from "../models/mod.ts";
import { REGIME_KEYS } from "../regime/mod.ts";
import { showWhatIf, type WhatIfFigures } from "../report/notebook_what_if.ts";
import { deflate, deriveRun, openDatabase, type TrialResult, trialResult } from "../results/mod.ts";
import type { BacktestOptions } from "./backtest.ts";
import { cardPlan } from "./card_plan.ts";
import { codeFingerprint } from "./code_fingerprint.ts";
import { familyOf } from "./family.ts";
import { loadData, type LoadedData } from "./load_data.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { backtest, type ShownRun } from "./notebook_backtest.ts";
import { planOf } from "./plan_of.ts";
import { RESULTS_ROOT } from "./project.ts";
import { askedIdOf, runIdOf } from "./run_id.ts";
import { databaseFile } from "./trial.ts";

/** Changes by key path, spelled as for `--set`: `models.EquityTrendModel_v1.parameters.slow_ma_period`. */
export type Changes = Readonly<Record<string, unknown>>;

/** What came of a change. It shows itself beside the plan as loaded and the answer before. */
export interface WhatIfAnswer extends WhatIfFigures {
  /** Figures of the answer before, or of the plan as it was loaded. */
  readonly previous: WhatIfFigures;
  /** Wall time of the answer, in milliseconds. */
  readonly durationMs: number;
}

/** A plan that answers to changes within a moment: data, adjusted bars and features stay in memory. */
export interface WhatIf {
  /**
   * The plan as loaded with these changes, and no others. On record as a trial like any backtest; the run itself is not
   * stored. Refuses what `--set` would refuse.
   */
  (changes?: Changes): Promise<WhatIfAnswer>;
  /** Stores the last answer as a run, with its proofs. */
  keep(options?: BacktestOptions): Promise<ShownRun>;
}

/** How what-ifs are asked; none of it changes an answer. */
export interface WhatIfOptions {
  readonly resultsRoot?: string;
  readonly clock?: Clock;
}

/** Loads the data of a plan and computes it once, so that what is asked next is answered at once. */
export async function whatIf(
  loaded: LoadedPlan,
  { resultsRoot = RESULTS_ROOT, clock = systemClock }: WhatIfOptions = {},
): Promise<WhatIf> {
  const engine = warmEngine();
  let last = loaded;
  const computed = async (changes: Changes) => {
    const changed = await changedPlan(loaded, changes);
    const answer = await onTrial(changed, {
      ...{ root: resultsRoot, clock, engine, name: nameOf(changes) },
    });
    last = changed;
    return answer;
  };
  const base = await computed({});
  let previous = base;
  const ask = async (changes: Changes = {}): Promise<WhatIfAnswer> => {
    const begun = clock.elapsed();
    const figures = await computed(changes);
    const durationMs = clock.elapsed() - begun;
    const answer = { ...figures, previous, durationMs };
    previous = figures;
    return Object.assign(answer, showWhatIf({ ...answer, base }));
  };
  return Object.assign(ask, {
    keep: (options: BacktestOptions = {}) => backtest(last, { resultsRoot, ...options }),
  });
}

/** A loaded plan with changes laid over its configuration, refused like those of `--set`. */
export async function changedPlan(loaded: LoadedPlan, changes: Changes): Promise<LoadedPlan> {
  const defined = loaded.models.filter((model) => !MODELS.includes(model));
  const known = [...MODELS, ...defined];
  // The whole configuration goes through the same door as a flag would, so that every check is made again.
  const sets = [...Object.entries(loaded.config), ...Object.entries(changes)] // order: changes last
    .map(([path, value]) => `${path}=${JSON.stringify(value) ?? ""}`);
  const config = await loadConfig([], { base: [], models: known, regimeKeys: REGIME_KEYS, sets });
  const plan = planOf(config, known);
  const planned = new Set(plan.models.map(({ name }) => name));
  return { ...loaded, config, plan, models: known.filter(({ name }) => planned.has(name)) };
}

/** What a trial of a what-if needs. */
interface WhatIfTrial {
  readonly root: string;
  readonly clock: Clock;
  readonly engine: WarmEngine;
  readonly name: string;
}

/** Computes a plan under a trial row that is written first: what was tried counts, whether it is kept or not. */
async function onTrial(
  loaded: LoadedPlan,
  { root, clock, engine, name }: WhatIfTrial,
): Promise<WhatIfFigures> {
  const data = await engine.data(loaded);
  const code = await codeFingerprint();
  const id = loaded.sealed ? runIdOf(loaded, data, code) : askedIdOf(loaded, data, code);
  const database = await openDatabase(databaseFile(root));
  try {
    const experiment = loaded.config.experiment?.name ?? null;
    const key = familyOf(loaded.plan);
    const trial = database.beginTrial(id, { startedAt: clock.now(), experiment, ...key });
    const end = (status: "finished" | "failed", message: string, result?: TrialResult) =>
      database.finishTrial(trial, { status, finishedAt: clock.now(), message, result });
    try {
      const record = engine.run(loaded, data);
      const derived = deriveRun(record);
      const { portfolio, statistics } = derived;
      const result = trialResult(record, derived);
      end("finished", NOT_STORED, result);
      const count = database.ledgerOf(key);
      const periodsPerYear = statistics.periods_per_year;
      const deflated = deflate(result, { ...key, count, periodsPerYear });
      const { times, nav } = portfolio;
      const plan = cardPlan(loaded.plan);
      return {
        id,
        name,
        plan,
        statistics: statistics.portfolio,
        deflated,
        nav: { times, values: nav },
      };
    } catch (error) {
      end("failed", String(error instanceof Error ? error.message : error).split("\n")[0]!);
      throw error;
    }
  } finally {
    database.close();
  }
}

/** Why there is no run of a finished trial. */
const NOT_STORED = "what-if: its run was not stored";

interface WarmEngine {
  data(loaded: LoadedPlan): Promise<LoadedData>;
  run(loaded: LoadedPlan, data: LoadedData): RunRecord;
}

function warmEngine(): WarmEngine {
  const cache = featureCache();
  const loads = new Map<string, Promise<LoadedData>>();
  return {
    data(loaded) {
      const { plan, models } = loaded;
      // What decides which rows are read, and so what can be kept.
      const { timeframe, start, end, maxGapBars, assets } = plan;
      const universes = plan.models.map(({ name, universe }) => [name, universe]);
      const declared = declaredTimeframes(plan, { models });
      const key = canonicalJson({
        ...{ timeframe, start, end, maxGapBars, assets, universes, declared },
        root: loaded.dataRoot,
      });
      const data = loads.get(key) ?? loadData(loaded, () => declared);
      loads.set(key, data);
      data.catch(() => loads.delete(key));
      return data;
    },
    run: ({ plan, models }, { assets, regimes }) =>
      execute({ plan, data: assets, regimes: regimes.data, benchmarks: false }, models, { cache }),
  };
}

/** `slow_ma_period 150`: what a curve is called. */
function nameOf(changes: Changes): string {
  const parts = Object.entries(changes).map(([path, value]) =>
    // order: as the caller writes them
    `${path.split(".").at(-1)} ${typeof value === "string" ? value : JSON.stringify(value)}`
  );
  return parts.length === 0 ? "as loaded" : parts.join(", ");
}
