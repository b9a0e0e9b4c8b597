import { Refusal } from "../../core/errors.ts";
import { loadLate } from "../../core/late_library.ts";
import type { Keys } from "./hosts.ts";
import type { Line, Returned } from "./line.ts";
import { type FetchAs, type Guard, throughLibrary } from "./through_library.ts";

/** Exactly this version, which is locked in `deno.lock` beside this file and not in that of the project. */
export const CCXT = "npm:ccxt@4.5.84";

const LIBRARY = {
  specifier: CCXT,
  purpose: "ask an exchange",
  lock: "lib/execution/venues",
  task: "paper",
};

type Parameters = Readonly<Record<string, string | number>>;

/** What is used of the library: its signed requests one by one. Its unified answers round, retry and rename. */
export type CcxtCalls = Readonly<
  Record<
    | "publicGetTime"
    | "publicGetExchangeInfo"
    | "publicGetTickerPrice"
    | "publicGetTicker24hr"
    | "privateGetAccount"
    | "privatePostOrder"
    | "privateGetOrder"
    | "privateDeleteOrder"
    | "privateGetOpenOrders"
    | "privateGetAllOrders"
    | "privateGetMyTrades"
    | "publicGetDepth"
    | "publicGetAssetPairs",
    (parameters: Parameters) => Promise<unknown>
  >
>;

interface Exchange extends CcxtCalls {
  fetchImplementation: FetchAs;
  nonce: () => number;
  verbose: boolean;
  readonly maxRetriesOnFailure?: number;
  readonly options: Readonly<Record<string, unknown>>;
}

/** One request to an exchange by ccxt. */
export type AskExchange = (
  line: Line,
  call: (exchange: CcxtCalls) => Promise<unknown>,
  guard?: Guard,
) => Promise<Returned>;

/** How the library is set up. */
export interface CcxtSettings {
  readonly name: "binance" | "kraken";
  readonly timeoutMs: number;
  /** None for what everybody may ask. */
  readonly keys?: Keys | undefined;
  readonly recvWindowMs?: number;
  /** Time stamp of a signed request. */
  stamp(): number;
}

/** Asks an exchange, one request after the other, as the library has one `fetch` for all. Loads 60 MB on first use. */
export function ccxtClient(settings: CcxtSettings): AskExchange {
  let opened: Promise<Exchange> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return async (line, call, guard) => {
    const exchange = await (opened ??= open(settings));
    const mine = last.then(() =>
      throughLibrary(line, (fetchAs) => {
        assertHarmless(exchange);
        exchange.fetchImplementation = fetchAs;
        return call(exchange);
      }, guard)
    );
    last = mine.catch(() => {});
    return await mine;
  };
}

async function open({ name, keys, timeoutMs, recvWindowMs, stamp }: CcxtSettings) {
  const { default: library } = await loadLate<Library>(LIBRARY);
  const exchange = new library[name]({
    ...(keys === undefined ? {} : { apiKey: keys.id.reveal(), secret: keys.secret.reveal() }),
    enableRateLimit: false, // as retries are, it is the caller's business
    timeout: timeoutMs + 5_000, // the line's own comes first
    options: {
      defaultType: "spot",
      fetchMarkets: { types: ["spot"] },
      fetchMargins: false,
      fetchCurrencies: false,
      maxRetriesOnFailure: 0,
      ...(recvWindowMs === undefined ? {} : { recvWindow: recvWindowMs }),
    },
  });
  exchange.nonce = () => stamp();
  // Switched on, it prints the key and every signature.
  Object.defineProperty(exchange, "verbose", { value: false, writable: false });
  return exchange;
}

/** Refuses to ask through a library that would ask twice or print keys, whatever a later version may do. */
function assertHarmless({ verbose, maxRetriesOnFailure = 0, options }: Exchange): void {
  if (verbose || maxRetriesOnFailure !== 0 || options.maxRetriesOnFailure !== 0) {
    throw new Refusal("Cannot trade: found ccxt with retries or verbose, expected neither");
  }
}

interface Library {
  readonly default: Readonly<
    Record<"binance" | "kraken", new (settings: Readonly<Record<string, unknown>>) => Exchange>
  >;
}
