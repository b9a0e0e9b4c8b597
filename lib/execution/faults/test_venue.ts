import { DAY_MS, type Millis } from "../../core/bars.ts";
import { nextSession, sessionOn } from "../../core/calendar.ts";
import { formatTime } from "../../core/clock.ts";
import { newYorkOffsetMs } from "../../core/new_york.ts";
import { seededRandom } from "../../core/random.ts";
import { type Amount, amount } from "./test_decimal.ts";
import type { Book, Ledger } from "./test_ledger.ts";
import type { Hours, Matching } from "./test_matching.ts";
import type { Prices } from "./test_prices.ts";
import type { RequestKind } from "./test_schedule.ts";

/** A request as it came in. */
export interface BrokerRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The query as it was written: what a signature is made of. */
  readonly rawQuery: string;
  /** Names in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** One row of a list, and when what it tells last changed. */
export interface AnswerRow {
  readonly row: unknown;
  readonly changedAt: Millis;
}

/** An answer before anything goes wrong with it. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; nothing is sent when undefined. */
  readonly body?: unknown;
  /** Rows that can be lost, doubled or turned about, and how they stand in the body. */
  readonly list?: {
    readonly rows: readonly AnswerRow[];
    readonly body: (rows: readonly unknown[]) => unknown;
  };
  /** For one thing that was asked for: what would have been said if it were unknown. */
  readonly otherwise?: { readonly answer: Answer; readonly changedAt: Millis };
}

/** What a request is answered from: the moment as the venue's clock shows it, and a book that may be old. */
export interface Situation {
  readonly now: Millis;
  /** The broker's true time; what is done is done now. */
  readonly trueNow: Millis;
  readonly book: Book;
}

/** The protocol of one kind of broker. */
export interface Protocol {
  kindOf(request: BrokerRequest): RequestKind;
  handle(request: BrokerRequest, situation: Situation): Answer;
  /** How this venue says that something is wrong with itself. */
  trouble(status: number): Answer;
  /** Weight of a request in its rate limit, per minute of the broker's clock. */
  weightOf(request: BrokerRequest): number;
  /** Headers that go with every answer, from the weight used in this minute. */
  usage(used: number, now: Millis): Readonly<Record<string, string>>;
}

/** What a company did to the account: money or units that came or went. */
export interface Activity {
  /** From 1. */
  readonly number: number;
  readonly type: "DIV" | "DIVNRA" | "SPLIT";
  readonly symbol: string;
  /** Money, below 0 when it is taken. */
  readonly cash: Amount;
  /** Units that came, or went when below 0; of a dividend those that it was paid for. */
  readonly units: Amount;
  readonly perShare?: Amount;
  readonly time: Millis;
}

/** What every protocol speaks about. */
export interface World {
  readonly ledger: Ledger;
  readonly matching: Matching;
  readonly prices: Prices;
  readonly keys: { readonly id: string; readonly secret: string };
  readonly accountNumber: string;
  readonly seed: number | string;
  /** What companies did to the account, oldest first. */
  readonly activities: readonly Activity[];
  /** Splits so far. */
  readonly splits: readonly {
    readonly symbol: string;
    readonly ratio: number;
    readonly time: Millis;
  }[];
}

/** The hours of New York. */
export const newYorkHours: Hours = {
  current(time) {
    const session = sessionOn(newYorkDate(time));
    return session && time >= session.open && time < session.close ? session : undefined;
  },
  next: (time) => nextSession(time),
};

/** 00:00 UTC of the date on New York's clocks. */
export function newYorkDate(time: Millis): Millis {
  return Math.floor((time + newYorkOffsetMs(time)) / DAY_MS) * DAY_MS;
}

/** An id of the form that Alpaca gives, from a seed. */
export function uuid(seed: number | string, label: string): string {
  const random = seededRandom(`${seed}/id/${label}`);
  const hex = Array.from({ length: 32 }, () => random.integer(16).toString(16)).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-` +
    hex.slice(20);
}

/** A moment in nanoseconds; `number` tells apart what happened in the same millisecond. */
export function nanos(time: Millis, number: number): bigint {
  return BigInt(time) * 1_000_000n + BigInt(number % 1_000_000);
}

/** RFC 3339 with nine digits, in UTC. */
export function nanoText(time: bigint): string {
  const second = Number(time / 1_000_000_000n) * 1_000;
  const rest = (time % 1_000_000_000n).toString().padStart(9, "0");
  return `${formatTime(second).slice(0, -1)}.${rest}Z`;
}

/** Reads RFC 3339 with an offset and up to nine digits, or a bare date, as nanoseconds. */
export function readNanos(text: string): bigint | undefined {
  const match =
    /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|z|[+-]\d\d:\d\d))?$/.exec(
      text,
    );
  if (!match) return undefined;
  const [year, month, day, hours, minutes, seconds] = match.slice(1, 7).map((part) =>
    Number(part ?? 0)
  );
  const utc = Date.UTC(year!, month! - 1, day!, hours!, minutes!, seconds!);
  const zone = /([+-])(\d\d):(\d\d)/.exec(match[8] ?? "");
  const offset = zone
    ? Number(`${zone[1]}1`) * (Number(zone[2]) * 60 + Number(zone[3])) * 60_000
    : 0;
  return BigInt(utc - offset) * 1_000_000n + BigInt((match[7] ?? "").padEnd(9, "0"));
}

/** Cash that is not held back for open buys. */
export function freeCash({ ledger }: World, book: Book): Amount {
  return held(ledger, book).reduce(
    (cash, { asset, amount: locked }) => asset === ledger.rules.cashAsset ? cash - locked : cash,
    book.balances[ledger.rules.cashAsset] ?? 0n,
  );
}

/** Units that are not held back for open sells. */
export function freeUnits({ ledger }: World, book: Book, symbol: string): Amount {
  const asset = ledger.rules.assetOf(symbol);
  return held(ledger, book).reduce(
    (units, lock) => lock.asset === asset ? units - lock.amount : units,
    book.balances[asset] ?? 0n,
  );
}

/** What each open order holds back. */
export function held(
  { rules }: Ledger,
  book: Book,
): readonly { readonly asset: string; readonly amount: Amount }[] {
  return book.orders.filter(({ status }) => ["parked", "new", "partial"].includes(status))
    .map(({ side, symbol, quantity, filled, reserve }) =>
      side === "buy"
        ? { asset: rules.cashAsset, amount: (quantity - filled) * reserve / ONE }
        : { asset: rules.assetOf(symbol), amount: quantity - filled }
    );
}

const ONE = amount("1");
