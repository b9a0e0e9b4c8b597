import { deepStrictEqual } from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Asset } from "../../core/asset.ts";
import type { Bars, Timeframe } from "../../core/bars.ts";
import { sha256 } from "../../core/hash.ts";
import { seededRandom } from "../../core/random.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { btc, described, spy } from "../../data/bar_fixtures.ts";
import { barFile, writeBars } from "../../data/mod.ts";
import { openDatabase, type TrialRow } from "../../results/mod.ts";
import { waves } from "../test_market.ts";
import { databaseFile } from "../trial.ts";
import { verifyLedger } from "../verify_ledger.ts";
import { type LoadedExperiment, loadExperiment } from "./load_experiment.ts";
import { type Experiment, optimize, type OptimizeOptions } from "./optimize.ts";

/** The model whose averages these searches set. */
export const CROSS = "MovingAverageCrossModel_v1";

const DIP = "IndexMeanReversionModel_v1";

/** Anything that a configuration file may say. */
export type Document = Readonly<Record<string, unknown>>;

const NO_LIMITS = {
  per_asset_cap: null,
  class_caps: { equity: null, crypto: null },
  max_leverage: null,
  max_net_leverage: null,
  per_trade_risk: null,
  drawdown_trigger: null,
  drawdown_recover: null,
  drawdown_halt: null,
};

/** A cross of averages on one coin for four weeks, with nothing that watches the account; `experiment` is the search. */
export function oneCross(experiment: Document, rest: Document = {}): Document {
  return {
    replace: ["models", "regime_budgets", "regime_limits"],
    experiment: { name: "tiny", target_model: CROSS, ...experiment },
    system: { start: "2024-02-01", end: "2024-02-28" },
    models: {
      [CROSS]: {
        version: "1.0.0",
        budget_fraction: 1,
        universe: ["BTC"],
        parameters: { fast_ma: 3, slow_ma: 8 },
      },
    },
    risk: NO_LIMITS,
    regime_budgets: {},
    regime_limits: {},
    ...rest,
  };
}

/** Six pairs of averages. */
export const PAIRS: Document = { fast_ma: [2, 3, 4], slow_ma: [7, 11] };

/** Two models on a coin and a fund, with the limits of the base: nothing of it can leave the event loop. */
export function twoModels(experiment: Document): Document {
  return oneCross(experiment, {
    models: {
      [CROSS]: {
        version: "1.0.0",
        budget_fraction: 0.5,
        universe: ["BTC", "SPY"],
        parameters: { fast_ma: 3, slow_ma: 8 },
      },
      [DIP]: {
        version: "1.0.0",
        budget_fraction: 0.5,
        universe: ["SPY"],
        parameters: { rsi_period: 2, rsi_oversold: 45, bb_period: 5, bb_std: 0.3, weight: 0.5 },
      },
    },
    risk: { drawdown_trigger: 0.01, drawdown_recover: 0.005, drawdown_halt: 0.9 },
  });
}

/** Bars whose closes go up and down by chance; `until` and the seed decide all of it. */
export function wandering(asset: Asset, timeframe: Timeframe, seed = "a"): Bars {
  const bars = waves(asset, timeframe);
  const random = seededRandom(`${asset.symbol} ${timeframe} ${seed}`);
  let price = 100;
  const close = bars.close.map(() => price *= 1 + 0.04 * (random.next() - 0.495));
  const open = close.map((_, row) => row === 0 ? 100 : close[row - 1]!);
  return {
    ...bars,
    open,
    close,
    high: open.map((value, row) => Math.max(value, close[row]!) * 1.001),
    low: open.map((value, row) => Math.min(value, close[row]!) * 0.999),
  };
}

/** Writes two months of BTC and SPY under a data root. */
export async function writeMarket(root: string): Promise<void> {
  for (const asset of [btc, spy]) {
    for (const timeframe of ["h4", "daily"] as const) {
      const bars = wandering(asset, timeframe);
      await writeBars(barFile(root, asset, timeframe), bars, described(asset));
    }
  }
}

/** Folders of a test's own, and searches on them. */
export interface Searches {
  /** Ends in "/". */
  readonly folder: string;
  readonly dataRoot: string;
  load(document: Document, sets?: readonly string[]): Promise<LoadedExperiment>;
  /** Runs a search with two workers, unless the options say otherwise; `root` names a folder of results. */
  run(
    document: Document,
    options?: OptimizeOptions & { readonly root?: string },
  ): Promise<Experiment>;
  results(root?: string): string;
  trials(root?: string): Promise<readonly TrialRow[]>;
}

/** Lends a test such folders with two months of BTC and SPY. */
export async function inMarket(action: (searches: Searches) => Promise<void>): Promise<void> {
  await inTestFolder(async (folder) => {
    const dataRoot = `${folder}data`;
    await writeMarket(dataRoot);
    let files = 0;
    const load = async (document: Document, sets: readonly string[] = []) => {
      const file = `${folder}${++files}.yaml`;
      await writeFile(file, JSON.stringify(document));
      return await loadExperiment(file, { sets: [`data.root=${dataRoot}`, ...sets] });
    };
    const results = (root = "results") => `${folder}${root}`;
    await action({
      folder,
      dataRoot,
      load,
      results,
      async run(document, { root, ...options } = {}) {
        return await optimize(await load(document), {
          workers: 2,
          resultsRoot: results(root),
          optimizedFolder: `${results(root)}/optimized`,
          ...options,
        });
      },
      trials: async (root) => await trialsIn(results(root)),
    });
  });
}

/** Trials on record, oldest first. */
export async function trialsIn(resultsRoot: string): Promise<readonly TrialRow[]> {
  const database = await openDatabase(databaseFile(resultsRoot));
  try {
    return database.listTrials({});
  } finally {
    database.close();
  }
}

/** SHA-256 of each file of an experiment. */
export async function hashesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder)).sort();
  const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
  return Object.fromEntries(names.map((name, i) => [name, sha256(files[i]!)]));
}

/** The record of trials is whole. */
export async function isIntact(resultsRoot: string): Promise<void> {
  const { findings } = await verifyLedger({ resultsRoot });
  deepStrictEqual(findings, []);
}
