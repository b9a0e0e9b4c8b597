/** Where one label ends and the next begins, and how long a value serves; spelled as in YAML. */
export interface RegimeRules {
  /** Periods in sessions. */
  readonly equity: { readonly average: number; readonly momentum: number };
  /** Thresholds in VIX points; `realised` is the number of daily returns that stand in for the VIX. */
  readonly volatility: { readonly low: number; readonly high: number; readonly realised: number };
  /** Periods in UTC days. */
  readonly crypto: { readonly average: number; readonly momentum: number };
  /** The PMI that growth must exceed, and the inverted slopes in a row that make a recession. */
  readonly macro: { readonly pmi: number; readonly inverted_observations: number };
  /**
   * What may be missed until the default takes over: sessions or hours without their bar, days since the next
   * release was due. A value always serves until the next one is due.
   */
  readonly holding: {
    readonly equity_sessions: number;
    readonly volatility_sessions: number;
    readonly crypto_hours: number;
    readonly macro_days: number;
  };
}

/** The rules of FR-033 to FR-036. */
export const DEFAULT_REGIME_RULES: RegimeRules = {
  equity: { average: 200, momentum: 126 },
  volatility: { low: 15, high: 25, realised: 20 },
  crypto: { average: 200, momentum: 60 },
  macro: { pmi: 50, inverted_observations: 20 },
  holding: { equity_sessions: 2, volatility_sessions: 2, crypto_hours: 48, macro_days: 45 },
};
