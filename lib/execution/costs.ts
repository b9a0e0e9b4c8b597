/** What trading one asset costs, as fractions (FR-040). */
export interface CostRates {
  /** Slippage of the price, always against us. */
  readonly slippage: number;
  /** Fee on the notional at the slipped price. */
  readonly fee: number;
}

/** Rates from basis points. */
export function costRates(bps: { fee_bps: number; slippage_bps: number }): CostRates {
  return { slippage: bps.slippage_bps / 10_000, fee: bps.fee_bps / 10_000 };
}

/** Price of a market order: a buy pays more than the market's price, a sell gets less. */
export function slippedPrice(price: number, quantity: number, rates: CostRates): number {
  return quantity > 0 ? price * (1 + rates.slippage) : price * (1 - rates.slippage);
}

/** Price at which a stop fills inside a bar that opened at `open`, before slippage; `quantity` is what is traded. */
export function stopFill(stop: number, open: number, quantity: number): number {
  // A gap over the stop fills at the open: the stop price was never traded.
  return quantity > 0 ? Math.max(stop, open) : Math.min(stop, open);
}

/** Whether a bar sets off the stop of an order for `quantity` (negative sells a long). */
export function stopHit(
  stop: number,
  bar: { high: number; low: number },
  quantity: number,
): boolean {
  return quantity > 0 ? bar.high >= stop : bar.low <= stop;
}

/** Price at which a limit order fills inside the bar, or NaN when the bar does not trade through it. */
export function limitFill(
  limit: number,
  bar: { open: number; high: number; low: number },
  quantity: number,
): number {
  if (quantity > 0) return bar.low < limit ? Math.min(bar.open, limit) : NaN;
  return bar.high > limit ? Math.max(bar.open, limit) : NaN;
}
