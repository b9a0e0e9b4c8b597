import type { Term } from "./glossary.ts";

/** What the words on the page of an experiment mean. */
export const EXPERIMENT_TERMS: readonly Term[] = [
  [
    "Trial",
    "One backtest with one choice of parameters. It is on record before its result is seen.",
  ],
  ["Score", "The objective of the search, higher is better."],
  [
    "Gate",
    "A winner passes with a deflated Sharpe of 0.95 or more and an SPA p-value below 0.05. It says that luck of the search is an unlikely explanation, not that the edge will last.",
  ],
  [
    "Deflated Sharpe ratio",
    "Bailey and López de Prado (2014): probability that the winner is better than the best Sharpe that so many trials without an edge are expected to show, given the length, skew and kurtosis of its returns. Trials are counted by the ledger, from every door: all that have a model and a symbol in common with the winner, in any timeframe. Their Sharpe ratios count as t-statistics (Sharpe × √days), so that trials of any length are scaled to the winner's.",
  ],
  [
    "Best Sharpe by luck",
    "What the best of so many trials without any edge is expected to show. More trials, more luck.",
  ],
  [
    "SPA test",
    "Hansen (2005), superior predictive ability, studentised: how often the best of this sweep would look as good if none of its trials could beat cash, on histories drawn from blocks of days. The consistent p-value lies between a lower and an upper one. Against cash, what a rising market gives counts as an edge; against holding, the same test is made on what each trial gains beyond buying and holding the same assets.",
  ],
  [
    "PBO",
    "Bailey, Borwein, López de Prado and Zhu (2017): share of splits of history in which the trial that is best on one half falls below the median on the other. Shown with its spread, never a gate.",
  ],
  [
    "Minimum track record",
    "Days of returns after which a Sharpe ratio as high as the winner's could be told from the best by luck.",
  ],
  [
    "Detectable Sharpe",
    "The true Sharpe ratio that a search of this size over this much data would find more often than not.",
  ],
  [
    "Plateau",
    "Median score of the trials one step away in one parameter, those without a score being the worst. A lonely peak is more often luck than a broad hill: the winner is the trial with the highest of min(score, plateau), not of the score.",
  ],
  [
    "Walk-forward",
    "Parameters are chosen on one range, as the winner of the whole is, and traded on the next; the joined curve was seen by no choice.",
  ],
  [
    "Purge and embargo",
    "So many days on either side of a test range are left out of training (purge), and some more after it (embargo). Whether that was long enough is counted on every split: training days left in although what the winner held on them overlaps, from entry to exit, with what it held in the test.",
  ],
  [
    "Front",
    "Trials that no other trial beats in one objective while being as good in all others (Pareto).",
  ],
  ["Turnover", "Money traded ÷ 2 ÷ mean NAV, per year."],
  [
    "BPS",
    "A score: 0.4 × Sharpe + 0.3 × CAGR + 0.2 × share of winning round trips − 0.1 × largest drawdown.",
  ],
];
