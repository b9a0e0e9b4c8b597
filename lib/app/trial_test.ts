import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { inTestFolder } from "../core/test_folder.ts";
import { ledgerKeyOfCard, openDatabase, type TrialRow } from "../results/mod.ts";
import { backtest } from "./backtest.ts";
import { familyOf } from "./family.ts";
import { tinyPlan, writeBtc, writeSpy } from "./test_market.ts";
import { databaseFile } from "./trial.ts";

const UNIVERSE = "models.MovingAverageCrossModel_v1.universe";

for (
  const [universe, dataSet] of [["BTC", "BTC h4"], ["SPY", "SPY h4"], ["SPY,BTC", "BTC,SPY h4"]]
) {
  Deno.test(`FR-049 a trial of ${universe} keeps what its deflated Sharpe ratio needs, the same when its run is found`, () =>
    inTestFolder(async (folder) => {
      await writeBtc(`${folder}data`);
      await writeSpy(`${folder}data`, ["h4", "daily"]);
      const loaded = await tinyPlan(`${folder}data`, { sets: [`${UNIVERSE}=[${universe}]`] });
      const request = { threads: 0, resultsRoot: `${folder}results` };
      const run = await backtest(loaded, request);
      strictEqual((await backtest(loaded, request)).origin, "found");
      const database = await openDatabase(databaseFile(request.resultsRoot));
      const [made, found] = database.listTrials();
      database.close();
      const numbers = ({ sharpe_per_day, days, skew, kurtosis }: TrialRow) => ({
        sharpe_per_day,
        days,
        skew,
        kurtosis,
      });
      const { portfolio, periods_per_year } = run.card.statistics;
      deepStrictEqual(numbers(made!), {
        sharpe_per_day: portfolio.sharpe! / Math.sqrt(periods_per_year),
        days: run.proofs.luck!.portfolio.days,
        skew: portfolio.skew,
        kurtosis: portfolio.kurtosis,
      });
      deepStrictEqual(numbers(found!), numbers(made!));
      deepStrictEqual([made!.status, found!.status], ["finished", "found"]);
      deepStrictEqual([made!.family, made!.data_set], ["MovingAverageCrossModel_v1", dataSet]);
      deepStrictEqual(ledgerKeyOfCard(run.card), familyOf(loaded.plan));
    }));
}
