import type { Interval, LuckFigures, Proofs } from "../../core/proofs.ts";
import type { CardStatistics, RunCard } from "../../results/mod.ts";
import { formatMoney, formatNumber, formatPercent, NOTHING } from "../format.ts";
import { type Markup, markup } from "./markup.ts";

/** A column of figures: the portfolio, a model or a benchmark. */
interface Account {
  readonly title: string;
  readonly kind: "Portfolio" | "Model" | "Benchmark";
  readonly figures: CardStatistics;
  readonly luck?: LuckFigures | undefined;
}

interface Line {
  readonly label: string;
  /** The figure; what chance makes of the account is there where it was asked for. */
  show(figures: CardStatistics, luck: LuckFigures | undefined): string;
  /** The interval below it. */
  range?(luck: LuckFigures): string;
}

interface Group {
  readonly title: string;
  readonly lines: readonly Line[];
}

const percent = (value: number | null) => formatPercent(value);
const number = (value: number | null) => formatNumber(value);

/** What stands first: the whole result in six figures. */
export function keyFigures({ statistics }: RunCard, { luck }: Proofs): Markup {
  const { portfolio } = statistics;
  const tiles: readonly (readonly [string, string, string])[] = [
    [
      "Final NAV",
      formatMoney(portfolio.final_nav, 0),
      `from ${formatMoney(portfolio.initial_nav, 0)}`,
    ],
    ["Total return", percent(portfolio.total_return), `BPS ${number(portfolio.bps)}`],
    ["Return a year (CAGR)", percent(portfolio.cagr), rangeText(luck?.portfolio.cagr, shares)],
    [
      "Volatility a year",
      percent(portfolio.annual_volatility),
      `Sortino ${number(portfolio.sortino)}`,
    ],
    ["Sharpe ratio", number(portfolio.sharpe), rangeText(luck?.portfolio.sharpe, numbers)],
    [
      "Largest drawdown",
      percent(portfolio.max_drawdown),
      rangeText(luck?.portfolio.max_drawdown, shares),
    ],
  ];
  return markup`<dl class="keys">
${
    tiles.map(([label, value, range]) =>
      markup`
        <div>
          <dt>${label}</dt>
          <dd><span class="value">${value}</span><br><span class="range">${range}</span></dd>
        </div>
      `
    )
  }</dl>`;
}

/** Every account's figures side by side, the intervals below the estimates. */
export function figuresTable(card: RunCard, proofs: Proofs): Markup {
  const accounts = accountsOf(card, proofs);
  const row = (line: Line) =>
    markup`
      <tr><th scope="row">${line.label}</th>${
      accounts.map(({ figures, luck }) =>
        markup`<td>${line.show(figures, luck)}${
          line.range && luck ? markup`<small>${line.range(luck)}</small>` : ""
        }</td>`
      )
    }</tr>
    `;
  return markup`
    <div class="scroll figures">
      <table class="wide">
        <thead>
          <tr><th></th>${
    accounts.map(({ title, kind }) =>
      markup`<th scope="col">${broken(title)}<br><small>${
        kind === "Portfolio" ? "" : kind
      }</small></th>`
    )
  }</tr>
        </thead>
        <tbody>
    ${
    GROUPS.map(({ title, lines }) =>
      markup`
        <tr class="group">
          <th colspan="${accounts.length + 1}">${title}</th>
        </tr>
        ${lines.map(row)}
      `
    )
  }</tbody>
      </table>
    </div>
  `;
}

/** The name of a model with places at which it may break. */
export function broken(name: string): Markup {
  return markup`${
    name.split(/(?<=[a-z0-9])(?=[A-Z_])/).map((part, place) =>
      place === 0 ? part : markup`<wbr>${part}`
    )
  }`;
}

function accountsOf(
  { statistics, benchmarks = [] }: RunCard,
  { luck }: Proofs,
): readonly Account[] {
  return [
    {
      title: "Portfolio",
      kind: "Portfolio",
      figures: statistics.portfolio,
      luck: luck?.portfolio,
    },
    ...Object.entries(statistics.models).map(([title, figures]) => ({
      title,
      kind: "Model" as const,
      figures,
      luck: luck?.models[title],
    })),
    ...benchmarks.flatMap(({ name, title }) => {
      const figures = statistics.benchmarks?.[name];
      return figures ? [{ title, kind: "Benchmark" as const, figures }] : [];
    }),
  ];
}

