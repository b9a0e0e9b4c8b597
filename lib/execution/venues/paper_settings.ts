import type { Asset, AssetClass } from "../../core/asset.ts";
import type { CorporateAction } from "../../core/bars.ts";
import type { Clock } from "../../core/clock.ts";
import type { Awaitable, DecimalText } from "../../core/ports.ts";
import type { VenueRules } from "../../core/trading.ts";
import { plainDecimal } from "./exact_json.ts";
import type { Quotes } from "./quotes.ts";
import type { Guard } from "./through_library.ts";

/** One asset as the built-in venue trades it. */
export interface PaperAsset {
  readonly symbol: string;
  readonly assetClass: AssetClass;
  readonly feeBps: number;
  readonly slippageBps: number;
}

/** What the built-in venue is made of. */
export interface PaperSettings {
  readonly name: "paper" | "kraken";
  /** Its books, as in state/paper.paper.db. */
  readonly file: string;
  readonly accountNumber: string;
  /** Of a new account, in dollars. */
  readonly initialCash: DecimalText;
  readonly assets: readonly PaperAsset[];
  readonly quotes: Quotes;
  /** Dividends and splits; no splits that the prices have applied. May grow: those that are new are booked, too. */
  readonly actions?: readonly CorporateAction[] | undefined;
  /** What is taken of a symbol that is among the assets. */
  rules(symbol: string): Awaitable<VenueRules>;
  readonly clock: Clock;
  /** Asked directly before an order is booked. */
  readonly guard?: Guard | undefined;
}

/** Sizes as an asset's configuration has them. */
export function paperRules(
  { minOrderSize, quantityPrecision, pricePrecision }: Pick<
    Asset,
    "minOrderSize" | "quantityPrecision" | "pricePrecision"
  >,
): VenueRules {
  return {
    minQuantity: plainDecimal(String(minOrderSize)),
    quantityStep: stepOf(quantityPrecision),
    priceStep: stepOf(pricePrecision),
    minNotional: "0",
  };
}

/** One unit of the last decimal place; "0" where there are no lots. */
function stepOf(precision: number | null): DecimalText {
  if (precision === null) return "0";
  return precision === 0 ? "1" : `0.${"1".padStart(precision, "0")}`;
}
