import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { trialRunner } from "../../engine/sweep/runner.ts";
import { probabilityOfBacktestOverfitting } from "../../stats/backtest_overfitting.ts";
import { sharpe } from "../../stats/metrics.ts";
import { superiorPredictiveAbility } from "../../stats/superior_ability.ts";
import { loadData } from "../load_data.ts";
import { openExperiment } from "./experiments.ts";
import { inMarket, oneCross, PAIRS } from "./test_searches.ts";
import { trialMaker } from "./trial_maker.ts";

Deno.test("FR-047 the tests over a search are those of its trials' own returns by the public functions", () =>
  inMarket(async ({ run, load, results }) => {
    const search = oneCross({ parameter_grid: PAIRS, seed: 42, optimization: { save_top_n: 0 } });
    const { card, trials } = await run(search);
    const experiment = await load(search);
    const { loaded } = experiment;
    const data = await loadData(loaded);
    const maker = trialMaker(experiment);
    const matrix = trials.map(({ values }) => {
      const runner = trialRunner({ data: data.assets, regimes: data.regimes.data }, loaded.models);
      const patch = maker.patch(values.map((value) => value!));
      return runner.run({ ...loaded.plan, ...patch }, { gear: "loop" }).returns;
    });
    const { trials: count, sharpe_variance, spa, pbo } = card.statistics!;
    strictEqual(count, 6);
    const ratios = matrix.map((returns) => sharpe(returns, { periodsPerYear: 1 })!);
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
    const variance = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / 5;
    ok(Math.abs(sharpe_variance! - variance) < 1e-12, `${sharpe_variance} for ${variance}`);
    const ability = superiorPredictiveAbility(matrix, {
      seed: 42,
      resamples: spa!.resamples,
      blockLength: spa!.block_days,
    });
    deepStrictEqual([spa!.consistent, spa!.lower, spa!.upper], [
      ability.consistent,
      ability.lower,
      ability.upper,
    ]);
    const freeLength = superiorPredictiveAbility(matrix, { seed: 42 }).blockLength;
    ok(Math.abs(spa!.block_days - freeLength) < 1e-9, `${spa!.block_days} for ${freeLength}`);
    const overfitting = probabilityOfBacktestOverfitting(matrix, { blocks: pbo!.blocks });
    strictEqual(pbo!.pbo, overfitting.pbo);
    const sorted = overfitting.logits.toSorted((a, b) => a - b);
    const [first, median, third] = pbo!.logit_quartiles!;
    ok(sorted[0]! <= first && first <= median && median <= third && third <= sorted.at(-1)!);
    // What the ledger makes of the winner rests on all six trials.
    const { deflated } = await openExperiment("tiny", { resultsRoot: results() });
    strictEqual(deflated!.trials, 6);
    ok(deflated!.deflatedSharpe! > 0 && deflated!.deflatedSharpe! < 1);
  }));

Deno.test("FR-047 ranges too short for a test have none, and the search ends all the same", () =>
  inMarket(async ({ run }) => {
    for (const [end, days] of [["2024-02-01", 1], ["2024-02-02", 2], ["2024-02-10", 10]] as const) {
      const search = oneCross({ parameter_grid: PAIRS, optimization: { save_top_n: 0 } }, {
        system: { start: "2024-02-01", end },
      });
      const { card, trials } = await run(search, { root: end });
      deepStrictEqual(trials.map(({ figures }) => figures.days), Array(6).fill(days));
      deepStrictEqual(card.statistics!.pbo, { pbo: null, blocks: 16, logit_quartiles: null });
      strictEqual(card.trials.finished, 6);
    }
  }));