const GROUPS: readonly Group[] = [
  {
    title: "Return",
    lines: [
      { label: "Final NAV", show: (s) => formatMoney(s.final_nav, 0) },
      { label: "Total return", show: (s) => percent(s.total_return) },
      { label: "CAGR", show: (s) => percent(s.cagr), range: ({ cagr }) => shares(cagr) },
      { label: "Best day", show: (s) => percent(s.best_day) },
      { label: "Worst day", show: (s) => percent(s.worst_day) },
      { label: "Best month", show: (s) => percent(s.best_month) },
      { label: "Worst month", show: (s) => percent(s.worst_month) },
      { label: "Months that gained", show: (s) => formatPercent(s.positive_months, 1) },
      { label: "BPS", show: (s) => number(s.bps) },
    ],
  },
  {
    title: "Risk",
    lines: [
      { label: "Volatility a year", show: (s) => percent(s.annual_volatility) },
      { label: "Sharpe", show: (s) => number(s.sharpe), range: ({ sharpe }) => numbers(sharpe) },
      { label: "Sortino", show: (s) => number(s.sortino) },
      { label: "Calmar", show: (s) => number(s.calmar) },
      {
        label: "Max drawdown",
        show: (s) => percent(s.max_drawdown),
        range: ({ max_drawdown }) => shares(max_drawdown),
      },
      { label: "Trough", show: (s) => s.max_drawdown_trough?.slice(0, 10) ?? NOTHING },
      { label: "Longest drawdown, days", show: (s) => formatNumber(s.longest_drawdown_days, 0) },
      { label: "VaR 95%, day", show: (s) => percent(s.var_95) },
      { label: "CVaR 95%, day", show: (s) => percent(s.cvar_95) },
      { label: "Skew", show: (s) => number(s.skew) },
      { label: "Kurtosis", show: (s) => number(s.kurtosis) },
    ],
  },
  {
    title: "Trading",
    lines: [
      { label: "Time invested", show: (s) => formatPercent(s.exposure_time, 1) },
      { label: "Mean exposure", show: (s) => formatPercent(s.mean_gross_exposure, 1) },
      { label: "Turnover a year", show: (s) => number(s.turnover) },
      { label: "Fills", show: (s) => formatNumber(s.fills, 0) },
      { label: "Round trips", show: (s) => formatNumber(s.round_trips, 0) },
      { label: "Round trips that won", show: (s) => formatPercent(s.win_rate, 1) },
      { label: "Profit factor", show: (s) => number(s.profit_factor) },
      { label: "Days held, mean", show: (s) => formatNumber(s.average_holding_days, 1) },
      { label: "Fees", show: (s) => formatMoney(s.fees, 0) },
      { label: "Slippage", show: (s) => formatMoney(s.slippage, 0) },
    ],
  },
  {
    title: "Chance",
    lines: [
      {
        label: "p-value of the timing",
        show: (_, luck) => luck ? formatNumber(luck.permutation?.p_value ?? null, 3) : "",
      },
      {
        label: "Drawdown to expect, 1 in 20",
        show: (_, luck) => luck ? percent(luck.drawdown_quantiles.p95) : "",
      },
      {
        label: "Days needed to tell Sharpe from 0",
        show: (_, luck) => luck ? formatNumber(luck.min_track_record_days, 0) : "",
      },
    ],
  },
];

function rangeText(interval: Interval | undefined, show: (interval: Interval) => string): string {
  const text = interval ? show(interval) : NOTHING;
  return text === NOTHING ? "no interval" : `95%: ${text}`;
}

/** `0.59 to 2.32`. */
export function numbers({ low, high }: Interval): string {
  return low === null || high === null ? NOTHING : `${formatNumber(low)} to ${formatNumber(high)}`;
}

function shares({ low, high }: Interval): string {
  return low === null || high === null
    ? NOTHING
    : `${formatPercent(low, 1)} to ${formatPercent(high, 1)}`;
}
