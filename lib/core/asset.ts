/** Assets of one class share a market calendar and a cost table. */
export type AssetClass = "equity" | "crypto";

/** What can be traded, where, and in which lots. */
export interface Asset {
  readonly symbol: string;
  readonly assetClass: AssetClass;
  /** Name of the broker or exchange that trades it. */
  readonly venue: string;
  /** Smallest order, in units of the asset. */
  readonly minOrderSize: number;
  /** Decimal places of a quantity; null switches lots off. */
  readonly quantityPrecision: number | null;
  /** Decimal places of a price; null switches ticks off. */
  readonly pricePrecision: number | null;
}
