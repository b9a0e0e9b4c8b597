import { z } from "zod";
import { DAY_MS, H4_MS, type Millis } from "../../core/bars.ts";
import { formatTime } from "../../core/clock.ts";
import type { BarPage, BarRequest, SourceCall } from "../../core/ports.ts";
import { oneLine, parseJson, UnusableAnswer } from "./answers.ts";
import { barsOf, type Candle, inOrder, within } from "./candles.ts";
import { type Exchange, openExchange } from "./ccxt.ts";
import { type Answer, type Ask, askedAt, type Verdict } from "./http.ts";
import type { SourceOptions } from "./source_options.ts";
import { refuseDownload } from "./source_refusal.ts";
import { symbolAt } from "./symbols.ts";

/** What sets one exchange apart. */
export interface Venue {
  readonly name: "binance" | "kraken";
  readonly baseUrl: string;
  /** Most bars of one answer. */
  readonly pageRows: number;
  /** Further parameters of a call for bars, beside symbol, length, start and number. */
  barParameters(until: Millis): Readonly<Record<string, number>>;
  /** What asks for one market alone instead of all of them. */
  market(symbol: string): Readonly<Record<string, string>>;
  /** What is wrong with an answer of status 200; undefined when nothing is. */
  readError(answer: unknown): Verdict | undefined;
}

const CANDLES = z.array(
  z.tuple([z.int(), z.number(), z.number(), z.number(), z.number(), z.number()]),
);
/** Coins trade always: no exchange was out for longer and came back as the same market. */
const LONGEST_OUTAGE_MS = 3 * DAY_MS;

const TIMEFRAMES = { h4: ["4h", H4_MS], daily: ["1d", DAY_MS] } as const;

/** Asks one exchange through the library, on our own calls. */
export interface ExchangeSession {
  /** All finished bars that a request names, oldest first, page after page. */
  pages(request: BarRequest, call: SourceCall): AsyncGenerator<BarPage>;
}

/** Opens an exchange; nothing is loaded or asked before the first page. */
export function exchangeSession(venue: Venue, ask: Ask, options: SourceOptions): ExchangeSession {
  return {
    async *pages(request, call) {
      const { asset, from } = request;
      const [timeframe, stepMs] = TIMEFRAMES[request.timeframe];
      const overAt = (now: Millis) => Math.floor(now / stepMs) * stepMs;
      let until = Math.min(request.to, overAt(options.clock.now()));
      if (until <= from) return;
      const symbol = symbolAt(venue.name, asset, options.symbols);
      const line = callLine(venue, ask, { symbol: asset.symbol, call, options });
      const exchange = await openExchange(venue.name, line.fetchAs);
      await line.knowing(
        symbol,
        async () => exchange.setMarkets(await exchange.fetchMarkets(venue.market(symbol))),
      );
      let rows = 0;
      for (let done = from; done < until;) {
        const candles = await line.knowing(
          symbol,
          () => onePage(exchange, venue, { symbol, timeframe, since: done, until }),
        );
        until = Math.min(until, overAt(line.time()));
        const fresh = within(candles, done, until);
        const last = fresh.at(-1)?.[0];
        rows += fresh.length;
        call.onRows?.(rows);
        // A short page may be a half one, so only an empty one is the end.
        if (last === undefined && until - done > LONGEST_OUTAGE_MS) {
          throw line.refuse(
            `no bar from ${formatTime(done)} on`,
            `bars until ${formatTime(until)}`,
          );
        }
        done = last === undefined ? Math.max(done, until) : last + stepMs;
        yield { bars: barsOf(stepMs, fresh), doneUntil: done };
      }
    },
  };
}

async function onePage(
  exchange: Exchange,
  { pageRows, barParameters }: Venue,
  { symbol, timeframe, since, until }: {
    readonly symbol: string;
    readonly timeframe: string;
    readonly since: Millis;
    readonly until: Millis;
  },
): Promise<readonly Candle[]> {
  const parameters = barParameters(until);
  const answer = await exchange.fetchOHLCV(symbol, timeframe, since, pageRows, parameters);
  const result = CANDLES.safeParse(answer);
  if (result.success) return inOrder(result.data);
  const { path, message } = result.error.issues[0]!;
  throw new UnusableAnswer(`bars of another shape (${path.map(String).join(".")}: ${message})`);
}

/** The library's calls go out as ours: checked, spaced, retried, to the base URL that was set. */
function callLine(
  venue: Venue,
  ask: Ask,
  { symbol, call, options }: {
    readonly symbol: string;
    readonly call: SourceCall;
    readonly options: SourceOptions;
  },
) {
  let lastPath = "";
  let lastTime = options.clock.now();
  const baseUrl = options.baseUrl ?? venue.baseUrl;
  const refuse = (found: string, expected: string) =>
    refuseDownload({ source: venue.name, symbol, asked: askedAt(baseUrl, lastPath) }, {
      found,
      expected,
    });
  return {
    refuse,
    time: () => lastTime,
    async fetchAs(url: string): Promise<Response> {
      const { pathname, searchParams } = new URL(url);
      lastPath = pathname; // the same on every host
      const question = {
        symbol,
        path: pathname,
        query: Object.fromEntries(searchParams),
        expected: "bars as JSON",
        signal: call.signal,
      };
      const { value, time } = await ask(question, (answer: Answer) => {
        const { found, expected = "bars", again } = venue.readError(parseJson(answer.text)) ?? {};
        if (found === undefined) return answer;
        throw again ? new UnusableAnswer(found) : refuse(found, expected);
      });
      lastTime = time;
      return new Response(value.text, {
        status: value.status,
        headers: { "content-type": "application/json" },
      });
    },
    /** Runs calls of the library and says in our words what became of them. */
    async knowing<Value>(name: string, run: () => Promise<Value>): Promise<Value> {
      try {
        return await run();
      } catch (error) {
        if (call.signal?.aborted) throw call.signal.reason;
        if (!(error instanceof Error) || error.name === "Refusal") throw error;
        if (error.name === "BadSymbol") throw refuse(`no market ${name}`, "one that it has");
        // The library's own words hold URLs and whole answers.
        const found = error instanceof UnusableAnswer ? error.found : oneLine(error.name);
        throw refuse(found, "bars");
      }
    },
  };
}
