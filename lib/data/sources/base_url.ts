import { checkedBaseUrl as checkedUrl } from "../../core/base_url.ts";
import type { SourceName } from "./source.ts";

export { isLoopback } from "../../core/base_url.ts";

/** Where each source answers. Keys are sent nowhere else, but to loopback. */
export const HOSTS: Readonly<Record<SourceName, readonly string[]>> = {
  alpaca: ["data.alpaca.markets"],
  yahoo: ["query1.finance.yahoo.com", "query2.finance.yahoo.com"],
  binance: ["api.binance.com", "data-api.binance.vision"],
  kraken: ["api.kraken.com"],
  fred: ["api.stlouisfed.org", "fred.stlouisfed.org"],
};

/** A base URL without its last slash. Refuses all but https on a known host of that source and http(s) on loopback. */
export function checkedBaseUrl(source: SourceName, text: string): string {
  return checkedUrl(source, HOSTS[source], text);
}
