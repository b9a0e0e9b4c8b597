import type { Config } from "../../config/mod.ts";
import { isLoopback } from "../../core/base_url.ts";
import type { Mode } from "../../execution/venues/mod.ts";

/** What a page says of a session whose models run by their configuration. */
export const REHEARSAL_LINE = "rehearsal: stages as written, nothing here counts as evidence";

/** Whether no broker's account is at stake: stored prices at the built-in venue, or a broker on this machine. */
export function isRehearsal({ trading, brokers }: Config, mode: Mode): boolean {
  if (mode === "live") return false;
  if (trading.venue === "paper") return trading.paper_prices === "stored";
  const { alpaca, binance, kraken } = brokers;
  const url = {
    alpaca: alpaca.trading_url,
    binance: binance.base_url,
    kraken: kraken.base_url,
  }[trading.venue];
  return url !== null && URL.canParse(url) && isLoopback(url);
}
