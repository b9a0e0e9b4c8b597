/**
 * A broker on loopback that speaks Alpaca or Binance spot, keeps an exact ledger, and lets things go wrong by a
 * schedule: the same options and the same requests give the same answers to the last byte.
 *
 *     await using broker = openFaultBroker({
 *       kind: "binance",
 *       seed: 7,
 *       now: parseTime("2026-03-02T16:00:01Z"),
 *       prices: { BTCUSDT: "60000" },             // or { stepMs, bars } for prices of your own
 *       faults: faultSchedule(7, { requests: 200 }), // or hand-written: [{ on: "submit", at: 0, kind: "lost", phase: "after" }]
 *     });
 *     broker.url, broker.keys, broker.clock       // for the client; broker.fetch is the same without a network
 *     await broker.sleep(5_000);                  // moves the broker's clock, takes no time
 *     broker.truth().acceptedByClientId           // a value above 1 is a duplicate
 *
 * The clock stands still between calls of `setTime`, `advance` and `sleep`. Rate limits count per minute of it (200
 * requests at Alpaca, weight 6,000 at Binance) unless `limited: false`. Needs `--allow-net=127.0.0.1`.
 */
import type { Millis } from "../../core/bars.ts";
import { type Clock, formatTime } from "../../core/clock.ts";
import type { DecimalText } from "../../core/ports.ts";
import type { OrderSide } from "../../core/trading.ts";
import { openMarket } from "./test_market.ts";
import type { BinanceFilters } from "./test_binance_shapes.ts";
import { amount } from "./test_decimal.ts";
import { isOpen } from "./test_ledger.ts";
import type { PriceBook } from "./test_prices.ts";
import {
  type BrokerFault,
  type BrokerFaultKind,
  faultBook,
  type RequestKind,
  type TransportFault,
} from "./test_schedule.ts";
import { spoilt } from "./test_spoil.ts";
import { byLastBar, type DecisionOf, type Truth, truthOf } from "./test_truth.ts";
import type { Answer, BrokerRequest } from "./test_venue.ts";
import { openWire, wireFetch, type WireReply } from "./test_wire.ts";

export type { Truth, TruthDecision, TruthFill, TruthOrder } from "./test_truth.ts";
export type { FaultBar, GivenBars, PriceBook } from "./test_prices.ts";
export {
  type BrokerFault,
  type BrokerFaultKind,
  type FaultFrequencies,
  faultSchedule,
  OUTSIDE_FAULTS,
  type RequestKind,
  scheduleText,
  shrinkSchedule,
  USUAL_FAULTS,
} from "./test_schedule.ts";

export interface FaultBrokerOptions {
  readonly kind: "alpaca" | "binance";
  readonly seed: number | string;
  /** Where the broker's clock begins. */
  readonly now: Millis;
  readonly prices: PriceBook;
  readonly faults?: readonly BrokerFault[];
  /** USD or USDT on the first day, 100,000 unless given. */
  readonly cash?: DecimalText;
  /** Units by symbol on the first day. */
  readonly holdings?: Readonly<Record<string, DecimalText>>;
  /** How far prices of a seed wander, 1 unless given; 0 stands still. */
  readonly volatility?: number;
  /** Half of the distance between bid and ask, 0.0001 of the price unless given. */
  readonly halfSpread?: DecimalText;
  /** Binance's rules by symbol where they are not the usual ones. */
  readonly filters?: Readonly<Record<string, Partial<BinanceFilters>>>;
  readonly limited?: boolean;
  readonly decisionOf?: DecisionOf;
}

/** What came in and what became of it. */
export interface LogEntry {
  /** From 0. */
  readonly index: number;
  readonly time: Millis;
  readonly kind: RequestKind;
  readonly method: string;
  /** Without signature. */
  readonly path: string;
  readonly body: string;
  readonly faults: readonly BrokerFaultKind[];
  /** Status that was sent, or nothing for a connection that was closed. */
  readonly status: number | "nothing";
  /** The client's id of the order that was accepted. */
  readonly accepted?: string;
}

/** A trade of the account's owner. */
export interface OwnerTrade {
  readonly symbol: string;
  readonly side: OrderSide;
  readonly quantity: DecimalText;
  /** The order rests at it until the market gets there. */
  readonly limitPrice?: DecimalText;
}

export interface FaultBroker extends AsyncDisposable {
  readonly url: string;
  /** The same broker without a network. */
  readonly fetch: typeof fetch;
  readonly keys: { readonly id: string; readonly secret: string };
  readonly accountNumber: string;
  /** The broker's clock, for a client that is to share it. */
  readonly clock: Clock;
  readonly log: readonly LogEntry[];
  truth(): Truth;
  /** Moves the clock on; RangeError backwards. */
  setTime(time: Millis): void;
  advance(ms: Millis): void;
  /** `advance` for a client that waits. */
  sleep(ms: Millis): Promise<void>;
  /** Pins a price; undefined lets it wander again. */
  setPrice(symbol: string, price: DecimalText | undefined): void;
  /** Venue's id of the order. */
  ownerTrade(trade: OwnerTrade): string;
  deposit(cash: DecimalText): void;
  reset(): void;
  split(symbol: string, ratio: number): void;
  close(): Promise<void>;
}

