import { z } from "zod";
import { gridMs, type Millis, type Timeframe } from "../../core/bars.ts";
import { formatDate, formatTime } from "../../core/clock.ts";
import { oneLine } from "./answers.ts";
import { exchangeSession, type Venue } from "./exchange.ts";
import type { BarDownload } from "./source.ts";
import { callerOf, requireSpan, type SourceOptions } from "./source_options.ts";
import { refuseDownload } from "./source_refusal.ts";
import { symbolAt } from "./symbols.ts";

/** Kraken keeps this many bars of each length, the running one among them, whatever is asked for. */
const KEPT_ROWS = 720;

const ERRORS = z.object({ error: z.array(z.string()) });
const PASSING = /^E(?:API:Rate limit|General:(?:Too many|Temporary|Internal)|Service:)/;

const VENUE: Venue = {
  name: "kraken",
  baseUrl: "https://api.kraken.com",
  pageRows: KEPT_ROWS,
  barParameters: () => ({}),
  market: (symbol) => ({
    pair: symbol.replace("/", "").replace(/^BTC/, "XBT").replace(/^DOGE/, "XDG"),
  }),
  // Errors come with status 200.
  readError(answer) {
    const [error] = ERRORS.safeParse(answer).data?.error ?? [];
    if (error === undefined) return undefined;
    if (/Unknown asset pair/.test(error)) {
      return { found: "an unknown symbol", expected: "a spot market of Kraken" };
    }
    return { found: `"${oneLine(error)}"`, again: PASSING.test(error) };
  },
};

/** Spot OHLC of Kraken: the newest 719 finished bars of four hours (120 days) or of a day (two years), no more. */
export function krakenDownload(options: SourceOptions): BarDownload {
  const ask = callerOf("kraken", options, {
    baseUrl: VENUE.baseUrl,
    limit: { perMinute: 60, burst: 10 },
  });
  const session = exchangeSession(VENUE, ask, options);
  const check: BarDownload["check"] = ({ asset, timeframe, from, to }) => {
    requireSpan({ from, to });
    symbolAt("kraken", asset, options.symbols);
    const first = oldestKept(timeframe, options.clock.now());
    if (from >= first) return;
    const bars = timeframe === "h4" ? "four-hour bars" : "daily bars";
    throw refuseDownload({ source: "kraken", symbol: asset.symbol, asked: bars }, {
      found: `a start on ${formatDate(from)}`,
      expected: `${formatTime(first)} or later, as it keeps ${KEPT_ROWS} bars; ` +
        "for more use --source binance or import a CSV",
    });
  };
  return {
    name: "kraken",
    description: "Kraken spot OHLC",
    licence: "Kraken's terms: own use, not to be passed on",
    splits: "raw",
    check,
    pages(request, call) {
      check(request);
      return session.pages(request, call);
    },
    actions: () => Promise.resolve([]),
  };
}

function oldestKept(timeframe: Timeframe, now: Millis): Millis {
  const step = gridMs(timeframe);
  return (Math.floor(now / step) - (KEPT_ROWS - 1)) * step;
}
