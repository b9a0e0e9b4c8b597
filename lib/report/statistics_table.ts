import type { Interval, LuckFigures } from "../core/proofs.ts";
import type { Statistics } from "../stats/summary.ts";
import {
  formatDate,
  formatMinute,
  formatMoney,
  formatNumber,
  formatPercent,
  NOTHING,
} from "./format.ts";
import { formatTable, wrapName } from "./table.ts";

/** Statistics, or the differences of two: there any figure may be missing. */
export type Figures = { readonly [Name in keyof Statistics]: Statistics[Name] | null };

/** One column of figures: the portfolio, a model, a benchmark, or a difference. */
export interface StatisticsColumn {
  readonly title: string;
  readonly statistics: Figures;
  /** What chance makes of them; the lines about it are there when any column has it. */
  readonly luck?: LuckFigures | undefined;
}

type Line = readonly [label: string, show: (figures: Figures) => string];

/** A line about chance: it stands below the line `after`, or at the end of its group. */
interface LuckLine {
  readonly label: string;
  readonly after?: string;
  show(luck: LuckFigures): string;
}

const PAGE_WIDTH = 100;
const NARROWEST_COLUMN = 12;

const GROUPS: readonly { readonly title: string; readonly lines: readonly Line[] }[] = [
  {
    title: "Period (UTC)",
    lines: [
      ["First mark", (s) => formatMinute(s.start)],
      ["Last mark", (s) => formatMinute(s.end)],
      ["Calendar days", (s) => formatNumber(s.days, 0)],
      ["Initial NAV", (s) => formatMoney(s.initial_nav)],
      ["Final NAV", (s) => formatMoney(s.final_nav)],
    ],
  },
  {
    title: "Return",
    lines: [
      ["Total return", (s) => formatPercent(s.total_return)],
      ["CAGR", (s) => formatPercent(s.cagr)],
      ["Best day", (s) => formatPercent(s.best_day)],
      ["Worst day", (s) => formatPercent(s.worst_day)],
      ["Best month", (s) => formatPercent(s.best_month)],
      ["Worst month", (s) => formatPercent(s.worst_month)],
      ["Positive months", (s) => formatPercent(s.positive_months, 1)],
      ["BPS", (s) => formatNumber(s.bps)],
      ["BPS band", (s) => s.bps_band ?? NOTHING],
    ],
  },
  {
    title: "Risk",
    lines: [
      ["Annual volatility", (s) => formatPercent(s.annual_volatility)],
      ["Sharpe", (s) => formatNumber(s.sharpe)],
      ["Sortino", (s) => formatNumber(s.sortino)],
      ["Calmar", (s) => formatNumber(s.calmar)],
      ["VaR 95%, day", (s) => formatPercent(s.var_95)],
      ["CVaR 95%, day", (s) => formatPercent(s.cvar_95)],
      ["Skew", (s) => formatNumber(s.skew)],
      ["Kurtosis", (s) => formatNumber(s.kurtosis)],
      ["Time invested", (s) => formatPercent(s.exposure_time, 1)],
      ["Mean exposure", (s) => formatPercent(s.mean_gross_exposure, 1)],
      ["Max exposure", (s) => formatPercent(s.max_gross_exposure, 1)],
    ],
  },
  {
    title: "Drawdown",
    lines: [
      ["Max drawdown", (s) => formatPercent(s.max_drawdown)],
      ["Peak", (s) => formatDate(s.max_drawdown_start)],
      ["Trough", (s) => formatDate(s.max_drawdown_trough)],
      ["Recovered", (s) => formatDate(s.max_drawdown_end)],
      ["Days", (s) => formatNumber(s.max_drawdown_days, 1)],
      ["Longest, days", (s) => formatNumber(s.longest_drawdown_days, 1)],
    ],
  },
  {
    title: "Trading",
    lines: [
      ["Fills", (s) => formatNumber(s.fills, 0)],
      ["Round trips", (s) => formatNumber(s.round_trips, 0)],
      ["Win rate", (s) => formatPercent(s.win_rate, 1)],
      ["Profit factor", (s) => formatNumber(s.profit_factor)],
      ["Average win", (s) => formatPercent(s.average_win)],
      ["Average loss", (s) => formatPercent(s.average_loss)],
      ["Best trade", (s) => formatPercent(s.best_trade)],
      ["Worst trade", (s) => formatPercent(s.worst_trade)],
      ["Days held, mean", (s) => formatNumber(s.average_holding_days, 1)],
      ["Turnover a year", (s) => formatNumber(s.turnover)],
    ],
  },
  {
    title: "Costs",
    lines: [
      ["Fees", (s) => formatMoney(s.fees)],
      ["Slippage", (s) => formatMoney(s.slippage)],
    ],
  },
];

