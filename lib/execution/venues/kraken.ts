import { z } from "zod";
import { Refusal } from "../../core/errors.ts";
import type { VenueRules } from "../../core/trading.ts";
import { read, shaped } from "./asking.ts";
import type { OrderBook } from "./book_quotes.ts";
import { cachedForAnHour } from "./cached.ts";
import { ccxtClient } from "./ccxt_client.ts";
import { decimalText, type ExactJson, wholeNumber } from "./exact_json.ts";
import { dataUrl } from "./hosts.ts";
import { type LineSettings, openLine } from "./line.ts";

/** How Kraken's public side is reached. */
export interface KrakenSettings
  extends Pick<LineSettings, "timeoutMs" | "clock" | "wait" | "fetch"> {
  /** Null for its own host. */
  readonly baseUrl: string | null;
}

/** What Kraken tells everybody. Throws a Refusal for what it does not tell. */
export interface KrakenMarket {
  /** The best hundred levels of each side. */
  book(symbol: string): Promise<OrderBook>;
  rules(symbol: string): Promise<VenueRules>;
}

// Shapes: Kraken, "REST API": Get Order Book, Get Tradable Asset Pairs. Errors are words in `error`, with status 200.

const VENUE = "kraken";
const LEVELS = 100;
const ANSWER = z.object({
  error: z.array(z.string()),
  result: z.record(z.string(), z.custom<ExactJson>()).optional(),
});
const LEVEL = z.tuple([decimalText, decimalText, z.custom<ExactJson>()]).transform((
  [price, quantity],
) => ({ price, quantity }));
const PASSING = /^E(?:API:Rate limit|General:(?:Too many|Temporary|Internal)|Service:)/;
const BOOK = z.object({ asks: z.array(LEVEL), bids: z.array(LEVEL) });
const PAIR = z.object({
  ordermin: decimalText,
  costmin: decimalText.optional(),
  tick_size: decimalText,
  lot_decimals: wholeNumber,
  status: z.string(),
});

/** Kraken's order books and rules by ccxt, without keys (FR-042). Nothing is loaded or asked before the first question. */
export function krakenMarket(settings: KrakenSettings): KrakenMarket {
  const { clock, timeoutMs } = settings;
  const line = openLine({ ...settings, venue: VENUE, baseUrl: dataUrl(VENUE, settings.baseUrl) });
  const ask = ccxtClient({ name: VENUE, timeoutMs, stamp: () => clock.now() });
  const get = async <Shape extends z.ZodType>(
    what: string,
    shape: Shape,
    call: Parameters<typeof ask>[1],
  ): Promise<z.output<Shape>> => {
    const { error, result = {} } = await read(line, {
      venue: VENUE,
      what,
      shape: ANSWER,
      question: () => ask(line, call),
      again: ({ error }) => error.find((words) => PASSING.test(words)),
    });
    const doing = `Cannot read ${what} at ${VENUE}`;
    const [only] = Object.values(result); // order: one pair was asked for
    if (error.length > 0 || only === undefined) {
      const found = error[0] === undefined ? "nothing" : JSON.stringify(error[0].slice(0, 120));
      throw new Refusal(`${doing}: found ${found}, expected an answer`);
    }
    return shaped(shape, only, doing);
  };
  return {
    book: (symbol) =>
      get(
        `the order book of ${symbol}`,
        BOOK,
        (exchange) => exchange.publicGetDepth({ pair: pairOf(symbol), count: LEVELS }),
      ),
    rules: cachedForAnHour(clock, async (symbol): Promise<VenueRules> => {
      const pair = await get(
        `the rules of ${symbol}`,
        PAIR,
        (exchange) => exchange.publicGetAssetPairs({ pair: pairOf(symbol) }),
      );
      if (pair.status !== "online") {
        throw new Refusal(`Cannot trade ${symbol} at kraken: found it offline, expected it online`);
      }
      return {
        minQuantity: pair.ordermin,
        quantityStep: pair.lot_decimals === 0
          ? "1"
          : `0.${"1".padStart(Math.min(20, pair.lot_decimals), "0")}`,
        priceStep: pair.tick_size,
        minNotional: pair.costmin ?? "0",
      };
    }),
  };
}

/** A coin against the dollar, as Kraken names the pair. */
function pairOf(symbol: string): string {
  return `${symbol === "BTC" ? "XBT" : symbol === "DOGE" ? "XDG" : symbol}USD`;
}