/** Starts a broker on a free port of 127.0.0.1. */
export function openFaultBroker(options: FaultBrokerOptions): FaultBroker {
  const core = openCore(options);
  const wire = openWire(core.reply);
  const { broker } = core;
  return Object.assign(broker, {
    url: wire.url,
    fetch: wireFetch(core.reply),
    close: wire.close,
    [Symbol.asyncDispose]: wire.close,
  });
}

const TRANSPORT: readonly BrokerFaultKind[] = [
  ...["lost", "status", "html", "cut", "short", "slow", "late"] as const,
  ...["rate_limited", "banned"] as const,
];
const HTML = "<!DOCTYPE html>\n<html><body><h1>Please stand by</h1></body></html>";
const MINUTE_MS = 60_000;
/** How often a venue says 429 to who does not wait, before it says 418. */
const PATIENCE = 3;
const BAN_MS = 120_000;

type Core = Omit<FaultBroker, "url" | "fetch" | "close" | typeof Symbol.asyncDispose>;

function openCore(options: FaultBrokerOptions) {
  const { kind: venue, faults = [], limited = true, decisionOf = byLastBar } = options;
  const book = faultBook(faults);
  let now = options.now;
  const market = openMarket(options, book.onOrder);
  const { world, protocol, perMinute } = market;
  const { ledger, matching } = world;
  const log: LogEntry[] = [];
  let late: readonly { at: Millis; request: BrokerRequest }[] = [];
  let blocked = { until: -Infinity, status: 429, asked: 0 };
  let usage = { minute: NaN, used: 0 };

  const setTime = (time: Millis) => {
    if (!(time >= now)) throw new RangeError(`the broker's clock cannot go back to ${time}`);
    for (;;) {
      const next = late.find(({ at }) => at <= time);
      if (!next) break;
      late = late.filter((other) => other !== next);
      now = Math.max(now, next.at);
      matching.progress(now);
      const before = ledger.accepted.length;
      const { status } = protocol.handle(next.request, situation());
      matching.progress(now);
      note(next.request, { faults: ["late"], status, before });
    }
    now = time;
    matching.progress(now);
  };
  const situation = (staleMs?: Millis, skewMs = 0) => ({
    now: now + skewMs,
    trueNow: now,
    book: staleMs === undefined ? ledger.book : ledger.asOf(now - staleMs),
  });
  const note = (
    request: BrokerRequest,
    { faults, status, before }: {
      readonly faults: readonly BrokerFaultKind[];
      readonly status: number | "nothing";
      readonly before: number;
    },
  ) => {
    const accepted = ledger.accepted[before]?.clientOrderId;
    const query = request.rawQuery.replace(/&?signature=[^&]*/, "");
    log.push({
      ...{ index: log.length, time: now, kind: protocol.kindOf(request), method: request.method },
      path: request.path + (query === "" ? "" : `?${query}`),
      body: request.body.replace(/&?signature=[^&]*/, ""),
      faults,
      status,
      ...(accepted === undefined ? {} : { accepted }),
    });
  };
  const refused = (request: BrokerRequest): Answer | undefined => {
    if (now < blocked.until) {
      blocked.asked++;
      if (venue === "binance" && blocked.status === 429 && blocked.asked >= PATIENCE) {
        blocked = { until: now + BAN_MS, status: 418, asked: 0 };
      }
      return block();
    }
    const minute = Math.floor(now / MINUTE_MS);
    usage = {
      minute,
      used: (usage.minute === minute ? usage.used : 0) + protocol.weightOf(request),
    };
    if (!limited || usage.used <= perMinute) return undefined;
    blocked = { until: (minute + 1) * MINUTE_MS, status: 429, asked: 0 };
    return block();
  };
  const block = (): Answer => {
    const answer = protocol.trouble(blocked.status);
    const seconds = Math.max(1, Math.ceil((blocked.until - now) / 1_000));
    return { ...answer, headers: { "retry-after": String(seconds) } };
  };

  /** What is said when nothing is wrong with the transport. */
  const carryOut = (request: BrokerRequest, falling: readonly BrokerFault[]): Answer => {
    const stale = falling.find((fault) => fault.kind === "stale");
    const skew = falling.find((fault) => fault.kind === "skew");
    if (falling.some((fault) => fault.kind === "filled_first")) fillNamed(request);
    const answer = protocol.handle(request, situation(stale?.ms, skew?.ms));
    matching.progress(now);
    return spoilt(answer, falling, now);
  };
  const fillNamed = ({ path, rawQuery, body }: BrokerRequest) => {
    const text = decodeURIComponent(`${path}?${rawQuery}&${body}`);
    const all = !/order\?|orders\/./.test(text);
    for (const { number, venueId, clientOrderId } of ledger.book.orders.filter(isOpen)) {
      const named = text.includes(`=${clientOrderId}`) ||
        new RegExp(`[=/]${venueId}\\b`).test(text);
      if (all || named) matching.fillRest(number, now);
    }
  };
  const happen = (fault: BrokerFault) => {
    if (fault.kind === "owner_trade") broker.ownerTrade(fault);
    else if (fault.kind === "deposit") broker.deposit(fault.cash);
    else if (fault.kind === "split") broker.split(fault.symbol, fault.ratio);
    else if (fault.kind === "reset") broker.reset();
  };
  const wired = (answer: Answer, skewMs = 0): WireReply & { kind: "answer" } => ({
    kind: "answer",
    status: answer.status,
    headers: {
      "content-type": "application/json",
      date: httpDate(now + skewMs),
      ...protocol.usage(usage.used, now),
      ...answer.headers,
    },
    body: answer.body === undefined ? "" : JSON.stringify(answer.body),
  });
  const html = (): WireReply => ({
    ...wired({ status: 200 }),
    headers: { "content-type": "text/html" },
    body: HTML,
  });

  const broken = (
    fault: TransportFault,
    request: BrokerRequest,
    answer: () => WireReply & { kind: "answer" },
  ): WireReply => {
    if (fault.kind === "late") {
      late = [...late, { at: now + fault.ms, request }].sort((a, b) => a.at - b.at);
      return { kind: "drop" };
    }
    if (fault.kind === "rate_limited" || fault.kind === "banned") {
      const status = fault.kind === "banned" && venue === "binance" ? 418 : 429;
      blocked = { until: now + fault.retryAfterS * 1_000, status, asked: 0 };
      return wired(block());
    }
    // Whatever goes wrong before, the request is never looked at.
    const isBefore = "phase" in fault && fault.phase === "before";
    const right = isBefore ? undefined : answer();
    if (fault.kind === "status") return wired(protocol.trouble(fault.status));
    if (fault.kind === "html") return html();
    if (fault.kind === "slow") return { ...(right ?? { kind: "drop" }), delayMs: fault.ms };
    if (right === undefined || fault.kind === "lost") return { kind: "drop" };
    if (fault.kind === "cut") return { ...right, cut: true };
    return { ...right, body: right.body.slice(0, Math.floor(right.body.length / 2)) };
  };

  const reply = (request: BrokerRequest): WireReply => {
    matching.progress(now);
    const falling = book.onRequest(protocol.kindOf(request));
    for (const fault of falling) happen(fault);
    const before = ledger.accepted.length;
    const skew = falling.find((fault) => fault.kind === "skew")?.ms;
    const refusal = refused(request);
    const transport = falling.find((fault): fault is BrokerFault & TransportFault =>
      TRANSPORT.includes(fault.kind)
    );
    const answer = () => wired(carryOut(request, falling), skew);
    const sent = refusal
      ? wired(refusal)
      : transport
      ? broken(transport, request, answer)
      : answer();
    note(request, {
      faults: falling.map(({ kind }) => kind),
      status: sent.kind === "drop" ? "nothing" : sent.status,
      before,
    });
    return sent;
  };

  const broker: Core = {
    keys: world.keys,
    accountNumber: world.accountNumber,
    clock: { now: () => now, elapsed: () => now },
    log,
    truth: () =>
      truthOf(ledger, { symbols: world.prices.symbols, now, decisionOf, tradeId: market.tradeId }),
    setTime,
    advance: (ms) => setTime(now + ms),
    sleep(ms) {
      setTime(now + ms);
      return Promise.resolve();
    },
    setPrice(symbol, price) {
      world.prices.pin(symbol, price === undefined ? undefined : amount(price));
      matching.progress(now);
    },
    ownerTrade({ symbol, side, quantity, limitPrice }) {
      const { venueId } = matching.accept({
        clientOrderId: `web_${ledger.accepted.length + 1}`,
        symbol,
        side,
        quantity: amount(quantity),
        timeInForce: limitPrice === undefined ? "day" : "gtc",
        owner: true,
        ...(limitPrice === undefined
          ? { type: "market" }
          : { type: "limit", limit: amount(limitPrice) }),
      }, now);
      matching.progress(now);
      return venueId;
    },
    deposit: (cash) => ledger.adjust(ledger.rules.cashAsset, amount(cash), "deposit", now),
    reset: () => ledger.reset(now),
    split: (symbol, ratio) => market.split(symbol, ratio, now),
  };
  return { broker, reply };
}

const DAYS = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A moment as a `Date` header has it (RFC 9110, IMF-fixdate). */
function httpDate(time: Millis): string {
  const text = formatTime(time);
  const [year, month, day] = text.slice(0, 10).split("-");
  const weekday = DAYS[Math.floor(time / 86_400_000) % 7];
  return `${weekday}, ${day} ${MONTHS[Number(month) - 1]} ${year} ${text.slice(11, 19)} GMT`;
}
