import type { Objective } from "../core/experiment.ts";
import { TRIAL_FIGURES, type TrialFigure } from "../core/trial_figures.ts";
import { formatNumber, formatPercent } from "./format.ts";

interface FigureStyle {
  readonly title: string;
  readonly unit: "share" | "ratio" | "count" | "money";
}

const STYLES: Readonly<Record<TrialFigure, FigureStyle>> = {
  final_nav: { title: "final NAV", unit: "money" },
  total_return: { title: "total return", unit: "share" },
  cagr: { title: "CAGR", unit: "share" },
  annual_volatility: { title: "volatility", unit: "share" },
  sharpe: { title: "Sharpe", unit: "ratio" },
  sortino: { title: "Sortino", unit: "ratio" },
  calmar: { title: "Calmar", unit: "ratio" },
  max_drawdown: { title: "max drawdown", unit: "share" },
  win_rate: { title: "win rate", unit: "share" },
  profit_factor: { title: "profit factor", unit: "ratio" },
  turnover: { title: "turnover a year", unit: "ratio" },
  fills: { title: "fills", unit: "count" },
  round_trips: { title: "round trips", unit: "count" },
  fees: { title: "fees", unit: "money" },
  slippage: { title: "slippage", unit: "money" },
  bps: { title: "BPS", unit: "ratio" },
  skew: { title: "skew", unit: "ratio" },
  kurtosis: { title: "kurtosis", unit: "ratio" },
  days: { title: "days", unit: "count" },
  bar_sharpe: { title: "Sharpe by bar", unit: "ratio" },
};

/** What readers call a figure of a trial, in running text. */
export function figureTitle(figure: TrialFigure): string {
  return STYLES[figure].title;
}

/** What readers call an objective: a figure's title, or the mix as it was written. */
export function objectiveTitle({ name }: Objective): string {
  const figure = TRIAL_FIGURES.find((figure) => figure === name);
  return figure === undefined ? name : figureTitle(figure);
}

/** A title at the beginning of a sentence. */
export function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Whether a figure is a fraction that is shown as per cent. */
export function isShare(figure: TrialFigure): boolean {
  return STYLES[figure].unit === "share";
}

/** A figure of a trial as text; "–" where it is undefined. */
export function figureText(figure: TrialFigure, value: number | null): string {
  switch (STYLES[figure].unit) {
    case "share":
      return formatPercent(value, 1);
    case "ratio":
      return formatNumber(value);
    case "count":
    case "money":
      return formatNumber(value, 0);
  }
}
