import { loadLate } from "../../core/late_library.ts";

/** Exactly this version, which is locked in `deno.lock` beside this file and not in that of the project. */
export const CCXT = "npm:ccxt@4.5.84";

const LIBRARY = {
  specifier: CCXT,
  purpose: "ask an exchange",
  lock: "lib/data/sources",
  task: "data",
};

/** What is used of an exchange of the library; its answers are checked by whoever asks. */
export interface Exchange {
  fetchImplementation: unknown;
  fetchMarkets(parameters: Readonly<Record<string, string>>): Promise<unknown>;
  setMarkets(markets: unknown): unknown;
  fetchOHLCV(
    symbol: string,
    timeframe: string,
    since: number,
    limit: number | undefined,
    parameters: Readonly<Record<string, number>>,
  ): Promise<unknown>;
}

/** The public side of an exchange whose every request goes through `fetchAs`. Loads 60 MB on first use. */
export async function openExchange(
  name: "binance" | "kraken",
  fetchAs: (url: string) => Promise<Response>,
): Promise<Exchange> {
  const { default: library } = await loadLate<Library>(LIBRARY);
  const exchange = new library[name]({
    enableRateLimit: false, // as retries are, it is the caller's business
    options: { defaultType: "spot", fetchMarkets: { types: ["spot"] }, fetchMargins: false },
  });
  exchange.fetchImplementation = fetchAs;
  return exchange;
}

interface Library {
  readonly default: Readonly<
    Record<"binance" | "kraken", new (settings: Readonly<Record<string, unknown>>) => Exchange>
  >;
}
