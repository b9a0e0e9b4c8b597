import type { RegimeFigures, RegimeState, RegimeStatistics } from "../results/mod.ts";
import { formatNumber, formatPercent } from "./format.ts";
import { formatTable } from "./table.ts";

/** How one account, the portfolio or the model of that name, did on the days of each label. */
export function regimeTable(regimes: RegimeStatistics, account: string): string {
  const figuresOf = ({ portfolio, models }: RegimeState): RegimeFigures =>
    account === "portfolio" ? portfolio : models[account]!;
  const rows = Object.entries(regimes).flatMap(([dimension, states]) =>
    Object.entries(states).map(([label, state], place) => {
      const { total_return, annual_volatility, sharpe, max_drawdown } = figuresOf(state);
      return [
        place === 0 ? capitalised(dimension) : "",
        label,
        formatNumber(state.days, 0),
        formatPercent(state.share_of_days, 1),
        formatPercent(total_return),
        formatPercent(annual_volatility),
        formatNumber(sharpe),
        formatPercent(max_drawdown),
      ];
    })
  );
  return formatTable(rows, {
    header: ["Regime", "Label", "Days", "Share", "Return", "Volatility", "Sharpe", "Max drawdown"],
    align: ["left", "left"],
  });
}

/** The page about a run's regimes: portfolio, then each model. A day belongs to the label in force at its start. */
export function regimePage(run: string, regimes: RegimeStatistics): string {
  const models = Object.keys(Object.values(regimes.equity)[0]?.models ?? {});
  return [
    `Performance by regime in run ${run}`,
    ...["portfolio", ...models].flatMap((account) => [
      "",
      account === "portfolio" ? "Portfolio" : account,
      "",
      regimeTable(regimes, account),
    ]),
  ].join("\n");
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
