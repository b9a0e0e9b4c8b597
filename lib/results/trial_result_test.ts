import { deepStrictEqual } from "node:assert/strict";
import { TRIAL_FIGURES } from "../core/trial_figures.ts";
import { deriveRun } from "./derive.ts";
import { handMadeRecord } from "./record_fixture.ts";
import { ledgerKey, trialResult } from "./trial_result.ts";

Deno.test("FR-049 trials are counted under sorted models and symbols, and the timeframe", () => {
  const models = ["B", "A"];
  deepStrictEqual(ledgerKey({ models, symbols: ["SPY", "BTC", "ETH"], timeframe: "h4" }), {
    family: "A+B",
    dataSet: "BTC,ETH,SPY h4",
  });
  deepStrictEqual(models, ["B", "A"]);
});

Deno.test("FR-049 the figures of a trial are those of the account, in their order", () => {
  const record = handMadeRecord();
  const derived = deriveRun(record);
  const { portfolio } = derived.statistics;
  const { sharpe, days, skew, kurtosis, figures } = trialResult(record, derived);
  deepStrictEqual({ sharpe, days, skew, kurtosis }, {
    sharpe: portfolio.sharpe! / Math.sqrt(365),
    days: 3,
    skew: portfolio.skew,
    kurtosis: portfolio.kurtosis,
  });
  const expected = TRIAL_FIGURES.map((name) => {
    // Its marks are days: a bar is a day.
    if (name === "bar_sharpe") return portfolio.sharpe;
    return name === "days" ? 3 : portfolio[name] ?? NaN;
  });
  deepStrictEqual([...figures!], expected);
});
