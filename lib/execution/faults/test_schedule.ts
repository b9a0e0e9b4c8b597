import type { Millis } from "../../core/bars.ts";
import type { DecimalText } from "../../core/ports.ts";
import { type Random, seededRandom } from "../../core/random.ts";

/** What a request wants, whichever venue it is sent to. */
export type RequestKind =
  | "submit"
  | "cancel"
  /** One order, by the client's id or the venue's. */
  | "lookup"
  | "orders"
  | "fills"
  /** Cash; at Binance the positions, too. */
  | "account"
  | "positions"
  | "clock"
  /** Prices, bars, rules, calendar. */
  | "market";

/**
 * Where a fault falls: on request number `at` (from 0) among requests of a kind, or among all; `order`: on the order
 * that was accepted as number `at`, without the owner's own. It goes on for `times` in a row, 1 unless given.
 */
export interface FaultPlace {
  readonly on: RequestKind | "any" | "order";
  readonly at: number;
  readonly times?: number;
}

/** Whether a request was carried out before its answer went wrong. */
export type Phase = "before" | "after";

/** What can become of an answer on its way. */
export type TransportFault =
  /** The connection breaks without an answer. */
  | { readonly kind: "lost"; readonly phase: Phase }
  | { readonly kind: "status"; readonly phase: Phase; readonly status: 500 | 502 | 503 | 504 }
  /** A page of HTML with status 200. */
  | { readonly kind: "html"; readonly phase: Phase }
  /** Half of the right body, then the connection breaks. */
  | { readonly kind: "cut" }
  /** Half of the right body, as if it were whole. */
  | { readonly kind: "short" }
  /** The answer comes so many real milliseconds later. */
  | { readonly kind: "slow"; readonly phase: Phase; readonly ms: number }
  /** The connection breaks; the request is carried out when the broker's clock is so much further. */
  | { readonly kind: "late"; readonly ms: Millis }
  /** 429, for all requests until so many seconds of the broker's clock have passed; who goes on gets 418. */
  | { readonly kind: "rate_limited"; readonly retryAfterS: number }
  /** 418, for so long. */
  | { readonly kind: "banned"; readonly retryAfterS: number };

/** How a read can be wrong though it looks right. */
export type ReadFault =
  /** As things stood so long ago. */
  | { readonly kind: "stale"; readonly ms: Millis }
  /** A row (an order that is asked for) is missing, of those that changed less than `youngerMs` ago. */
  | { readonly kind: "missing"; readonly row: number; readonly youngerMs: Millis }
  | { readonly kind: "duplicated"; readonly row: number }
  /** Rows turned about. */
  | { readonly kind: "shuffled" }
  /** The broker's clock is off, ahead when positive. */
  | { readonly kind: "skew"; readonly ms: Millis };

/** What becomes of an order that was accepted. */
export type OrderFate =
  | { readonly kind: "delayed"; readonly ms: Millis }
  /** So many tenths at once, the rest later, or never: then it is cancelled. */
  | { readonly kind: "partial"; readonly tenths: number; readonly restMs: Millis | "never" }
  /** Accepted, then rejected without a fill. */
  | { readonly kind: "rejected" }
  /** Accepted, then cancelled by the venue, after so many tenths. */
  | { readonly kind: "canceled"; readonly tenths: number };

/** What happens to the account from outside, before the request is looked at. */
export type WorldFault =
  | {
    readonly kind: "owner_trade";
    readonly symbol: string;
    readonly side: "buy" | "sell";
    readonly quantity: DecimalText;
    /** Rests where given. */
    readonly limitPrice?: DecimalText;
  }
  /** Cash that comes in, or leaves when negative. */
  | { readonly kind: "deposit"; readonly cash: DecimalText }
  /** The account is as on the first day: orders and fills are gone. */
  | { readonly kind: "reset" }
  | { readonly kind: "split"; readonly symbol: string; readonly ratio: number }
  | { readonly kind: "dividend"; readonly symbol: string; readonly perShare: DecimalText };

/** The order fills in the moment it is to be cancelled. */
export interface CancelRace {
  readonly kind: "filled_first";
}

