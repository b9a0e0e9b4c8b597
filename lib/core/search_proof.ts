/** What became of the winners of many sweeps, one a market. Counts are of sweeps. */
export interface WinnerCount {
  readonly sweeps: number;
  /** Winners by Sharpe ratio that pass the gate: deflated Sharpe and SPA test. */
  readonly passed: number;
  /** The same where the winner is the best by BPS. */
  readonly passed_by_bps: number;
  /** Winners by Sharpe ratio that pass one half of the gate, whatever the other says. */
  readonly passed_deflated: number;
  readonly passed_spa: number;
  /** Winners that look good undeflated: a probabilistic Sharpe ratio of 0.95 or more, as if nothing else had been tried. */
  readonly undeflated: number;
  /** Winners whose Sharpe ratio is above 1 a year. */
  readonly above_one: number;
  /** Mean of the winners' Sharpe ratios a year; null where no trial has one. */
  readonly mean_best_sharpe: number | null;
}

/** Sweeps over markets on which no rule can earn anything. */
export interface NullMarkets extends WinnerCount {
  /** `GARCH`, or the symbol whose history was sign-flipped. */
  readonly market: string;
  /** `garch_free` trades without costs, which hide luck: the hardest of them for a gate. */
  readonly kind: "garch" | "garch_free" | "sign_flipped";
}

/** Sweeps over markets with a planted edge. */
export interface EdgeMarkets extends WinnerCount {
  /** Sharpe ratio a year, before costs, of one who knows the hidden trend, is long while it rises and else holds cash. */
  readonly strength: number;
}

/** Whether the gate of a search takes luck for skill, and what it takes to find an edge. Plain JSON, the same for a seed. */
export interface SearchProof {
  readonly seed: number;
  /** Trials of each sweep. */
  readonly trials: number;
  /** Bars of each synthetic market. */
  readonly bars: number;
  /** Resamples of each SPA test. */
  readonly resamples: number;
  /** Share of winners on a market without an edge that may pass. */
  readonly limit: number;
  /** Whether no kind of such markets lets more than that pass, whether the best is chosen by Sharpe ratio or BPS. */
  readonly held: boolean;
  readonly nulls: readonly NullMarkets[];
  /** By rising strength. */
  readonly edges: readonly EdgeMarkets[];
}
