import { Refusal } from "../../core/errors.ts";
import type { SourceName } from "./source.ts";

const LOOPBACK = ["127.0.0.1", "localhost"];

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
  const refuse = () =>
    new Refusal(
      `Cannot use the base URL of ${source}: found ${quoted(text)}, ` +
        `expected ${
          HOSTS[source].map((host) => `https://${host}`).join(" or ")
        }, or http://127.0.0.1:PORT`,
    );
  if (!URL.canParse(text)) throw refuse();
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  if (username || password || search || hash) throw refuse();
  if (LOOPBACK.includes(hostname)) {
    if (protocol !== "http:" && protocol !== "https:") throw refuse();
  } else {
    const plain = protocol === "https:" && port === "" && pathname === "/";
    if (!plain || !HOSTS[source].includes(hostname)) throw refuse();
  }
  return text.replace(/\/+$/, "");
}

/** Whether a base URL, checked before, points at this machine. */
export function isLoopback(baseUrl: string): boolean {
  return LOOPBACK.includes(new URL(baseUrl).hostname);
}

/** What was given, without what may be a secret in it. */
function quoted(text: string): string {
  const shown = text.replace(/\/\/[^/@]*@/, "//…@").replace(/[?#][\s\S]*$/, "?…");
  return JSON.stringify(shown.length > 80 ? `${shown.slice(0, 80)}…` : shown);
}
