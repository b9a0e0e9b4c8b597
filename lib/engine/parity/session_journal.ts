import type { Millis } from "../../core/bars.ts";
import { formatTime } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { DecimalText } from "../../core/ports.ts";
import type { LinkedEvent, StateEvent } from "../../execution/account/mod.ts";
import { type Exact, exact } from "../../execution/account/exact.ts";
import type { DecisionRecord } from "../../execution/account/state_events.ts";
import { type Book, bookEvent, bookOf, type OrderProgress } from "./book.ts";

/** One decision of a session, with all that it was made from. */
export interface JournalledDecision extends Omit<DecisionRecord, "barCloseTime" | "inputsHash"> {
  /** The close that was decided for, and when that was written down. */
  readonly time: Millis;
  readonly decidedAt: Millis;
  /** Link of the chain; what happened in an interval lies between two of them. */
  readonly seq: number;
  /** What it saw, as a change of what the one before saw. */
  readonly sightText: string;
  readonly skewMs: number | null;
  /** The account at that moment. */
  readonly book: Book;
  /** The models' state before, with what has happened behind link `settledTo` still to be folded in, and after. */
  readonly stateBefore: string | undefined;
  readonly settledTo: number;
  readonly stateAfter: string;
}

/** What a decision wanted of a symbol and what became of it. */
export interface JournalledOrder {
  readonly time: Millis;
  readonly symbol: string;
  /** Units that were ordered last, negative for a sale. */
  readonly ordered: Exact;
  /** Units that were held when it was planned. */
  readonly held: Exact;
  readonly arrivalPrice: DecimalText | undefined;
  readonly plannedAt: Millis;
  /** Link of its first planning. */
  readonly seq: number;
  readonly clientOrderIds: readonly string[];
  readonly state: string;
  readonly reason: string;
  readonly filled: Exact;
  readonly fills: readonly LinkedFill[];
}

/** A fill with its link. */
export interface LinkedFill {
  readonly seq: number;
  readonly event: Extract<StateEvent, { readonly kind: "fill" }>;
}

/** A session as its chain tells it, oldest first. */
export interface SessionJournal {
  readonly events: readonly LinkedEvent[];
  readonly decisions: readonly JournalledDecision[];
  /** Closes of which it is written down that nothing was decided. */
  readonly missed: ReadonlyMap<Millis, string>;
  /** By decision and symbol, see `orderKey`. */
  readonly orders: ReadonlyMap<string, JournalledOrder>;
  /** Keys of orders by client order id. */
  readonly keyOfOrder: ReadonlyMap<string, string>;
  /** Sizes that were not sent, by the same key, with the reason. */
  readonly skips: ReadonlyMap<string, string>;
  readonly marks: readonly JournalledMark[];
  /** Links of fills that showed after holdings had been accepted: they moved nothing any more. */
  readonly idleFills: ReadonlySet<number>;
  /** The account before each link at which it was not our own orders that changed it. */
  readonly bookBefore: ReadonlyMap<number, Book>;
}

/** NAV as it was written down. */
export interface JournalledMark {
  readonly seq: number;
  readonly time: Millis;
  readonly nav: DecimalText;
  readonly prices: Readonly<Record<string, DecimalText>> | undefined;
  readonly book: Book;
}

/** Names an order by the close that was decided for and its symbol: a decision has one for each. */
export function orderKey(decision: Millis, symbol: string): string {
  return `${decision} ${symbol}`;
}

