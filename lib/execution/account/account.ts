import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../../core/errors.ts";
import type { Millis } from "../../core/bars.ts";
import type { Clock } from "../../core/clock.ts";
import type { DecimalText, Journal } from "../../core/ports.ts";
import type { OrderSide, Venue, VenueFill } from "../../core/trading.ts";
import { takeLease } from "./account_lock.ts";
import { carryOut, type Execution, flatten, markAccount } from "./carry_out.ts";
import { type AccountDecision, recordDecision, waitingDecision } from "./decide.ts";
import {
  block,
  DEFAULT_TIMING,
  type Desk,
  record,
  report,
  type Timing,
  type TradingLimits,
  unblock,
} from "./desk.ts";
import { syncActions } from "./fills.ts";
import { isFlattening, isKilled, killOrder } from "./kill_switch.ts";
import type { OrderState } from "./order_machine.ts";
import { adoptDrift, type Difference, plainBalances } from "./reconcile.ts";
import { recover, type Recovery } from "./recover.ts";
import { type LinkedEvent, openState } from "./state_database.ts";
import type { ChainHead } from "./state_chain.ts";
import type { Balances, DecisionMemory } from "./state_events.ts";
import type { Block, Intent, Mark, StoredDecision } from "./state_rows.ts";

/** What an account is opened with. */
export interface AccountOptions {
  /** Where state lies: `<account>.db`, `locks/`, `KILL`. */
  readonly folder: string;
  /** The account's name in files, not its number. */
  readonly account: string;
  readonly venue: Venue;
  /** What may be traded. */
  readonly symbols: readonly string[];
  readonly clock: Clock;
  readonly journal: Journal;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly timing?: Partial<Timing>;
  readonly limits?: TradingLimits;
  /** Kept free on buys for fees and a price that moves; 50 when left out. */
  readonly buyCostBps?: number;
  /** Money that rounding at the venue may make of one fill; 0.01 when left out. */
  readonly cashTolerance?: DecimalText;
}

/** What a person wants to know at a glance. */
export interface AccountStatus extends Balances {
  readonly account: string;
  readonly venue: string;
  readonly mode: string;
  readonly kill: boolean;
  readonly blocked: readonly Block[];
  readonly working: readonly Intent[];
  readonly lastDecision: StoredDecision | undefined;
  readonly lastMark: Mark | undefined;
  readonly head: ChainHead;
}

/** The stable form of everything that matters, for other programs. */
export interface AccountDump extends Balances {
  readonly fills: readonly {
    readonly venue: string;
    readonly trade_id: string;
    readonly client_order_id: string;
    readonly symbol: string;
    readonly side: OrderSide;
    readonly quantity: DecimalText;
    readonly price: DecimalText;
    readonly fee: DecimalText;
  }[];
  readonly intents: readonly {
    readonly client_order_id: string;
    readonly symbol: string;
    readonly side: OrderSide;
    readonly quantity: DecimalText;
    readonly state: OrderState;
  }[];
  readonly blocked: readonly { readonly symbol: string; readonly reason: string }[];
  readonly kill: boolean;
}

/** Who did something by hand, and why. */
export interface Audit {
  readonly operator: string;
  readonly reason: string;
}

/** One account at one venue, traded by this process alone. */
export interface Account {
  /** Has to come first: nothing is sent before state and venue were brought to agree. */
  recover(): Promise<Recovery>;
  /** Writes a decision down, unless its bar is decided, and carries out what is waiting. */
  execute(decision: AccountDecision): Promise<Execution>;
  /** Books dividends and splits that the venue has told of since; a venue that cannot be asked is asked another time. */
  bookActions(): Promise<void>;
  /** Lets nothing be sent of symbols whose prices are in doubt, each with the reason, and frees all others of such a doubt. */
  holdBack(doubts: ReadonlyMap<string, string>): void;
  /** Carries out a decision that still waits, for its market or after a fault. */
  resume(): Promise<Execution>;
  /** Sells all when the kill switch says so. */
  flatten(): Promise<Execution>;
  /** Takes unexplained holdings as they are, with an audited record of it. */
  acceptDrift(audit: Audit): Promise<readonly Difference[]>;
  /** What the decisions have carried on so far, and what has happened behind a link of the chain. */
  memory(): DecisionMemory | undefined;
  eventsSince(seq: number): readonly LinkedEvent[];
  /** What decisions saw, behind a link and from the newest text on that needs none before it, oldest first. */
  inputTexts(behind: number): readonly { readonly seq: number; readonly text: string }[];
  /** Keeps a memory into which more of what happened has gone. */
  remember(memory: DecisionMemory): void;
  isMissed(barCloseTime: Millis): boolean;
  /** Writes down, once, that no decision was made for a close. */
  miss(barCloseTime: Millis, reason: string): void;
  /** Writes down that an operator has ended a halt, with the memory that follows. */
  endHalt(audit: Audit & { readonly nav: DecimalText }, memory: DecisionMemory): void;
  /** Writes NAV and holdings down at the venue's prices. */
  mark(): Promise<void>;
  status(): AccountStatus;
  dump(): AccountDump;
  close(): Promise<void>;
}

