import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { assignmentCheck, loadConfig, type LoadedSearch, loadSearch } from "../../config/mod.ts";
import { MODELS } from "../../models/mod.ts";
import { REGIME_KEYS } from "../../regime/mod.ts";
import type { Batch } from "./batch.ts";
import { search } from "./search.ts";

const FOLDER = fileURLToPath(new URL("../../../configs/experiments/", import.meta.url));
const known = { models: MODELS, regimeKeys: REGIME_KEYS };

/** Files beside the experiments that search nothing. */
const SINGLE_RUNS: readonly string[] = ["moving_average_cross", "oracle_w1"];

async function ready(name: string): Promise<LoadedSearch & { readonly first: Batch }> {
  const loaded = await loadSearch([`${FOLDER}${name}.yaml`], known);
  const check = assignmentCheck(loaded.config, loaded.space, known);
  const accepts = (assignment: Parameters<typeof check>[0]) => check(assignment) === undefined;
  return { ...loaded, first: search(loaded.space, loaded.search, { accepts }).next().value! };
}

Deno.test("FR-049 each ready experiment is named as its file and has the trials it is known for", async () => {
  const trials: Record<string, number> = {};
  const files = (await readdir(FOLDER)).sort();
  for (const name of files.map((file) => file.replace(".yaml", ""))) {
    if (SINGLE_RUNS.includes(name)) continue;
    const { search, first } = await ready(name);
    strictEqual(search.name, name);
    ok(search.description !== null);
    trials[name] = first.count;
  }
  deepStrictEqual(trials, {
    base_portfolio_grid: 100,
    exp_001_equity_trend_grid: 60,
    exp_002_mean_reversion_random: 100,
    exp_003_crypto_momentum_ea: 20,
    oracle_w3_100: 100,
    oracle_w3_10k: 10_000,
    walk_forward_equity_trend: 24,
  });
});

Deno.test("FR-045 the sweeps of the oracle are oracle_w1 for the pairs that define them", async () => {
  const { experiment: _, ...w1 } = await loadConfig([`${FOLDER}oracle_w1.yaml`], known);
  for (
    const [name, first, last] of [
      ["oracle_w3_100", [5, 60], [50, 240]],
      ["oracle_w3_10k", [2, 105], [101, 600]],
    ] as const
  ) {
    const { config, first: batch, search } = await ready(name);
    const { experiment: __, ...own } = config;
    deepStrictEqual(own, w1);
    deepStrictEqual([batch.at(0), batch.at(batch.count - 1)], [first, last]);
    deepStrictEqual([search.optimization.metric, search.optimization.save_top_n], ["final_nav", 1]);
  }
});

Deno.test("FR-045 the base portfolio's own values are the first of its grid", async () => {
  const { config } = await ready("base_portfolio_grid");
  const { experiment: _, ...own } = config;
  const { experiment: __, ...base } = await loadConfig([], known);
  deepStrictEqual(own, base);
});

Deno.test("FR-048 the ready experiments for a model run it alone", async () => {
  for (
    const [name, model] of [
      ["exp_001_equity_trend_grid", "EquityTrendModel_v1"],
      ["exp_002_mean_reversion_random", "IndexMeanReversionModel_v1"],
      ["exp_003_crypto_momentum_ea", "CryptoMomentumModel_v1"],
      ["walk_forward_equity_trend", "EquityTrendModel_v1"],
    ] as const
  ) {
    const { config, space, search } = await ready(name);
    deepStrictEqual(Object.keys(config.models), [model]);
    strictEqual(search.target_model, model);
    ok(space.dimensions.every(({ path }) => path.startsWith(`models.${model}.parameters.`)));
  }
});