const LUCK_LINES: readonly LuckLine[] = [
  { after: "CAGR", label: "  95% interval", show: ({ cagr }) => formatShares(cagr) },
  { after: "Sharpe", label: "  95% interval", show: ({ sharpe }) => formatNumbers(sharpe) },
  {
    after: "Max drawdown",
    label: "  95% interval, daily",
    show: ({ max_drawdown }) => formatShares(max_drawdown),
  },
  {
    label: "Sharpe, shuffled days",
    show: ({ permutation }) => formatNumber(permutation?.shuffled_mean ?? null),
  },
  {
    label: "p-value of the timing",
    show: ({ permutation }) => formatNumber(permutation?.p_value ?? null, 3),
  },
  {
    label: "Median drawdown",
    show: ({ drawdown_quantiles }) => formatPercent(drawdown_quantiles.p50),
  },
  {
    label: "Drawdown in 1 of 20",
    show: ({ drawdown_quantiles }) => formatPercent(drawdown_quantiles.p95),
  },
  {
    label: "Days to tell it from 0",
    show: ({ min_track_record_days: needed, days }) =>
      needed === null ? NOTHING : `${formatNumber(needed, 0)} of ${formatNumber(days, 0)}`,
  },
];

function formatNumbers({ low, high }: Interval): string {
  return low === null || high === null
    ? NOTHING
    : `${formatNumber(low, 1)} to ${formatNumber(high, 1)}`;
}

function formatShares({ low, high }: Interval): string {
  return low === null || high === null
    ? NOTHING
    : `${formatPercent(low, 1)} to ${formatPercent(high, 1)}`;
}

/**
 * The figures of several accounts side by side, grouped; at most 100 characters wide for four
 * columns.
 */
export function statisticsTable(
  columns: readonly StatisticsColumn[],
  options: { readonly colour?: boolean } = {},
): string {
  const chance = columns.some(({ luck }) => luck) ? LUCK_LINES : [];
  const row = (label: string, show: (column: StatisticsColumn) => string) => [
    `  ${label}`,
    ...columns.map(show),
  ];
  const luckRows = (after: string | undefined) =>
    chance.filter((line) => line.after === after)
      .map(({ label, show }) => row(label, ({ luck }) => luck ? show(luck) : NOTHING));
  const groups = GROUPS.map(({ title, lines }) => [
    [title],
    ...lines.flatMap(([label, show]) => [
      row(label, ({ statistics }) => show(statistics)),
      ...luckRows(label),
    ]),
  ]);
  if (chance.length > 0) groups.push([["Chance"], ...luckRows(undefined)]);
  const rows = groups.flatMap((lines, group) => group === 0 ? lines : [[], ...lines]);
  const header = ["", ...columns.map(({ title }) => wrapName(title, columnWidth(columns.length)))];
  return formatTable(rows, { header, ...options });
}

/** The lines of `briefTable`. */
const BRIEF = [
  "Final NAV",
  "Total return",
  "CAGR",
  "Annual volatility",
  "Sharpe",
  "Sortino",
  "Max drawdown",
  "Worst month",
  "Mean exposure",
  "Fills",
  "Turnover a year",
  "Fees",
  "Slippage",
];

/** The figures that tell most, without groups: for accounts that stand beside the main one. */
export function briefTable(columns: readonly StatisticsColumn[]): string {
  const lines = GROUPS.flatMap(({ lines }) => lines);
  const rows = lines.filter(([label]) => BRIEF.includes(label))
    .sort(([a], [b]) => BRIEF.indexOf(a) - BRIEF.indexOf(b))
    .map(([label, show]) => [label, ...columns.map(({ statistics }) => show(statistics))]);
  const header = ["", ...columns.map(({ title }) => wrapName(title, columnWidth(columns.length)))];
  return formatTable(rows, { header });
}

function columnWidth(columns: number): number {
  const labels = GROUPS.flatMap(({ lines }) => lines.map(([label]) => label.length + 2));
  const share = Math.floor((PAGE_WIDTH - Math.max(...labels)) / Math.max(1, columns)) - 2;
  return Math.max(NARROWEST_COLUMN, share);
}
