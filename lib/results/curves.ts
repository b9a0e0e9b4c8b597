/** One value at every mark of the decision clock. */
export interface Curve {
  /** Shared with the record. */
  readonly times: Float64Array;
  readonly nav: Float64Array;
  /** Σ|position| ÷ NAV. */
  readonly grossExposure: Float64Array;
}

/** The whole account. */
export interface PortfolioCurve extends Curve {
  readonly cash: Float64Array;
  /** Σ position ÷ NAV; shorts count against longs. */
  readonly netExposure: Float64Array;
  /** Fall from the highest NAV so far, a fraction ≥ 0. */
  readonly drawdown: Float64Array;
}

/** One model: its NAV starts at its share of the account's and compounds its own returns. */
export interface ModelCurve extends Curve {
  readonly name: string;
  /** Money gained since the start. */
  readonly pnl: Float64Array;
  /** P&L since the mark before ÷ (budget × the account's NAV then); 0 at the first mark. */
  readonly returns: Float64Array;
}
