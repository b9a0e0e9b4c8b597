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
 * The clock stands still between calls of `setTime`, `advance` and `sleep` (but see `tickMs`). Rate limits count per minute of it (200
 * requests at Alpaca, weight 6,000 at Binance) unless `limited: false`. Needs `--allow-net=127.0.0.1`.
 */
import type { Millis } from "../../core/bars.ts";
import type { Clock } from "../../core/clock.ts";
import type { DecimalText } from "../../core/ports.ts";
import type { OrderSide } from "../../core/trading.ts";
import type { BinanceFilters } from "./test_binance_shapes.ts";
import { amount } from "./test_decimal.ts";
import { openGate } from "./test_gate.ts";
import { type BookOrder, isOpen, type OrderWish } from "./test_ledger.ts";
import { openMarket } from "./test_market.ts";
import type { PriceBook } from "./test_prices.ts";
import {
  type BrokerFault,
  type BrokerFaultKind,
  faultBook,
  type RequestKind,
  type TransportFault,
} from "./test_schedule.ts";
import { openReplies } from "./test_replies.ts";
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
  /** How far each request moves the broker's clock, 0 unless given: for a client in a process of its own. */
  readonly tickMs?: Millis;
  /** Told before a request is looked at and before its answer is sent: the moments to kill a client in. With `fetch` it may throw. */
  readonly onRequest?: (seen: SeenRequest) => void;
}

/** A request that came in, or that is about to be answered. */
export interface SeenRequest {
  readonly phase: "before" | "after";
  readonly index: number;
  readonly kind: RequestKind;
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
  /** Money for each unit held, less the share of it that is withheld as tax; none unless given. */
  dividend(symbol: string, perShare: DecimalText, withheld?: DecimalText): void;
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

type Core = Omit<FaultBroker, "url" | "fetch" | "close" | typeof Symbol.asyncDispose>;

function openCore(options: FaultBrokerOptions) {
  const { faults = [], limited = true, decisionOf = byLastBar, tickMs = 0, onRequest } = options;
  const book = faultBook(faults);
  let now = options.now;
  let late: readonly { at: Millis; request: BrokerRequest }[] = [];
  const log: LogEntry[] = [];
  const market = openMarket(options, book.onOrder);
  const { world, protocol } = market;
  const { ledger, matching } = world;
  const gate = openGate(protocol, {
    perMinute: limited ? market.perMinute : Infinity,
    bans: options.kind === "binance",
  });
  const replies = openReplies(protocol, gate);

  const setTime = (time: Millis) => {
    if (!(time >= now)) throw new RangeError(`the broker's clock cannot go back to ${time}`);
    for (;;) {
      const next = late.find(({ at }) => at <= time);
      if (!next) break;
      late = late.filter((other) => other !== next);
      now = Math.max(now, next.at);
      matching.progress(now);
      const before = ledger.accepted.length;
      const { status } = carryOut(next.request, []);
      note(next.request, { faults: ["late"], status, before });
    }
    now = time;
    matching.progress(now);
  };
  /** What is said when nothing is wrong with the transport. */
  const carryOut = (request: BrokerRequest, falling: readonly BrokerFault[]): Answer => {
    const stale = falling.find((fault) => fault.kind === "stale");
    const skewMs = falling.find((fault) => fault.kind === "skew")?.ms ?? 0;
    if (falling.some((fault) => fault.kind === "filled_first")) fillNamed(request);
    const answer = protocol.handle(request, {
      now: now + skewMs,
      trueNow: now,
      book: stale === undefined ? ledger.book : ledger.asOf(now - stale.ms),
    });
    matching.progress(now);
    return spoilt(answer, falling, now);
  };
  const fillNamed = (request: BrokerRequest) => {
    for (const order of ledger.book.orders.filter(isOpen)) {
      if (names(request, order)) matching.fillRest(order.number, now);
    }
  };
  const happen = (fault: BrokerFault) => {
    if (fault.kind === "owner_trade") broker.ownerTrade(fault);
    else if (fault.kind === "deposit") broker.deposit(fault.cash);
    else if (fault.kind === "split") broker.split(fault.symbol, fault.ratio);
    else if (fault.kind === "dividend") broker.dividend(fault.symbol, fault.perShare);
    else if (fault.kind === "reset") broker.reset();
  };
  const note = (
    request: BrokerRequest,
    { faults, status, before }: Pick<LogEntry, "faults" | "status"> & { readonly before: number },
  ) => {
    const accepted = ledger.accepted[before]?.clientOrderId;
    const query = unsigned(request.rawQuery);
    log.push({
      ...{ index: log.length, time: now, kind: protocol.kindOf(request), method: request.method },
      path: request.path + (query === "" ? "" : `?${query}`),
      body: unsigned(request.body),
      faults,
      status,
      ...(accepted === undefined ? {} : { accepted }),
    });
  };

  const reply = (request: BrokerRequest): WireReply => {
    setTime(now + tickMs);
    const kind = protocol.kindOf(request);
    onRequest?.({ phase: "before", index: log.length, kind });
    const falling = book.onRequest(kind);
    for (const fault of falling) happen(fault);
    const before = ledger.accepted.length;
    const transport = falling.find((fault): fault is BrokerFault & TransportFault =>
      TRANSPORT.includes(fault.kind)
    );
    const refusal = gate.refusal(request, now);
    if (!refusal && transport?.kind === "late") {
      late = [...late, { at: now + transport.ms, request }].sort((a, b) => a.at - b.at);
    }
    const skewMs = falling.find((fault) => fault.kind === "skew")?.ms ?? 0;
    const answer = () => replies.whole(carryOut(request, falling), now, skewMs);
    const sent = refusal
      ? replies.whole(refusal, now)
      : transport
      ? replies.broken(transport, now, answer)
      : answer();
    const status = sent.kind === "drop" ? "nothing" : sent.status;
    note(request, { faults: falling.map((fault) => fault.kind), status, before });
    onRequest?.({ phase: "after", index: log.length - 1, kind });
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
    ownerTrade(trade) {
      const { venueId } = matching.accept(ownerWish(trade, ledger.accepted.length + 1), now);
      matching.progress(now);
      return venueId;
    },
    deposit: (cash) => ledger.adjust(ledger.rules.cashAsset, amount(cash), "deposit", now),
    reset: () => ledger.reset(now),
    split: (symbol, ratio) => market.split(symbol, ratio, now),
    dividend: (symbol, perShare, withheld = "0") =>
      market.dividend(symbol, perShare, withheld, now),
  };
  return { broker, reply };
}

function ownerWish({ symbol, side, quantity, limitPrice }: OwnerTrade, number: number): OrderWish {
  const common = { clientOrderId: `web_${number}`, symbol, side, quantity: amount(quantity) };
  return limitPrice === undefined
    ? { ...common, type: "market", timeInForce: "day", owner: true }
    : { ...common, type: "limit", timeInForce: "gtc", owner: true, limit: amount(limitPrice) };
}

/** Whether a cancel means an order, by name or as one of all. */
function names({ path, rawQuery, body }: BrokerRequest, order: BookOrder): boolean {
  const text = decodeURIComponent(`${path}?${rawQuery}&${body}`);
  const isOne = /order\?|orders\/./.test(text);
  return !isOne || text.includes(`=${order.clientOrderId}&`) ||
    new RegExp(`[=/]${order.venueId}\\b`).test(text);
}

function unsigned(text: string): string {
  return text.replace(/&?signature=[^&]*/, "");
}
