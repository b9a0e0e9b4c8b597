import { DAY_MS, HOUR_MS, type Millis } from "../../core/bars.ts";
import { formatDate, formatTime, parseDate } from "../../core/clock.ts";
import { newYorkMoment } from "../../core/new_york.ts";
import type { Candle } from "./candles.ts";
import { parseRfc3339 } from "../../core/http_time.ts";
import { sessionAt } from "./test_market.ts";
import { type Asked, json, type Reply, rowsOf, spoilt } from "./test_replies.ts";

// Shapes: Alpaca, "Market Data API" (OpenAPI document 1.1): Historical bars (single symbol), Corporate actions.

const STEPS: Readonly<Record<string, Millis>> = {
  "30Min": HOUR_MS / 2,
  "1Hour": HOUR_MS,
  "1Day": DAY_MS,
};
const HALF_HOUR_MS = HOUR_MS / 2;

/** Answers `/v2/stocks/{symbol}/bars` and `/v1/corporate-actions`. */
export function alpacaReply(asked: Asked): Reply | undefined {
  const symbol = /^\/v2\/stocks\/([^/]+)\/bars$/.exec(asked.path)?.[1];
  if (symbol === undefined && asked.path !== "/v1/corporate-actions") return undefined;
  const { headers, keys, faults } = asked;
  const known = headers.get("apca-api-key-id") === keys.ALPACA_KEY_ID &&
    headers.get("apca-api-secret-key") === keys.ALPACA_SECRET_KEY;
  if (!known || faults.has("revoked")) return json({ message: "forbidden." }, 403);
  return symbol === undefined ? actions(asked) : bars(asked, decodeURIComponent(symbol));
}

function bars({ query, now, market, faults }: Asked, symbol: string): Reply {
  const stepMs = STEPS[query.get("timeframe") ?? ""];
  const from = parseRfc3339(query.get("start") ?? "");
  const end = parseRfc3339(query.get("end") ?? "");
  const feed = query.get("feed") ?? "";
  if (
    stepMs === undefined || query.get("adjustment") !== "raw" || !["sip", "iex"].includes(feed)
  ) {
    return json({ message: "invalid parameter" }, 400);
  }
  if (!(from <= end)) return json({ message: "end should not be before start" }, 400);
  if (feed === "sip" && end > now - 15 * 60_000) {
    return json({ message: "subscription does not permit querying recent SIP data" }, 403);
  }
  if (!/^[A-Z.]+\d*$/.test(symbol)) {
    return json({ message: `invalid symbol: ${symbol}` }, 400);
  }
  if (market.find(symbol)?.assetClass !== "equity") {
    return json({ bars: null, symbol, next_page_token: null });
  }
  const daily = stepMs === DAY_MS;
  const all = rowsOf(market.bars(symbol, stepMs, { from: from - DAY_MS, to: end + 1, now }));
  const rows = (daily ? all.map(midnight) : all.flatMap((row, i) => withLateTrading(all, row, i)))
    .filter(([time]) => time >= from && time <= end);
  const limit = Number(query.get("limit") ?? 1_000);
  const token = query.get("page_token") ?? "";
  const first = token === "" ? -Infinity : parseRfc3339(atob(token));
  const start = rows.findIndex(([time]) => time >= first);
  const page = spoilt(rows.slice(start, start + limit), faults, rows[start - 1]);
  const next = rows[start + limit];
  return json({
    bars: page.map(([time, o, h, l, c, v]) => (
      { t: formatTime(time), o, h, l, c, v, n: Math.ceil(v / 90), vw: (h + l) / 2 }
    )),
    symbol,
    next_page_token: faults.has("token_loop") && token !== ""
      ? token
      : next === undefined
      ? null
      : btoa(formatTime(next[0])),
  });
}

/** A day's bar is stamped with New York's midnight. */
function midnight([day, ...rest]: Candle): Candle {
  return [newYorkMoment(day, 0), ...rest];
}

/** An hour before each session and one after it, at prices that would show if they were taken for its own. */
function withLateTrading(all: readonly Candle[], row: Candle, index: number): readonly Candle[] {
  const [time, open, high, low, close] = row;
  const wild = (
    offset: number,
  ): Candle => [time + offset, open * 2, high * 2, low * 2, close * 2, 7];
  const session = sessionAt(time);
  const first = session?.open === time || all[index - 1] === undefined;
  const last = session !== undefined && time + HALF_HOUR_MS === session.close;
  return [
    ...(first ? [wild(-2 * HALF_HOUR_MS), wild(-HALF_HOUR_MS)] : []),
    row,
    ...(last ? [wild(HALF_HOUR_MS), wild(2 * HALF_HOUR_MS)] : []),
  ];
}

function actions({ query, market, faults }: Asked): Reply {
  const from = parseDate(query.get("start") ?? "");
  const to = parseDate(query.get("end") ?? "");
  const symbols = (query.get("symbols") ?? "").split(",");
  const all = market.assets.filter(({ symbol }) => symbols.includes(symbol))
    .flatMap((asset) => asset.actions);
  const dividends = all.filter(({ kind }) => kind === "dividend")
    .map(({ symbol, exDate, value }) => ({
      ...named(symbol, exDate),
      payable_date: formatDate(exDate + 42 * DAY_MS),
      process_date: formatDate(exDate + 42 * DAY_MS),
      rate: value,
      special: false,
      foreign: false,
    }));
  const splits = all.filter(({ kind }) => kind === "split" && !faults.has("lost_row"))
    .map(({ symbol, exDate, value }) => ({
      ...named(symbol, exDate),
      process_date: formatDate(exDate),
      new_rate: value,
      old_rate: 1,
    }));
  const between = ({ process_date }: { process_date: string }) =>
    parseDate(process_date) >= from && parseDate(process_date) <= to;
  return json({
    corporate_actions: {
      cash_dividends: dividends.filter(between),
      forward_splits: splits.filter(between),
    },
    next_page_token: null,
  });
}

function named(symbol: string, exDate: Millis) {
  const ex_date = formatDate(exDate);
  return { id: `${symbol}-${ex_date}`, symbol, cusip: "000000000", ex_date, record_date: ex_date };
}
