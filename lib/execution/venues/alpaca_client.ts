import { Refusal } from "../../core/errors.ts";
import type { Keys, Mode } from "./hosts.ts";
import type { Line, Returned } from "./line.ts";
import { type FetchAs, type Guard, throughLibrary } from "./through_library.ts";

/** Exactly this version, which is locked in `deno.lock` beside this file and not in that of the project. */
export const ALPACA = "npm:@alpacahq/alpaca-trade-api@4.0.2";

/** A moment as the library writes it into a query. */
export interface Moment {
  toISOString(): string;
}

type Calls<Names extends string> = Readonly<
  Record<Names, (parameters?: Readonly<Record<string, unknown>>) => Promise<unknown>>
>;

/** What is used of the library; its answers are read from the line. */
export interface AlpacaLibrary {
  readonly trading: {
    readonly account: Calls<"getAccount">;
    readonly positions: Calls<"getAllOpenPositions">;
    readonly clock: Calls<"legacyClock">;
    readonly calendar: Calls<"legacyCalendar">;
    readonly assets: Calls<"getV2AssetsSymbolOrAssetId">;
    readonly orders: Calls<
      | "postOrder"
      | "getOrderByClientOrderId"
      | "getOrderByOrderID"
      | "getAllOrders"
      | "deleteOrderByOrderID"
    >;
    readonly accountActivities: Calls<
      "getAccountActivities" | "getAccountActivitiesByActivityType"
    >;
  };
  readonly marketData: {
    readonly stocks: Calls<"stockLatestTrades" | "stockLatestBars" | "stockLatestTradeSingle">;
  };
}

/** One request to Alpaca by its own library. */
export type AskAlpaca = (
  line: Line,
  call: (alpaca: AlpacaLibrary) => Promise<unknown>,
  guard?: Guard,
) => Promise<Returned>;

/** Asks Alpaca over the lines that are given; the library is loaded by the first question. */
export function alpacaClient(keys: Keys, mode: Mode): AskAlpaca {
  let library: Promise<Package> | undefined;
  return async (line, call, guard) => {
    const { Alpaca } = await (library ??= load());
    return await throughLibrary(line, (fetchApi) =>
      call(
        // One for each request, as its `fetchApi` is that request's alone.
        new Alpaca({
          keyId: keys.id.reveal(),
          secret: keys.secret.reveal(),
          paper: mode === "paper",
          rateLimit: false,
          retry: false,
          fetchApi,
        }),
      ), guard);
  };
}

interface Package {
  readonly Alpaca: new (
    settings: Readonly<Record<string, unknown>> & { readonly fetchApi: FetchAs },
  ) => AlpacaLibrary;
}

/** The specifier is computed, so that the project's own lock file need not name it: only who trades fetches it. */
async function load(): Promise<Package> {
  const specifier: string = ALPACA;
  try {
    return await import(specifier);
  } catch (cause) {
    const message =
      "Cannot trade at alpaca: found no library for it in this process, expected one " +
      "on the lock file of lib/execution/venues (deno task paper), online the first time";
    throw new Refusal(message, { cause });
  }
}
