import { Refusal } from "../../core/errors.ts";

/** Exactly this version, which is locked in `deno.lock` beside this file and not in that of the project. */
export const CCXT = "npm:ccxt@4.5.84";

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
  const { default: library } = await load();
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

/**
 * The specifier is computed and in no import map: a package of 60 MB that the project's lock file named would be
 * fetched by the first run of anything.
 */
async function load(): Promise<Library> {
  const specifier: string = CCXT;
  try {
    return await import(specifier);
  } catch (cause) {
    const message = "Cannot ask an exchange: found no library for it in this process, " +
      "expected one on the lock file of lib/data/sources (deno task data), online the first time";
    throw new Refusal(message, { cause });
  }
}
