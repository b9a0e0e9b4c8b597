import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { stat } from "node:fs/promises";
import { inTestFolder } from "../core/test_folder.ts";
import { deflatedSharpe } from "../stats/overfitting.ts";
import { backtest } from "./backtest.ts";
import { deflatedOnRecord } from "./deflated.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { listRuns, openRun } from "./runs.ts";
import { tinyPlan, writeBtc } from "./test_market.ts";
import { databaseFile } from "./trial.ts";
import { whatIf } from "./what_if.ts";

const SLOW = "models.MovingAverageCrossModel_v1.parameters.slow_ma";

async function inMarket(
  work: (plan: (slow: number) => Promise<LoadedPlan>, resultsRoot: string) => Promise<void>,
): Promise<void> {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const plan = (slow: number) => tinyPlan(`${folder}data`, { sets: [`${SLOW}=${slow}`] });
    await work(plan, `${folder}results`);
  });
}

Deno.test("FR-049 every door counts: backtests, requests that find their run, and what-ifs", () =>
  inMarket(async (plan, resultsRoot) => {
    const request = { threads: 0, resultsRoot, audit: false };
    const first = await backtest(await plan(8), request);
    strictEqual(first.deflated!.trials, 1);
    strictEqual((await backtest(await plan(8), request)).deflated!.trials, 1);
    strictEqual((await backtest(await plan(9), request)).deflated!.trials, 2);
    const ask = await whatIf(await plan(8), { resultsRoot });
    const answer = await ask({ [SLOW]: 10 });
    deepStrictEqual([answer.deflated!.trials, answer.deflated!.trials_with_sharpe], [3, 3]);
    const { deflated, card } = await openRun(first.id, { resultsRoot });
    strictEqual(deflated!.trials, 3);
    deepStrictEqual(await deflatedOnRecord(card, resultsRoot), deflated);
    const rows = await listRuns({}, { resultsRoot });
    deepStrictEqual(rows.find(({ run_id }) => run_id === first.id)!.deflated, deflated);
  }));

Deno.test("FR-049 the deflated Sharpe ratio of a run follows from its daily returns and those of all trials", () =>
  inMarket(async (plan, resultsRoot) => {
    const runs = [];
    for (const slow of [8, 9, 12, 15]) {
      runs.push(await backtest(await plan(slow), { threads: 0, resultsRoot, audit: false }));
    }
    const last = runs.at(-1)!;
    const ratios = runs.map(({ card: { statistics } }) =>
      statistics.portfolio.sharpe! / Math.sqrt(365)
    );
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
    const variance = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / 3;
    const { skew, kurtosis } = last.card.statistics.portfolio;
    const expected = deflatedSharpe({
      ...{ sharpe: ratios.at(-1)!, skew, kurtosis, periods: 15 },
      ...{ trials: 4, trialSharpeVariance: variance },
    });
    const { trials, days, deflated_sharpe } = last.deflated!;
    deepStrictEqual([trials, days], [4, 15]);
    ok(Math.abs(deflated_sharpe! - expected!) < 1e-12, `${deflated_sharpe} is not ${expected}`);
  }));

Deno.test("FR-049 asking where there is no ledger makes none", () =>
  inMarket(async (plan, resultsRoot) => {
    const { card } = await backtest(await plan(8), { threads: 0, resultsRoot, audit: false });
    const elsewhere = `${resultsRoot}-other`;
    strictEqual(await deflatedOnRecord(card, elsewhere), undefined);
    strictEqual(await stat(databaseFile(elsewhere)).catch(() => undefined), undefined);
  }));
