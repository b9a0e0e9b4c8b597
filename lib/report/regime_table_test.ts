import { ok, strictEqual } from "node:assert/strict";
import { deriveRun } from "../results/mod.ts";
import { fullRecord } from "../results/record_fixture.ts";
import { regimePage, regimeTable } from "./regime_table.ts";

const regimes = deriveRun(fullRecord()).statistics.regimes!;

const PORTFOLIO = `
Regime      Label      Days   Share  Return  Volatility  Sharpe  Max drawdown
-----------------------------------------------------------------------------
Equity      BULL          1   33.3%       –           –       –             –
            NEUTRAL       1   33.3%       –           –       –             –
            BEAR          1   33.3%       –           –       –             –
Volatility  LOW           3  100.0%   5.10%      32.68%   18.78         0.28%
            NORMAL        0    0.0%       –           –       –             –
            HIGH          0    0.0%       –           –       –             –
Crypto      RISK_ON       3  100.0%   5.10%      32.68%   18.78         0.28%
            RISK_OFF      0    0.0%       –           –       –             –
Macro       EXPANSION     0    0.0%       –           –       –             –
            SLOWDOWN      3  100.0%   5.10%      32.68%   18.78         0.28%
            RECESSION     0    0.0%       –           –       –             –`.slice(1);

Deno.test("FR-063 each label has its days beside its figures, and none where there are too few", () => {
  strictEqual(regimeTable(regimes, "portfolio"), PORTFOLIO);
});

Deno.test("FR-063 the page about regimes shows the portfolio, then each model", () => {
  const page = regimePage("0123", regimes);
  ok(page.startsWith(`Performance by regime in run 0123\n\nPortfolio\n\n${PORTFOLIO}\n\nA\n\n`));
  ok(page.endsWith(`\n\nB\n\n${regimeTable(regimes, "B")}`));
  ok(page.split("\n").every((line) => line.length <= 100));
});