/** Reads a chain. Refuses one whose decisions were made without a journal of their inputs. */
export function sessionJournal(events: readonly LinkedEvent[]): SessionJournal {
  const book = bookOf({ cash: "0", positions: {} });
  const progress = new Map<string, OrderProgress>();
  const orders = new Map<string, JournalledOrder>();
  const keyOfOrder = new Map<string, string>();
  const [decisions, marks] = [[] as JournalledDecision[], [] as JournalledMark[]];
  const [missed, skips] = [new Map<Millis, string>(), new Map<string, string>()];
  const bookBefore = new Map<number, Book>();
  const idleFills = new Set<number>();
  const carried: Carried = { memory: undefined, inputs: undefined };
  for (const link of events) {
    const { event, seq, time } = link;
    if (event.kind === "inputs") carried.inputs = event;
    else if (event.kind === "decision") decisions.push(decisionOf(link, carried, book));
    else if (event.kind === "memory") {
      const last = decisions.at(-1);
      if (last && last.stateAfter === "") {
        decisions[decisions.length - 1] = { ...last, stateAfter: event.text };
      }
      carried.memory = event;
    } else if (event.kind === "missed") missed.set(event.barCloseTime, event.reason);
    else if (event.kind === "skipped") {
      skips.set(orderKey(event.barCloseTime, event.symbol), event.reason);
    } else if (event.kind === "planned") {
      const key = orderKey(event.barCloseTime, event.symbol);
      keyOfOrder.set(event.clientOrderId, key);
      orders.set(key, plannedOrder(event, { seq, time, before: orders.get(key), book }));
    } else if (event.kind === "order" || event.kind === "fill") {
      const key = keyOfOrder.get(event.clientOrderId);
      const order = key === undefined ? undefined : orders.get(key);
      if (event.kind === "fill" && progress.get(event.clientOrderId)?.isAdopted) idleFills.add(seq);
      else if (order) orders.set(key!, grown(order, event, seq));
    }
    if (FROM_OUTSIDE.includes(event.kind)) bookBefore.set(seq, bookOf(book));
    bookEvent(book, event, progress);
    if (event.kind === "mark") {
      marks.push({ seq, time, nav: event.nav, prices: event.prices, book: bookOf(book) });
    }
  }
  return { events, decisions, missed, orders, keyOfOrder, skips, marks, idleFills, bookBefore };
}

const FROM_OUTSIDE: readonly StateEvent["kind"][] = [
  ...["corporate_action", "adopted", "anchored", "halt_ended"] as const,
];

interface Carried {
  memory: Extract<StateEvent, { readonly kind: "memory" }> | undefined;
  inputs: Extract<StateEvent, { readonly kind: "inputs" }> | undefined;
}

function decisionOf(
  { seq, time, event }: LinkedEvent,
  carried: Carried,
  book: Book,
): JournalledDecision {
  if (event.kind !== "decision") throw new TypeError("A link is a decision");
  const { kind: _, barCloseTime, inputsHash: __, ...rest } = event;
  const { memory, inputs } = carried;
  if (inputs?.barCloseTime !== barCloseTime) {
    throw new Refusal(
      `Cannot replay: the decision for ${
        formatTime(barCloseTime)
      } was made without a journal of its inputs`,
    );
  }
  return {
    ...{ ...rest, time: barCloseTime, decidedAt: time, seq, book: bookOf(book) },
    ...{ sightText: inputs.text, skewMs: inputs.skewMs, stateAfter: "" },
    ...{ stateBefore: memory?.text, settledTo: memory?.settledTo ?? 0 },
  };
}

function plannedOrder(
  event: Extract<StateEvent, { readonly kind: "planned" }>,
  { seq, time, before, book }: {
    readonly seq: number;
    readonly time: Millis;
    readonly before: JournalledOrder | undefined;
    readonly book: Book;
  },
): JournalledOrder {
  const { barCloseTime, symbol, side, quantity, arrivalPrice, clientOrderId } = event;
  const first = before ?? {
    ...{ seq, plannedAt: time, arrivalPrice, held: book.units.get(symbol) ?? exact("0") },
    ...{ clientOrderIds: [], filled: exact("0"), fills: [] },
  };
  return {
    ...first,
    ...{ time: barCloseTime, symbol, state: "PLANNED", reason: "" },
    ordered: side === "buy" ? exact(quantity) : exact(quantity).neg(),
    clientOrderIds: [...first.clientOrderIds, clientOrderId],
  };
}

function grown(
  order: JournalledOrder,
  event: Extract<StateEvent, { readonly kind: "order" | "fill" }>,
  seq: number,
): JournalledOrder {
  if (event.kind === "order") return { ...order, state: event.state, reason: event.reason };
  const units = exact(event.quantity);
  return {
    ...order,
    filled: order.filled.add(event.side === "buy" ? units : units.neg()),
    fills: [...order.fills, { seq, event }],
  };
}