/** Takes the account's lock and opens its state. Refuses when another process has either. */
export async function openAccount(options: AccountOptions): Promise<Account> {
  const { folder, account, venue, clock, journal } = options;
  const lease = await takeLease(folder, { venue: venue.name, account });
  const file = stateFile(folder, account);
  const state = await openState(file, { clock }).catch(async (error) => {
    await lease.release();
    throw error;
  });
  const desk: Desk = {
    ...{ folder, venue, symbols: options.symbols, state, lease, clock, journal },
    sleep: options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms))),
    timing: { ...DEFAULT_TIMING, ...options.timing },
    limits: options.limits ?? {},
    buyCostBps: options.buyCostBps ?? 50,
    cashTolerance: options.cashTolerance ?? "0.01",
  };
  let isRecovered = false;
  const afterRecovery = () => {
    if (!isRecovered) throw new TypeError("An account is recovered before it trades");
  };
  const resume = () => guarded(desk, async () => await carryOutWaiting(desk));
  return {
    async recover() {
      const recovery = await recover(desk, file);
      isRecovered = true;
      return recovery;
    },
    async execute(decision) {
      afterRecovery();
      return await guarded(desk, async () => {
        await recordDecision(desk, decision);
        return await carryOutWaiting(desk);
      });
    },
    async bookActions() {
      afterRecovery();
      await syncActions(desk).catch((error) => {
        if (!(error instanceof Refusal)) throw error;
        report(desk, "warning", error.message);
      });
    },
    holdBack: (doubts) => holdBack(desk, doubts),
    async resume() {
      afterRecovery();
      return await resume();
    },
    async flatten() {
      afterRecovery();
      const order = killOrder(folder);
      if (!order || !isFlattening(folder)) {
        throw new Refusal("Cannot flatten: the kill switch does not say so");
      }
      return await guarded(desk, () => flatten(desk, order.at));
    },
    async acceptDrift(audit) {
      afterRecovery();
      return await adoptDrift(desk, audit);
    },
    memory: state.memory,
    eventsSince: state.eventsSince,
    inputTexts: state.inputTexts,
    remember: (memory) => record(desk, { kind: "memory", ...memory }),
    isMissed: state.isMissed,
    miss(barCloseTime, reason) {
      if (!state.isMissed(barCloseTime)) record(desk, { kind: "missed", barCloseTime, reason });
    },
    endHalt: (audit, memory) =>
      record(desk, { kind: "halt_ended", ...audit }, { kind: "memory", ...memory }),
    async mark() {
      afterRecovery();
      await markAccount(desk);
    },
    status: () => statusOf(desk, account),
    dump: () => dumpOf(desk),
    async close() {
      state.close();
      await lease.release();
    },
  };
}

function holdBack(desk: Desk, doubts: ReadonlyMap<string, string>): void {
  for (const { symbol, kind } of desk.state.blocks()) {
    if (kind !== "data" || doubts.has(symbol)) continue;
    unblock(desk, { symbol, block: "data", reason: "prices and splits agree" });
  }
  for (const [symbol, reason] of doubts) block(desk, { symbol, block: "data", reason });
}

/** The file that holds an account's state. */
export function stateFile(folder: string, account: string): string {
  return join(folder, `${account}.db`);
}

async function carryOutWaiting(desk: Desk): Promise<Execution> {
  const decision = waitingDecision(desk);
  if (!decision) return { status: "idle", reason: "no decision waits", orders: [] };
  return await carryOut(desk, decision);
}

/** A venue that cannot be read stops the try, not the program: the decision waits for the next one. */
async function guarded(desk: Desk, work: () => Promise<Execution>): Promise<Execution> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    report(desk, "error", error.message);
    return { status: "stopped", reason: error.message, orders: desk.state.openIntents() };
  }
}

/** What an account's state says, for whoever only looks: no lock, no venue. Undefined before the account was first opened. */
export async function peekAccount(
  { folder, account, clock }: Pick<AccountOptions, "folder" | "account" | "clock">,
): Promise<AccountPeek | undefined> {
  const file = stateFile(folder, account);
  if (!await stat(file).then((found) => found.isFile(), () => false)) return undefined;
  const state = await openState(file, { clock });
  try {
    const opening = state.opening();
    if (!opening) return undefined;
    const books = { state, folder, venue: { name: opening.venue, mode: opening.mode } };
    return {
      ...{ status: statusOf(books, account), dump: dumpOf(books), memory: state.memory() },
      ...{ marks: state.marks(), fills: state.fills(), decisions: state.decisions() },
    };
  } finally {
    state.close();
  }
}

/** Everything that can be seen of an account from outside. */
export interface AccountPeek {
  readonly status: AccountStatus;
  readonly dump: AccountDump;
  readonly memory: DecisionMemory | undefined;
  readonly marks: readonly Mark[];
  readonly fills: readonly VenueFill[];
  readonly decisions: readonly StoredDecision[];
}

type Books = Pick<Desk, "state" | "folder"> & {
  readonly venue: { readonly name: string; readonly mode: string };
};

function statusOf({ state, folder, venue }: Books, account: string): AccountStatus {
  return {
    ...{ account, venue: venue.name, mode: venue.mode, kill: isKilled(folder) },
    ...plainBalances(state.balances()),
    blocked: state.blocks(),
    working: state.openIntents(),
    lastDecision: state.newestDecision(),
    lastMark: state.newestMark(),
    head: state.head(),
  };
}

function dumpOf({ state, folder, venue }: Books): AccountDump {
  const { cash, positions } = plainBalances(state.balances());
  return {
    positions,
    cash,
    fills: state.fills().map((fill) => ({
      ...{ venue: venue.name, trade_id: fill.tradeId, client_order_id: fill.clientOrderId },
      ...{ symbol: fill.symbol, side: fill.side, quantity: fill.quantity },
      ...{ price: fill.price, fee: fill.fee },
    })),
    intents: state.intents().map((intent) => ({
      client_order_id: intent.clientOrderId,
      ...{ symbol: intent.symbol, side: intent.side },
      ...{ quantity: intent.quantity, state: intent.state },
    })),
    blocked: state.blocks().map(({ symbol, reason }) => ({ symbol, reason })),
    kill: isKilled(folder),
  };
}
