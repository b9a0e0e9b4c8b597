import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { DAY_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { type Statistics, summarize } from "../stats/summary.ts";
import { briefTable, statisticsTable } from "./statistics_table.ts";

const start = parseDate("2024-01-01");

function statistics(nav: readonly number[], traded = false): Statistics {
  const times = Float64Array.from(nav, (_, day) => start + day * DAY_MS);
  const column = Float64Array.from(nav);
  const round = [
    { time: start, symbol: "BTC", quantity: 2, price: 25_000, fee: 50 },
    { time: start + 2 * DAY_MS, symbol: "BTC", quantity: -2, price: 26_000, fee: 52 },
  ];
  return summarize({
    times,
    nav: column,
    dailyTimes: times,
    dailyNav: column,
    grossExposure: column.map(() => traded ? 0.5 : 0),
    fills: traded ? round : [],
    fees: traded ? 102 : 0,
    slippage: traded ? 51 : 0,
    periodsPerYear: 365,
  });
}

const GOLDEN = `
                            Portfolio  EquityTrendModel_v1
----------------------------------------------------------
Period (UTC)
  First mark         2024-01-01 00:00     2024-01-01 00:00
  Last mark          2024-01-04 00:00     2024-01-02 00:00
  Calendar days                     3                    1
  Initial NAV              100,000.00                 1.00
  Final NAV                102,000.00                 1.00

Return
  Total return                  2.00%                0.00%
  CAGR                      1,014.48%                0.00%
  Best day                      2.51%                0.00%
  Worst day                    -1.49%                0.00%
  Best month                    2.00%                0.00%
  Worst month                   2.00%                0.00%
  Positive months              100.0%                 0.0%
  BPS                            5.80                    –
  BPS band                outstanding                    –

Risk
  Annual volatility            38.56%                    –
  Sharpe                         6.40                    –
  Sortino                       15.06                    –
  Calmar                       683.08                    –
  VaR 95%, day                 -1.24%                0.00%
  CVaR 95%, day                -1.49%                0.00%
  Skew                          -0.29                    –
  Kurtosis                       1.50                    –
  Time invested                100.0%                 0.0%
  Mean exposure                 50.0%                 0.0%
  Max exposure                  50.0%                 0.0%

Drawdown
  Max drawdown                  1.49%                0.00%
  Peak                     2024-01-02                    –
  Trough                   2024-01-03                    –
  Recovered                2024-01-04                    –
  Days                            2.0                  0.0
  Longest, days                   2.0                  0.0

Trading
  Fills                             2                    0
  Round trips                       1                    0
  Win rate                     100.0%                    –
  Profit factor                     –                    –
  Average win                   3.80%                    –
  Average loss                      –                    –
  Best trade                    3.80%                    –
  Worst trade                   3.80%                    –
  Days held, mean                 2.0                    –
  Turnover a year               61.71                 0.00

Costs
  Fees                         102.00                 0.00
  Slippage                      51.00                 0.00`.slice(1);

Deno.test("FR-061 the figures of portfolio and model stand side by side in groups", () => {
  const text = statisticsTable([
    { title: "Portfolio", statistics: statistics([100_000, 101_000, 99_500, 102_000], true) },
    { title: "EquityTrendModel_v1", statistics: statistics([1, 1]) },
  ]);
  strictEqual(text, GOLDEN);
});

Deno.test("FR-061 a portfolio and three models fit on 100 characters, in plain text", () => {
  const account = statistics([1.9e9, 2e9, 1.8e9, 1.9e9], true);
  const models = ["EquityTrendModel_v1", "IndexMeanReversionModel_v1", "CryptoMomentumModel_v1"];
  const columns = ["Portfolio", ...models].map((title) => ({ title, statistics: account }));
  const text = statisticsTable(columns);
  const lines = text.split("\n");
  ok(Math.max(...lines.map((line) => line.length)) <= 100);
  ok(lines.every((line) => line === line.trimEnd()));
  ok(/^[\n\x20-\x7e–]*$/.test(text));
  ok(text.includes("1,900,000,000.00"));
});

Deno.test("FR-059 a portfolio and four benchmarks fit on 100 characters, a dozen figures of each", () => {
  const account = statistics([1.9e7, 2e7, 1.8e7, 1.9e7], true);
  const titles = ["Portfolio", "Hold", "Cross 50/200", "Reversion", "SPY without limits"];
  const lines = briefTable(titles.map((title) => ({ title, statistics: account }))).split("\n");
  ok(lines.every((line) => line.length <= 100));
  const labels = lines.slice(lines.findIndex((line) => line.startsWith("-")) + 1)
    .map((line) => line.slice(0, 17).trimEnd());
  deepStrictEqual(labels, [
    ...["Final NAV", "Total return", "CAGR", "Annual volatility", "Sharpe", "Sortino"],
    ...["Max drawdown", "Worst month", "Mean exposure", "Fills", "Turnover a year", "Fees"],
    "Slippage",
  ]);
});

Deno.test("FR-061 every figure of a summary has its line", () => {
  const shown = new Set<string>();
  const record = new Proxy(statistics([1, 2, 1]), {
    get(target, key) {
      shown.add(String(key));
      return Reflect.get(target, key);
    },
  });
  statisticsTable([{ title: "Portfolio", statistics: record }]);
  for (const key of Object.keys(statistics([1]))) {
    ok(shown.has(key), key);
  }
});
