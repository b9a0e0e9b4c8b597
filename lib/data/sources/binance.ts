import { z } from "zod";
import { oneLine, readJson } from "./answers.ts";
import { exchangeSession, type Venue } from "./exchange.ts";
import type { Answer, Verdict } from "./http.ts";
import type { BarDownload } from "./source.ts";
import { callerOf, requireSpan, type SourceOptions } from "./source_options.ts";
import { symbolAt } from "./symbols.ts";

const ERROR = z.object({ code: z.number(), msg: z.string() });

const VENUE: Venue = {
  name: "binance",
  baseUrl: "https://api.binance.com",
  pageRows: 1_000,
  barParameters: (until) => ({ until: until - 1 }),
  market: (symbol) => ({ symbol: symbol.replace("/", "") }),
  readError(answer) {
    const { data } = ERROR.safeParse(answer);
    return data && { found: `"${oneLine(data.msg)}"`, again: true };
  },
};

/** Spot klines of Binance, all of its history: four hours and days on the UTC grid. Outages leave gaps. */
export function binanceDownload(options: SourceOptions): BarDownload {
  const ask = callerOf("binance", options, {
    baseUrl: VENUE.baseUrl,
    limit: { perMinute: 600, burst: 300 }, // 6,000 units of weight a minute are allowed, 2 a call
    explain,
  });
  const session = exchangeSession(VENUE, ask, options);
  const check: BarDownload["check"] = ({ asset, from, to }) => {
    requireSpan({ from, to });
    symbolAt("binance", asset, options.symbols);
  };
  return {
    name: "binance",
    description: "Binance spot klines",
    licence: "Binance's terms: own use, not to be passed on",
    splits: "raw",
    check,
    pages(request, call) {
      check(request);
      return session.pages(request, call);
    },
    actions: () => Promise.resolve([]),
  };
}

/** What Binance says besides the status. */
function explain({ status, text }: Answer): Verdict | undefined {
  if (status === 451) {
    return {
      found: "a place that Binance does not serve (status 451)",
      expected: "another one: use --source kraken, or the base URL https://data-api.binance.vision",
    };
  }
  if (status !== 400) return undefined;
  let error: z.output<typeof ERROR>;
  try {
    error = readJson(text, ERROR);
  } catch {
    return undefined;
  }
  return error.code === -1121
    ? { found: "an unknown symbol (status 400)", expected: "a spot market of Binance" }
    : { found: `"${oneLine(error.msg).replaceAll('"', "'")}" (status 400)` };
}
