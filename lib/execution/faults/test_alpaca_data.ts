import { DAY_MS, HOUR_MS, type Millis } from "../../core/bars.ts";
import { sessionsBetween } from "../../core/calendar.ts";
import { formatDate, formatTime } from "../../core/clock.ts";
import { newYorkMoment } from "../../core/new_york.ts";
import { amountNumber } from "./test_decimal.ts";
import {
  type Answer,
  type BrokerRequest,
  nanos,
  nanoText,
  readNanos,
  type Situation,
  type World,
} from "./test_venue.ts";

// Shapes: StockBar, StockTrade, StockQuote and their answers in @alpacahq/alpaca-trade-api 4.0.2.

/** Market data of stocks, and splits. */
export function alpacaData(
  world: World,
  { method, path, query }: BrokerRequest,
  { now }: Situation,
): Answer | undefined {
  if (method !== "GET") return undefined;
  if (path === "/v1/corporate-actions") return corporateActions(world, query);
  const one = /^\/v2\/stocks\/([^/]+)\/(bars|trades\/latest|quotes\/latest)$/.exec(path);
  const many = /^\/v2\/stocks\/(bars|trades\/latest|quotes\/latest)$/.exec(path);
  const what = one?.[2] ?? many?.[1];
  if (what === undefined) return undefined;
  const symbols = one ? [decodeURIComponent(one[1]!)] : (query.get("symbols") ?? "").split(",");
  if (!symbols.every((symbol) => /^[A-Z.]+$/.test(symbol))) {
    return { status: 400, body: { message: `invalid symbol: ${symbols.join(",")}` } };
  }
  const known = symbols.filter((symbol) => world.prices.symbols.includes(symbol));
  if (what === "bars") return bars(world, query, now, known, one !== null);
  const name = what === "trades/latest" ? "trade" : "quote";
  const rows = known.map((symbol) =>
    [symbol, name === "trade" ? trade(world, symbol, now) : quote(world, symbol, now)] as const
  );
  const [first] = rows;
  if (one && !first) {
    return { status: 404, body: { message: `no ${name} found for ${symbols[0]}` } };
  }
  return {
    status: 200,
    body: one
      ? { symbol: symbols[0], [name]: first![1] }
      : { [`${name}s`]: Object.fromEntries(rows) },
  };
}

function trade({ prices }: World, symbol: string, now: Millis) {
  return {
    c: ["@"],
    i: Math.floor(now / 1_000),
    p: amountNumber(prices.at(symbol, now)),
    s: 100,
    t: nanoText(nanos(now, 0)),
    x: "V",
    z: "B",
  };
}

function quote({ matching }: World, symbol: string, now: Millis) {
  return {
    ap: amountNumber(matching.ask(symbol, now)),
    as: 3,
    ax: "V",
    bp: amountNumber(matching.bid(symbol, now)),
    bs: 3,
    bx: "V",
    c: ["R"],
    t: nanoText(nanos(now, 0)),
    z: "B",
  };
}

const UNITS: Readonly<Record<string, Millis>> = {
  Min: 60_000,
  T: 60_000,
  Hour: HOUR_MS,
  H: HOUR_MS,
  Day: DAY_MS,
  D: DAY_MS,
};

function bars(
  { prices }: World,
  query: URLSearchParams,
  now: Millis,
  symbols: readonly string[],
  single: boolean,
): Answer {
  const match = /^(\d+)(Min|T|Hour|H|Day|D)$/.exec(query.get("timeframe") ?? "");
  const stepMs = match ? Number(match[1]) * UNITS[match[2]!]! : NaN;
  const from = millis(query.get("start")) ?? now - DAY_MS;
  const to = Math.min(millis(query.get("end")) ?? now, now);
  const limit = Number(query.get("limit") ?? 1_000);
  if (!(stepMs > 0) || !(limit >= 1 && limit <= 10_000)) {
    return { status: 400, body: { message: "invalid parameter" } };
  }
  const opens = barOpens(stepMs, from, to);
  const all = symbols.toSorted().flatMap((symbol) =>
    opens.flatMap((time) => {
      const bar = prices.bar(symbol, time, stepMs, now);
      return bar ? [{ symbol, time, bar }] : [];
    })
  );
  const token = query.get("page_token");
  const first = token === null ? 0 : Number(atob(token));
  const page = all.slice(first, first + limit).map(({ symbol, time, bar }) => ({
    symbol,
    bar: {
      c: amountNumber(bar.close),
      h: amountNumber(bar.high),
      l: amountNumber(bar.low),
      n: 10,
      o: amountNumber(bar.open),
      t: formatTime(time),
      v: amountNumber(bar.volume),
      vw: amountNumber((bar.high + bar.low) / 2n),
    },
  }));
  const next_page_token = first + limit < all.length ? btoa(String(first + limit)) : null;
  if (single) {
    const [symbol] = symbols;
    return { status: 200, body: { bars: page.map(({ bar }) => bar), symbol, next_page_token } };
  }
  const grouped = symbols.map((symbol) =>
    [symbol, page.filter((row) => row.symbol === symbol).map(({ bar }) => bar)] as const
  ).filter(([, rows]) => rows.length > 0);
  return { status: 200, body: { bars: Object.fromEntries(grouped), next_page_token } };
}

/** Opens of bars in [from, to] that have trades of a regular session; days begin at New York's midnight. */
function barOpens(stepMs: Millis, from: Millis, to: Millis): readonly Millis[] {
  const day = Math.floor(from / DAY_MS) * DAY_MS;
  return sessionsBetween(day - DAY_MS, Math.max(day, to + DAY_MS)).flatMap((session) => {
    if (stepMs >= DAY_MS) return [newYorkMoment(session.date, 0)];
    const opens: Millis[] = [];
    const first = Math.floor(session.open / stepMs) * stepMs;
    for (let time = first; time < session.close; time += stepMs) opens.push(time);
    return opens;
  }).filter((time) => time >= from && time <= to);
}

function millis(text: string | null): Millis | undefined {
  const read = text === null ? undefined : readNanos(text);
  return read === undefined ? undefined : Number(read / 1_000_000n);
}

function corporateActions({ splits }: World, query: URLSearchParams): Answer {
  const symbols = (query.get("symbols") ?? "").split(",");
  const forward_splits = splits.filter(({ symbol }) => symbols.includes(symbol))
    .map(({ symbol, ratio, time }) => {
      const ex_date = formatDate(time);
      return {
        ...{ id: `${symbol}-${ex_date}`, symbol, cusip: "000000000", ex_date },
        ...{ record_date: ex_date, process_date: ex_date, new_rate: ratio, old_rate: 1 },
      };
    });
  return { status: 200, body: { corporate_actions: { forward_splits }, next_page_token: null } };
}
