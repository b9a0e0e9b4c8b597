import type { Millis } from "../../core/bars.ts";
import type { Clock } from "../../core/clock.ts";
import type { DecimalText, Journal, JournalEntry } from "../../core/ports.ts";
import type { Venue } from "../../core/trading.ts";
import type { Lease } from "./account_lock.ts";
import { eventEntry } from "./event_entry.ts";
import type { AccountState } from "./state_database.ts";
import { type BlockFact, type StateEvent, WHOLE_ACCOUNT } from "./state_events.ts";

/** How long things may take, in milliseconds. */
export interface Timing {
  /** Of one decision, from its first request until every order is finished. */
  readonly deadlineMs: number;
  /** Of looking for an order of unknown fate before its symbol is quarantined. */
  readonly lookUpMs: number;
  /** Between two looks at an account that is opened for the first time; at most the venue's visibility. */
  readonly openingMs: number;
  /** First and longest pause between two looks at the same thing. */
  readonly pollMs: number;
  readonly maxPollMs: number;
  /** Nothing is sent this close before a session's end. */
  readonly closeMarginMs: number;
  /** Difference from the venue's clock that is worth a warning, and that stops trading. */
  readonly skewWarnMs: number;
  readonly skewStopMs: number;
}

export const DEFAULT_TIMING: Timing = {
  ...{ deadlineMs: 60_000, lookUpMs: 60_000, openingMs: 10_000, pollMs: 250, maxPollMs: 5_000 },
  ...{ closeMarginMs: 60_000, skewWarnMs: 250, skewStopMs: 1_000 },
};

/** What no order may pass, whatever was decided; left out = no limit. */
export interface TradingLimits {
  readonly maxOrderNotional?: DecimalText;
  /** Of everything held and bought together. */
  readonly maxGrossNotional?: DecimalText;
}

/** Everything that trading one account works with. */
export interface Desk {
  readonly folder: string;
  readonly venue: Venue;
  readonly symbols: readonly string[];
  readonly state: AccountState;
  readonly lease: Lease;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  readonly journal: Journal;
  readonly timing: Timing;
  readonly limits: TradingLimits;
  /** Kept free on buys for fees and a price that moves. */
  readonly buyCostBps: number;
  /** Money that rounding may make of one fill. */
  readonly cashTolerance: DecimalText;
}

/** Commits events, then tells them to the logs. */
export function record(desk: Desk, ...events: readonly StateEvent[]): void {
  desk.state.append(...events);
  tellJournal(desk);
}

/** Writes the lines that the logs lack, those of a session that was stopped between commit and log, too. */
export function tellJournal({ state, journal }: Pick<Desk, "state" | "journal">): void {
  state.tellNews((row) => journal.write(eventEntry(row)));
}

/** Tells the logs what is no event of the account. */
export function report(
  desk: Desk,
  level: JournalEntry["level"],
  message: string,
  context: Readonly<Record<string, unknown>> = {},
): void {
  desk.journal.write({
    ...{ timestamp: desk.clock.now(), component: "account", level, message, context },
  });
}

/** Whether a symbol, or the whole account, is not to be traded. */
export function isBlocked({ state }: Desk, symbol: string = WHOLE_ACCOUNT): boolean {
  return state.blocks().some((block) => block.symbol === symbol || block.symbol === WHOLE_ACCOUNT);
}

/** Adds a reason not to trade, unless it is there already. */
export function block(desk: Desk, fact: BlockFact): void {
  const known = desk.state.blocks().find(({ symbol, kind }) =>
    symbol === fact.symbol && kind === fact.block
  );
  if (known?.reason !== fact.reason) record(desk, { kind: "blocked", ...fact });
}

/** Takes a reason not to trade away, if it is there. */
export function unblock(desk: Desk, fact: BlockFact): void {
  const isKnown = desk.state.blocks().some(({ symbol, kind }) =>
    symbol === fact.symbol && kind === fact.block
  );
  if (isKnown) record(desk, { kind: "unblocked", ...fact });
}

/** Time that runs out, by the clock or by what was slept, whichever is more: a clock may stand still. */
export interface Countdown {
  readonly isOver: () => boolean;
  readonly leftMs: () => number;
  /** Sleeps, each time twice as long, never past the end. */
  readonly pause: () => Promise<void>;
}

export function countdown({ clock, sleep, timing }: Desk, ms: Millis): Countdown {
  const start = clock.elapsed();
  let slept = 0;
  let next = Math.max(1, timing.pollMs);
  const leftMs = () => ms - Math.max(slept, clock.elapsed() - start);
  return {
    isOver: () => leftMs() <= 0,
    leftMs,
    async pause() {
      const duration = Math.max(1, Math.min(next, leftMs()));
      next = Math.min(next * 2, Math.max(1, timing.maxPollMs));
      slept += duration;
      await sleep(duration);
    },
  };
}
