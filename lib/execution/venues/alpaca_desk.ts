import type { z } from "zod";
import { alpacaClient, type AlpacaLibrary, type AskAlpaca } from "./alpaca_client.ts";
import { read } from "./asking.ts";
import { dataUrl, type Keys, type Mode, tradingUrl } from "./hosts.ts";
import { type Line, type LineSettings, openLine } from "./line.ts";
import type { Guard } from "./through_library.ts";

export const VENUE = "alpaca";

/** How the account at Alpaca is reached. */
export interface AlpacaSettings
  extends Pick<LineSettings, "timeoutMs" | "clock" | "wait" | "fetch"> {
  readonly mode: Mode;
  readonly keys: Keys;
  /** Null for the hosts of the mode. */
  readonly tradingUrl: string | null;
  readonly dataUrl: string | null;
  readonly feed: "iex" | "sip";
  /** Asked directly before an order leaves. */
  readonly guard?: Guard | undefined;
}

/** What every question to Alpaca goes through. */
export interface AlpacaDesk {
  readonly ask: AskAlpaca;
  /** The host of orders and the one of prices. */
  readonly trade: Line;
  readonly prices: Line;
  /** Reads until there is an answer of a shape, from the host of orders unless another is named. */
  get<Shape extends z.ZodType>(
    what: string,
    shape: Shape,
    call: (alpaca: AlpacaLibrary) => Promise<unknown>,
    line?: Line,
  ): Promise<z.output<Shape>>;
}

/** Opens both lines. Refuses hosts of another venue or mode. */
export function alpacaDesk(settings: AlpacaSettings): AlpacaDesk {
  const { mode, keys } = settings;
  const ask = alpacaClient(keys, mode);
  const tradingHost = tradingUrl(VENUE, mode, settings.tradingUrl);
  const trade = openLine({ ...settings, venue: VENUE, baseUrl: tradingHost });
  const dataHost = dataUrl(VENUE, settings.dataUrl);
  return {
    ask,
    trade,
    prices: openLine({ ...settings, venue: VENUE, baseUrl: dataHost }),
    get: (what, shape, call, line = trade) =>
      read(line, { venue: VENUE, what, shape, question: () => ask(line, call) }),
  };
}