/** One thing that goes wrong; plain data, so that a schedule can be printed and handed in again. */
export type BrokerFault =
  & FaultPlace
  & (TransportFault | ReadFault | OrderFate | WorldFault | CancelRace);

export type BrokerFaultKind = BrokerFault["kind"];

/** Share of the requests (of the orders, for fates) on which each kind falls. */
export type FaultFrequencies = Readonly<Partial<Record<BrokerFaultKind, number>>>;

/**
 * Everything a broker does to honest software, without what an owner does: nothing here may block an account for good.
 * Reads are wrong for at most ten seconds, which is how long Binance may take to answer an order.
 */
export const USUAL_FAULTS: FaultFrequencies = {
  lost: 0.04,
  status: 0.03,
  html: 0.02,
  cut: 0.02,
  short: 0.01,
  slow: 0.01,
  late: 0.01,
  rate_limited: 0.005,
  banned: 0.001,
  stale: 0.06,
  missing: 0.04,
  duplicated: 0.04,
  shuffled: 0.04,
  skew: 0.005,
  delayed: 0.15,
  partial: 0.15,
  rejected: 0.04,
  canceled: 0.04,
  filled_first: 0.1,
};

/** What an owner or an exchange does behind our back: drift that has to be seen. */
export const OUTSIDE_FAULTS: FaultFrequencies = {
  owner_trade: 0.01,
  deposit: 0.01,
  reset: 0.004,
  split: 0.004,
  dividend: 0.004,
};

export interface ScheduleOptions {
  /** Faults fall on requests 0 to here, and on a quarter as many of each kind. */
  readonly requests: number;
  readonly frequencies?: FaultFrequencies;
  /** What owners trade and companies split; none of both without symbols. */
  readonly symbols?: readonly string[];
  /** Units of an owner's trade. */
  readonly ownerQuantity?: DecimalText;
  /** Real milliseconds of a slow answer: more than the client's timeout. */
  readonly slowMs?: number;
}

const FATES: readonly string[] = ["delayed", "partial", "rejected", "canceled"];
const WORLD: readonly string[] = ["owner_trade", "deposit", "reset", "split", "dividend"];
/** What cannot be made up without symbols. */
const OF_SYMBOLS: readonly string[] = ["owner_trade", "split", "dividend"];
const LISTS = ["orders", "fills", "positions", "account"] as const;
const DELAYS = [200, 1_500, 6_000, 20_000, 90_000] as const;
const LONGEST_LIE_MS = 10_000;

/** A schedule of faults from a seed: the same arguments give the same faults, in the order of their places. */
export function faultSchedule(
  seed: number | string,
  options: ScheduleOptions,
): readonly BrokerFault[] {
  const { requests, frequencies = USUAL_FAULTS, symbols = [] } = options;
  const random = seededRandom(`${seed}/faults`);
  const faults: BrokerFault[] = [];
  for (const kind of Object.keys(frequencies).sort() as BrokerFaultKind[]) {
    if (OF_SYMBOLS.includes(kind) && symbols.length === 0) continue;
    const chance = random.fork(kind);
    const count = WORLD.includes(kind) ? requests : Math.ceil(requests / 4);
    for (let at = 0; at < count; at++) {
      if (chance.next() < frequencies[kind]!) faults.push(place(kind, at, chance, options));
    }
  }
  return faults.toSorted((a, b) => a.at - b.at);
}

