import { type Markup, markup } from "./markup.ts";

/** A word and what it means. */
export type Term = readonly [term: string, meaning: string];

const TERMS: readonly Term[] = [
  ["NAV", "Net asset value: cash and everything held at its last known price."],
  ["CAGR", "The yearly growth that leads from the first NAV to the last, years of 365.25 days."],
  ["Volatility", "Sample deviation of daily returns, scaled to a year."],
  [
    "Sharpe ratio",
    "Mean daily return ÷ deviation of daily returns, scaled to a year; no risk-free rate is taken off unless said.",
  ],
  ["Sortino ratio", "As Sharpe, but only falls count as risk."],
  ["Calmar ratio", "CAGR ÷ largest drawdown."],
  [
    "Drawdown",
    "How far NAV lies below its highest value so far. The largest is taken over every decision, not only over days' ends.",
  ],
  [
    "VaR and CVaR, 95%",
    "The daily return that one day in twenty falls below, and the mean of those days.",
  ],
  ["Turnover", "Money traded ÷ 2 ÷ mean NAV, per year."],
  [
    "Round trip",
    "Buying and selling the same units, first in, first out, after costs. The profit factor is all gains ÷ all losses.",
  ],
  [
    "BPS",
    "A score: 0.4 × Sharpe + 0.3 × CAGR + 0.2 × share of winning round trips − 0.1 × largest drawdown.",
  ],
  [
    "Deflated Sharpe ratio",
    "Probability that the true Sharpe ratio exceeds what the best of all trials on record would show without skill. Trials are all that were ever asked for with a model and a symbol in common with this run, in any timeframe; 0.95 or more passes.",
  ],
  [
    "95% interval",
    "Where the figure lies in 95 of 100 histories drawn from blocks of the run's own days. A wide one says that there are few days to judge by.",
  ],
  [
    "p-value of the timing",
    "Share of histories with shuffled days on which the same decisions would have done at least as well.",
  ],
  [
    "Certificate",
    "The run was made again with its future cut off or spoilt; if nothing up to then changes, no decision has seen it.",
  ],
  [
    "Fill envelope",
    "The same decisions priced in other ways. An edge that only one way of filling shows is no edge.",
  ],
  [
    "Wish, target, order",
    "A model wishes for a share of its budget; budgets and risk rules make a target of it; the difference to what is held is the order.",
  ],
  [
    "Raw weight",
    "Share of its own budget that a model asks for. Weight before risk = raw weight × budget.",
  ],
  [
    "Adjusted price",
    "Price with dividends and splits put in from the asset's first bar on, so that later events never change it. Raw price = adjusted price ÷ A.",
  ],
  [
    "Sealed",
    "Plan, data and code decide the run's name; anybody who has them gets the same bytes.",
  ],
];

/** What the words mean, for readers from other trades. */
export function glossary(terms: readonly Term[] = TERMS): Markup {
  return markup`<dl class="terms">
${
    terms.map(([term, meaning]) =>
      markup`
        <div>
          <dt>${term}</dt>
          <dd>${meaning}</dd>
        </div>
      `
    )
  }</dl>`;
}
