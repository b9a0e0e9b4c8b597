import type { Asset } from "../../core/asset.ts";
import { didYouMean, Refusal } from "../../core/errors.ts";
import type { BarSourceName } from "./source.ts";

/** Other names for symbols at single sources, e.g. `{ kraken: { BTC: "BTC/EUR" } }`; they win over the table. */
export type SymbolOverrides = Readonly<
  Partial<Record<BarSourceName, Readonly<Record<string, string>>>>
>;

/** Coins that are known to trade against the dollar at each source. */
const COINS = ["ADA", "AVAX", "BCH", "BTC", "DOGE", "DOT", "ETH", "LINK", "LTC", "SOL", "XRP"];

/** What a coin is called where; Kraken's own XBT is BTC for the library that asks it. */
const COIN_NAMES: Readonly<Record<BarSourceName, ((coin: string) => string) | undefined>> = {
  alpaca: undefined,
  binance: (coin) => `${coin}/USDT`,
  kraken: (coin) => `${coin}/USD`,
  yahoo: (coin) => `${coin}-USD`,
};

/** Share classes have a dot at the exchange and a dash at Yahoo. */
const STOCK_NAMES: Readonly<Record<BarSourceName, ((ticker: string) => string) | undefined>> = {
  alpaca: (ticker) => ticker,
  binance: undefined,
  kraken: undefined,
  yahoo: (ticker) => ticker.replace(".", "-"),
};

const TICKER = /^[A-Z][A-Z0-9]{0,5}(?:\.[A-Z])?$/;

/** What a source calls an asset. Refuses an asset that it does not trade and a coin that no one has named. */
export function symbolAt(
  source: BarSourceName,
  { symbol, assetClass }: Pick<Asset, "symbol" | "assetClass">,
  overrides: SymbolOverrides = {},
): string {
  const refuse = (found: string, expected: string) =>
    new Refusal(`Cannot download "${symbol}" from ${source}: found ${found}, expected ${expected}`);
  const override = overrides[source]?.[symbol];
  if (override !== undefined) return override;
  const nameOf = (assetClass === "crypto" ? COIN_NAMES : STOCK_NAMES)[source];
  if (!nameOf) {
    const able = assetClass === "crypto" ? "binance, kraken or yahoo" : "alpaca or yahoo";
    throw refuse(`a symbol of class ${assetClass}`, `one that it trades: use ${able}`);
  }
  if (assetClass === "equity") {
    if (TICKER.test(symbol)) return nameOf(symbol);
    throw refuse("no ticker", 'capital letters such as "SPY" or "BRK.B"');
  }
  if (COINS.includes(symbol)) return nameOf(symbol);
  throw refuse(
    `an unknown coin${didYouMean(symbol, COINS)}`,
    `one of ${COINS.join(", ")}, or a name for it in the table of symbols`,
  );
}
