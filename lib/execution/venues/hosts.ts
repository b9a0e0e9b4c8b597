import { checkedBaseUrl } from "../../core/base_url.ts";
import { Refusal } from "../../core/errors.ts";
import { type Secret, secretFrom } from "../../core/secret.ts";

/** Trading with play money or with real money. */
export type Mode = "paper" | "live";

/** Hosts of each mode, the usual one first: the host decides whose money it is. */
interface Hosts {
  readonly paper: readonly string[];
  readonly live: readonly string[];
}

/** Where orders go. No host of one mode is a host of the other. */
export const TRADING_HOSTS: Readonly<Record<"alpaca" | "binance", Hosts>> = {
  alpaca: { paper: ["paper-api.alpaca.markets"], live: ["api.alpaca.markets"] },
  binance: {
    paper: ["demo-api.binance.com", "testnet.binance.vision"],
    live: ["api.binance.com"],
  },
};

/** Where prices come from, in both modes. */
export const DATA_HOSTS: Readonly<Record<"alpaca" | "kraken", readonly string[]>> = {
  alpaca: ["data.alpaca.markets"],
  kraken: ["api.kraken.com"],
};

/** Where orders go: what is configured, or the venue's own host of that mode. Refuses hosts of the other mode. */
export function tradingUrl(
  venue: "alpaca" | "binance",
  mode: Mode,
  configured: string | null,
): string {
  const hosts = TRADING_HOSTS[venue][mode];
  return checkedBaseUrl(`${mode} trading at ${venue}`, hosts, configured ?? `https://${hosts[0]}`);
}

/** Where prices come from: what is configured, or the venue's own host. */
export function dataUrl(venue: "alpaca" | "kraken", configured: string | null): string {
  const hosts = DATA_HOSTS[venue];
  return checkedBaseUrl(`prices of ${venue}`, hosts, configured ?? `https://${hosts[0]}`);
}

/** Both halves of a key. */
export interface Keys {
  readonly id: Secret;
  readonly secret: Secret;
}

/** The environment variables that hold the keys of a venue and mode: one venue never reads those of the other mode. */
export function keyNames(venue: "alpaca" | "binance", mode: Mode): readonly [string, string] {
  const play = venue === "binance" ? "DEMO" : "PAPER";
  const prefix = `${venue.toUpperCase()}_${mode === "paper" ? play : "LIVE"}`;
  return [`${prefix}_KEY_ID`, `${prefix}_SECRET_KEY`];
}

/** Prefixes that Alpaca gives its keys by convention: a second look, never the only one. */
const PREFIXES: Readonly<Record<Mode, RegExp>> = { paper: /^PK/, live: /^AK/ };

/** Keys from the environment. Refuses missing ones, and one that looks like a key of the other mode. */
export function keysFrom(
  venue: "alpaca" | "binance",
  mode: Mode,
  environment: (name: string) => string | undefined,
): Keys {
  const [idName, secretName] = keyNames(venue, mode);
  const id = secretFrom(idName, environment);
  const other: Mode = mode === "paper" ? "live" : "paper";
  if (venue === "alpaca" && PREFIXES[other].test(id.reveal())) {
    throw new Refusal(
      `Cannot trade at alpaca: found a key of ${other} trading in ${idName}, expected one of ${mode} trading`,
    );
  }
  return { id, secret: secretFrom(secretName, environment) };
}