function place(
  kind: BrokerFaultKind,
  at: number,
  chance: Random,
  { symbols = [], ownerQuantity = "0.01", slowMs = 400 }: ScheduleOptions,
): BrokerFault {
  const one = <Value>(values: readonly Value[]) => values[chance.integer(values.length)]!;
  const phase = one(["before", "after"] as const);
  // Orders are what must not go wrong: half of what breaks falls on them.
  const any = {
    on: one(["submit", "submit", "submit", "cancel", "lookup", ...LISTS] as const),
    at,
  };
  const list = { on: one(LISTS), at };
  const row = chance.integer(8);
  const tenths = 1 + chance.integer(9);
  if (FATES.includes(kind)) return fate(kind, at, tenths, one);
  switch (kind) {
    case "lost":
    case "html":
      return { ...any, kind, phase };
    case "status":
      return { ...any, kind, phase, status: one([500, 502, 503, 504] as const) };
    case "cut":
    case "short":
      return { ...any, kind };
    case "slow":
      return { ...any, kind, phase, ms: slowMs };
    case "late":
      return { on: "submit", at, kind, ms: 100 + chance.integer(4_900) };
    case "rate_limited":
      return { ...any, kind, retryAfterS: 1 + chance.integer(5) };
    case "banned":
      return { ...any, kind, retryAfterS: 120 };
    case "stale":
      return {
        on: one(["lookup", ...LISTS] as const),
        at,
        times: 1 + chance.integer(3),
        kind,
        ms: 500 + chance.integer(LONGEST_LIE_MS - 500),
      };
    case "missing":
      return { on: one(["lookup", ...LISTS] as const), at, kind, row, youngerMs: LONGEST_LIE_MS };
    case "duplicated":
      return { ...list, kind, row };
    case "shuffled":
      return { ...list, kind };
    case "skew":
      return { on: "clock", at, kind, ms: one([-5_000, -600, 600, 5_000]) };
    case "owner_trade":
      return {
        ...{ on: "any", at, kind },
        ...{ symbol: one(symbols), side: one(["buy", "sell"] as const), quantity: ownerQuantity },
      };
    case "deposit":
      return { on: "any", at, kind, cash: one(["1000", "25.5", "-500"]) };
    case "split":
      return { on: "any", at, kind, symbol: one(symbols), ratio: one([2, 4, 10]) };
    case "dividend":
      return { on: "any", at, kind, symbol: one(symbols), perShare: one(["0.07", "1.77"]) };
    case "filled_first":
      return { on: "cancel", at, kind };
    default:
      return { on: "any", at, kind: "reset" };
  }
}

function fate(
  kind: BrokerFaultKind,
  at: number,
  tenths: number,
  one: <Value>(values: readonly Value[]) => Value,
): BrokerFault {
  const order = { on: "order", at } as const;
  if (kind === "delayed") return { ...order, kind, ms: one(DELAYS) };
  if (kind === "partial") {
    return { ...order, kind, tenths, restMs: one([...DELAYS, "never"] as const) };
  }
  if (kind === "canceled") return { ...order, kind, tenths: one([0, tenths]) };
  return { ...order, kind: "rejected" };
}

/** One fault a line, to be pasted into a test. */
export function scheduleText(faults: readonly BrokerFault[]): string {
  return faults.map((fault) => JSON.stringify(fault)).join("\n");
}

/**
 * A smaller schedule that still fails: drops halves, quarters, … and single faults as long as `fails` says so.
 * RangeError when the whole schedule does not fail.
 */
export async function shrinkSchedule(
  faults: readonly BrokerFault[],
  fails: (faults: readonly BrokerFault[]) => Promise<boolean> | boolean,
): Promise<readonly BrokerFault[]> {
  if (!await fails(faults)) throw new RangeError("Cannot shrink a schedule that does not fail");
  let kept = faults;
  let size = Math.ceil(kept.length / 2);
  while (size > 0 && kept.length > 0) {
    let dropped = false;
    for (let from = 0; from < kept.length;) {
      const smaller = kept.toSpliced(from, size);
      if (await fails(smaller)) {
        kept = smaller;
        dropped = true;
      } else from += size;
    }
    if (size === 1 && !dropped) break;
    size = size === 1 ? 1 : Math.ceil(size / 2);
  }
  return kept;
}

/** Counts requests and orders, and says which faults fall on each. */
export interface FaultBook {
  /** Faults on a request; each call is one request more. */
  onRequest(kind: RequestKind): readonly BrokerFault[];
  /** The fate of the next accepted order; each call is one order more. */
  onOrder(): OrderFate | undefined;
}

/** A book of a schedule. */
export function faultBook(schedule: readonly BrokerFault[]): FaultBook {
  const counts = new Map<string, number>();
  const next = (name: string) => {
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return schedule.filter(({ on, at, times = 1 }) =>
      on === name && count >= at && count < at + times
    );
  };
  return {
    onRequest: (kind) => [...next("any"), ...next(kind)],
    onOrder: () =>
      next("order").find((fault): fault is BrokerFault & OrderFate => FATES.includes(fault.kind)),
  };
}
