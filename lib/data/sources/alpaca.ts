import { DAY_MS, type Millis } from "../../core/bars.ts";
import { sessionsBetween } from "../../core/calendar.ts";
import { formatTime } from "../../core/clock.ts";
import type { BarPage, BarRequest, SourceCall } from "../../core/ports.ts";
import { alpacaActions } from "./alpaca_actions.ts";
import { explainAlpaca, readAlpacaBars } from "./alpaca_answers.ts";
import { barsOf, firstRunning, inCalendar, isWithoutSession, within } from "./candles.ts";
import { type Ask, askedAt, validKeys } from "./http.ts";
import type { BarDownload } from "./source.ts";
import { callerOf, requireSpan, type SourceOptions } from "./source_options.ts";
import { refuseDownload } from "./source_refusal.ts";
import { symbolAt } from "./symbols.ts";

const BASE_URL = "https://data.alpaca.markets";

/** Where the keys come from. */
export const ALPACA_KEYS = ["ALPACA_KEY_ID", "ALPACA_SECRET_KEY"] as const;

/** Accounts without a paid plan see no trade of the last 15 minutes. */
const DELAY_MS = 15 * 60_000;
/** A day's bar counts late trading, too, until four hours after the close. */
const DAY_DELAY_MS = 4 * 3_600_000 + DELAY_MS;
const HALF_HOUR_MS = 30 * 60_000;
const PAGE_ROWS = 10_000;
/** Pages may come back empty, but not for ever. */
const MOST_EMPTY_PAGES = 20;

/**
 * US equities from Alpaca's market data API v2: unadjusted bars of all exchanges, of half an hour (with what trades
 * before and after the session) or a day. Asked by plain HTTP: the SDK would wrap the same two calls, follow its own
 * retries and limits, and let cut answers escape as other errors.
 */
export function alpacaDownload(options: SourceOptions): BarDownload {
  const ask = callerOf("alpaca", options, {
    baseUrl: BASE_URL,
    limit: { perMinute: 100, burst: 100 }, // 200 calls a minute are allowed
    keyNames: ALPACA_KEYS,
    explain: explainAlpaca,
  });
  const headers = {
    "apca-api-key-id": options.keys.ALPACA_KEY_ID ?? "",
    "apca-api-secret-key": options.keys.ALPACA_SECRET_KEY ?? "",
  };

  function check({ asset, from, to }: BarRequest): void {
    requireSpan({ from, to });
    symbolAt("alpaca", asset, options.symbols);
    const missing = ALPACA_KEYS.filter((name) => !options.keys[name]);
    if (missing.length === 0) return;
    const asked = askedAt(options.baseUrl ?? BASE_URL, "");
    throw refuseDownload({ source: "alpaca", symbol: asset.symbol, asked }, {
      found: `no ${missing.join(" and no ")}`,
      expected: `${validKeys(ALPACA_KEYS)}; a free account has them`,
    });
  }

  return {
    name: "alpaca",
    description: "US exchange feeds (SIP) through Alpaca market data v2",
    licence: "Alpaca's terms: own use, not to be passed on",
    splits: "raw",
    check,
    pages(request, call) {
      check(request);
      return pages(ask, { ...request, headers, options }, call);
    },
    actions(request, call) {
      check({ ...request, timeframe: "daily" });
      return alpacaActions(ask, { ...request, headers, options }, call);
    },
  };
}

interface Job extends BarRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly options: SourceOptions;
}

async function* pages(ask: Ask, job: Job, call: SourceCall): AsyncGenerator<BarPage> {
  const { asset, from, options } = job;
  const daily = job.timeframe === "daily";
  const stepMs = daily ? DAY_MS : HALF_HOUR_MS;
  const overAt = (now: Millis) => firstRunning("equity", stepMs, now - delayOf(options, daily));
  let until = Math.min(job.to, overAt(options.clock.now()));
  if (until <= from) return;
  if (isWithoutSession("equity", from, until)) {
    yield { bars: barsOf(stepMs, []), doneUntil: until };
    return;
  }
  const { symbol, ...question } = questionOf(job, until, call);
  const refuse = (found: string, expected: string) =>
    refuseDownload({
      source: "alpaca",
      symbol: asset.symbol,
      asked: askedAt(options.baseUrl ?? BASE_URL, question.path),
    }, { found, expected });
  const tokens = new Set<string>();
  let done = from;
  let rows = 0;
  let empty = 0;
  for (let token: string | undefined = ""; token !== undefined && done < until;) {
    const query: Record<string, string> = token === ""
      ? question.query
      : { ...question.query, page_token: token };
    const { value, time } = await ask(
      { ...question, symbol: asset.symbol, query },
      ({ text }) => readAlpacaBars(text, symbol, daily),
    );
    until = Math.min(until, overAt(time));
    const candles = within(value.candles, done, until);
    rows += candles.length;
    call.onRows?.(rows);
    token = value.token;
    if (token !== undefined && tokens.has(token)) {
      throw refuse("a page token that came before", "pages that go on");
    }
    tokens.add(token ?? "");
    empty = candles.length === 0 ? empty + 1 : 0;
    if (empty > MOST_EMPTY_PAGES) throw refuse(`${empty} empty pages on end`, "bars");
    const last = candles.at(-1)?.[0];
    if (token === undefined) done = Math.max(done, until);
    else if (last !== undefined) done = last + stepMs;
    if (last !== undefined || token === undefined) {
      yield { bars: barsOf(stepMs, candles), doneUntil: done };
    }
  }
  if (rows === 0 && hadSession(from, until)) {
    throw refuse("not one bar", "a symbol that traded then (unknown symbol, or not yet listed)");
  }
}

/** The question for the first page, and what Alpaca calls the symbol. */
function questionOf(
  { asset, timeframe, from, options, headers }: Job,
  until: Millis,
  call: SourceCall,
) {
  const symbol = symbolAt("alpaca", asset, options.symbols);
  const newest = options.clock.now() - delayOf(options, false);
  return {
    symbol,
    path: `/v2/stocks/${encodeURIComponent(symbol)}/bars`,
    query: {
      timeframe: timeframe === "daily" ? "1Day" : "30Min",
      start: formatTime(from),
      end: formatTime(Math.min(until - 1_000, newest)), // both ends count
      limit: String(PAGE_ROWS),
      adjustment: "raw",
      feed: options.live ?? "sip",
      sort: "asc",
    },
    headers,
    expected: "bars as JSON",
    signal: call.signal,
  };
}

/** How long ago what is asked for has to be: nothing where a feed of this moment is asked. */
function delayOf({ live }: SourceOptions, daily: boolean): Millis {
  if (live !== undefined) return 0;
  return daily ? DAY_DELAY_MS : DELAY_MS;
}

/** Whether a whole session lies in a span, as far as the calendar reaches. */
function hadSession(from: Millis, until: Millis): boolean {
  if (!inCalendar(from) || !inCalendar(until)) return false;
  return sessionsBetween(from, until).some(({ open, close }) => open >= from && close <= until);
}
