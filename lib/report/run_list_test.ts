import { strictEqual } from "node:assert/strict";
import type { Deflated, RunModelRow, RunRow } from "../results/mod.ts";
import { runListTable } from "./run_list.ts";

const model: RunModelRow = {
  ...{ model: "A_v1", version: "1.0.0", parameters: {}, total_return: null, cagr: null },
  ...{ sharpe: null, max_drawdown: null, win_rate: null, turnover: null, bps: null },
};

const run: RunRow = {
  data_root: null,
  ...{ run_id: "0123456789abcdef", name: "backtest", experiment: null, host: "", sealed: true },
  ...{ start: "2020-01-01", end: "2024-12-31", created_at: "2025-01-01T00:00:00.000Z" },
  ...{ duration_ms: 1, plan_hash: "", data_fingerprint: "", code_fingerprint: "", folder: "" },
  ...{ periods_per_year: 365, initial_nav: 100_000, final_nav: 249_615.264, total_return: 1.5 },
  ...{ cagr: 0.2007, annual_volatility: 0.1, sharpe: 1.549, sortino: 2, max_drawdown: 0.2208 },
  ...{ win_rate: 0.5, turnover: 2, trades: 1321, fees: 1, slippage: 1, bps: 0.8 },
  models: [model],
};

const deflated: Deflated = {
  ...{
    family: "A_v1",
    data_set: "BTC h4",
    trials: 1200,
    trials_with_sharpe: 1180,
    family_trials: 1200,
    days: 1827,
  },
  ...{ trial_sharpe_variance: 0.001, sharpe_per_day: 0.05, deflated_sharpe: 0.9499 },
  ...{ probabilistic_sharpe: 0.99, expected_best_sharpe: 0.4, min_track_record_days: 1850 },
  detectable_sharpe: 1.1,
};

const GOLDEN = `
Run               Name      Start       End          Final NAV    CAGR  Sharpe  Deflated  Trials  Max DD  Fills  Models
--------------------------------------------------------------------------------------------------------------------------------------
0123456789abcdef  backtest  2020-01-01  2024-12-31  249,615.26  20.07%    1.55      0.94   1,200  22.08%  1,321  A_v1@1.0.0
fedcba9876543210  flat      2020-01-01  2024-12-31           –       –       –         –       –   0.00%      0  A_v1@1.0.0 B_v2@2.1.0
`.slice(1, -1);

Deno.test("FR-064 runs stand side by side, one line each, in the order given, undefined figures as a dash", () => {
  const flat: RunRow = {
    ...run,
    ...{ run_id: "fedcba9876543210", name: "flat", final_nav: null, cagr: null, sharpe: null },
    ...{ max_drawdown: 0, trades: 0 },
    models: [model, { ...model, model: "B_v2", version: "2.1.0" }],
  };
  strictEqual(runListTable([{ ...run, deflated }, flat]), GOLDEN);
  strictEqual(runListTable([flat, { ...run, deflated }]).split("\n")[3], GOLDEN.split("\n")[2]);
});
