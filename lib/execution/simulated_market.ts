import type { Asset } from "../core/asset.ts";
import type { Bars, Millis } from "../core/bars.ts";
import type { CostRates } from "./costs.ts";

/** One asset as the simulated venue trades it. */
export interface TradedAsset {
  readonly asset: Asset;
  /** Adjusted bars of the trading timeframe. */
  readonly bars: Bars;
  /** When trading in each bar can begin: the later of grid open and session open. */
  readonly tradableAt: Float64Array;
  /** Row of the bar that opens at or after each decision and before the next; -1 when none does. */
  readonly rowAt: Int32Array;
  /** Last close known at each decision; NaN before the first. */
  readonly closeAt: Float64Array;
  readonly rates: CostRates;
}

/** When orders fill: at the next bar's open, or at the close that the decision was made on. */
export type FillRule = "next_open" | "same_close";

/** What turns a weight into units: NAV and close at the decision, or NAV and price at the fill. */
export type SizingRule = "decision_price" | "fill_price";

/** Everything the simulated venue knows. It holds the future too; only the broker may see it. */
export interface SimulatedMarket {
  readonly assets: readonly TradedAsset[];
  readonly decisionTimes: Float64Array;
  readonly fill: FillRule;
  readonly sizing: SizingRule;
  readonly allowBorrowing: boolean;
  readonly allowShort: boolean;
}

/** Cash and units; written by the broker only. */
export interface SimulatedAccount {
  cash: number;
  readonly quantity: Float64Array;
  /** Last decision the broker has seen. */
  index: number;
}

/**
 * Row of the bar on which an order of decision `t` would fill, or -1 while the market is closed to it. At the close it
 * is the bar whose grid interval ended at the decision; where there is none, the next decision takes the order's place
 * when the next bar has closed.
 */
export function fillRow(market: SimulatedMarket, traded: TradedAsset, t: number): number {
  if (market.fill === "next_open") return traded.rowAt[t]!;
  return t === 0 ? -1 : traded.rowAt[t - 1]!;
}

/** Price before slippage at which an order fills on that bar. */
export function fillPrice(market: SimulatedMarket, traded: TradedAsset, row: number): number {
  return fillPrices(market, traded)[row]!;
}

/** The same price for every bar. */
export function fillPrices({ fill }: SimulatedMarket, { bars }: TradedAsset): Float64Array {
  return fill === "next_open" ? bars.open : bars.close;
}

/** When an order fills on that bar. */
export function fillMoment(market: SimulatedMarket, traded: TradedAsset, row: number): Millis {
  return fillMoments(market, traded)[row]!;
}

/** The same moment for every bar. */
export function fillMoments(
  { fill }: SimulatedMarket,
  { bars, tradableAt }: TradedAsset,
): Float64Array {
  return fill === "next_open" ? tradableAt : bars.availableAt;
}

/** When a market order of decision `index` fills on that bar: never before it was decided. */
export function marketMoment(
  market: SimulatedMarket,
  traded: TradedAsset,
  { row, index }: { row: number; index: number },
): Millis {
  return Math.max(fillMoment(market, traded, row), market.decisionTimes[index]!);
}
