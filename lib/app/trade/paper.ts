import { join } from "node:path";
import type { Millis } from "../../core/bars.ts";
import { floorToGrid } from "../../core/calendar.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { Journal } from "../../core/ports.ts";
import {
  type AccountDump,
  type AccountPeek,
  type Audit,
  type Difference,
  peekAccount,
  type TradingLimits,
} from "../../execution/account/mod.ts";
import type { Mode } from "../../execution/venues/mod.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { inProject } from "../project.ts";
import { countFailure } from "./broker_failures.ts";
import { clockFrom, settableClock } from "./clocks.ts";
import type { LifecycleOptions } from "../lifecycle/state.ts";
import { gateOf } from "./model_watch.ts";
import { heldBy, type OpenedSession, openSession } from "./open_session.ts";
import type { StoredFeed } from "./market_feed.ts";
import { dueAfter } from "./run_session.ts";
import { isBrokerFailure } from "./scheduler.ts";
import type { Due, SessionStatus, StepReport } from "./session.ts";
import { tradedPlan } from "./traded_plan.ts";

/** Where trading keeps its state and logs, and what it may know of the outside. */
export interface TradingOptions {
  readonly mode?: Mode;
  readonly limits?: TradingLimits;
  /** See SessionOptions. */
  readonly accountNumber?: string;
  /** See SessionOptions. */
  readonly lifecycle?: LifecycleOptions;
  /** `state` and `logs` of the project when left out. */
  readonly stateFolder?: string;
  readonly logsFolder?: string;
  environment?(name: string): string | undefined;
  readonly clock?: Clock;
  readonly fetch?: typeof fetch;
  readonly journal?: Journal;
  readonly signal?: AbortSignal;
}

/** One visit to an account, with what it left. */
export interface VisitReport extends StepReport {
  readonly status: SessionStatus;
  /** What recovery could not explain; trading of it is blocked. */
  readonly differences: readonly Difference[];
}

/**
 * Recovers, decides for the newest close at or before `at` unless it was decided, and carries out what waits. Without `at`
 * it is now; on stored bars, the newest close after which a price is stored.
 */
export async function tradeOnce(
  loaded: LoadedPlan,
  options: TradingOptions & { readonly at?: Millis | undefined } = {},
): Promise<VisitReport> {
  const { at, signal } = options;
  const session = await openAt(loaded, options);
  const isGiven = at !== undefined || session.stored !== undefined;
  const time = at ?? session.stored?.newestClose ?? (options.clock ?? systemClock).now();
  const count = (failed: boolean) => countVisit(session, { loaded, options, time, failed });
  try {
    const { differences } = await session.recover();
    const report = await session.step(time, {
      ...(isGiven ? { maxLateMs: Infinity } : {}),
      ...(signal ? { signal } : {}),
    });
    await count(isBrokerFailure(report.execution));
    return { ...report, status: session.status(), differences };
  } catch (error) {
    if (error instanceof Refusal && !signal?.aborted) await count(true);
    throw error;
  } finally {
    await session.close();
  }
}

/** Visits from a timetable count the closes on which the broker failed as the loop does: too many demote. */
async function countVisit(
  session: OpenedSession,
  { loaded, options, time, failed }: {
    readonly loaded: LoadedPlan;
    readonly options: TradingOptions;
    readonly time: Millis;
    readonly failed: boolean;
  },
): Promise<void> {
  const { trading } = loaded.config;
  if (trading.venue === "paper") return; // nobody is there who could fail
  const close = floorToGrid(time, loaded.plan.timeframe);
  const { stateFolder } = sessionOptions(options);
  const bars = await countFailure(stateFolder, trading.account, { close, failed });
  if (bars > 0) await session.judge({ brokerFailures: bars });
}

/** Opens a session by the clock that fits: a time that is given stands still on stored prices and runs on at a broker. */
async function openAt(
  loaded: LoadedPlan,
  options: TradingOptions & { readonly at?: Millis | undefined },
): Promise<OpenedSession> {
  const { at, clock = systemClock } = options;
  const { trading } = loaded.config;
  const base = sessionOptions(options);
  const isStored = trading.venue === "paper" && trading.paper_prices === "stored";
  if (!isStored) {
    if (at === undefined) return await openSession(loaded, { ...base, clock });
    return await openSession(loaded, { ...base, clock: clockFrom(at, clock), stored: true });
  }
  const clockOn = ({ newestClose }: StoredFeed) => settableClock(at ?? newestClose);
  return await openSession(loaded, { ...base, clock, clockOn, sleep: noTime });
}

/** Nothing is waited for where time stands still. */
export function noTime(): Promise<void> {
  return Promise.resolve();
}

/** What sessions are opened with, the places of the project filled in. */
export function sessionOptions(options: TradingOptions) {
  const { mode = "paper", stateFolder, logsFolder, environment, fetch, journal } = options;
  const { limits, accountNumber, lifecycle } = options;
  return {
    mode,
    stateFolder: stateFolder ?? inProject("state"),
    logsFolder: logsFolder ?? inProject("logs"),
    environment: environment ?? (() => undefined),
    ...(limits ? { limits } : {}),
    ...(lifecycle ? { lifecycle } : {}),
    ...(accountNumber === undefined ? {} : { accountNumber }),
    ...(fetch ? { fetch } : {}),
    ...(journal ? { journal } : {}),
  };
}

/** Opens a session that runs by the clock, for a scheduler. Refuses stored prices: no new ones will come. */
export async function openRunning(
  loaded: LoadedPlan,
  options: TradingOptions = {},
): Promise<OpenedSession> {
  const { trading } = loaded.config;
  if (trading.venue === "paper" && trading.paper_prices === "stored") {
    throw new Refusal(
      "trading.paper_prices: found stored, expected live: stored bars end, use --once, or --from and --until to replay them",
    );
  }
  return await openSession(loaded, {
    ...sessionOptions(options),
    clock: options.clock ?? systemClock,
  });
}

/** What an account's files say, without touching its venue; undefined before it was first opened. */
export async function lookAt(
  loaded: LoadedPlan,
  options: TradingOptions = {},
): Promise<AccountPeek | undefined> {
  const { stateFolder } = sessionOptions(options);
  const clock = options.clock ?? systemClock;
  return await peekAccount({ folder: stateFolder, account: loaded.config.trading.account, clock });
}

/** The document of an account that was never opened. */
export const EMPTY_DUMP: AccountDump = {
  ...{ positions: {}, cash: "0", fills: [], intents: [], blocked: [], kill: false },
};

/** Takes an account's unexplained holdings as they are, in an operator's name. */
export async function acceptDrift(
  loaded: LoadedPlan,
  audit: Audit,
  options: TradingOptions & { readonly at?: Millis | undefined } = {},
): Promise<readonly Difference[]> {
  const session = await openAt(loaded, options);
  try {
    await session.recover();
    return await session.acceptDrift(audit);
  } finally {
    await session.close();
  }
}

/** Ends the halt of an account, in an operator's name. */
export async function resumeHalt(
  loaded: LoadedPlan,
  audit: Audit,
  options: TradingOptions & { readonly at?: Millis | undefined } = {},
): Promise<SessionStatus> {
  const session = await openAt(loaded, options);
  try {
    await session.recover();
    await session.resumeHalt(audit);
    return session.status();
  } finally {
    await session.close();
  }
}

/** The file of an account's state, under the project's folder unless said otherwise. */
export function accountFile(account: string, { stateFolder }: TradingOptions = {}): string {
  return join(stateFolder ?? inProject("state"), `${account}.db`);
}

/** What `--status` shows: an account's files, and what is due by the clock. */
export async function showStatus(
  loaded: LoadedPlan,
  options: TradingOptions = {},
): Promise<
  {
    readonly peek: AccountPeek;
    readonly next: Due;
    readonly leftOut: readonly string[];
    readonly asWritten: readonly string[];
  }
> {
  const { account } = loaded.config.trading;
  const mode = options.mode ?? "paper";
  const peek = await lookAt(loaded, options);
  if (!peek) {
    throw new Refusal(
      `Cannot show the account "${account}": found no state of it; \`deno task paper --once\` opens it`,
    );
  }
  const gate = await gateOf(loaded, { ...options, mode });
  const held = heldBy(peek);
  const { loaded: { plan }, leftOut, asWritten } = tradedPlan(loaded, { mode, gate, held });
  const { trading } = loaded.config;
  const newest = peek.status.lastDecision;
  const isStored = trading.venue === "paper" && trading.paper_prices === "stored";
  // On stored prices time is where the account was left.
  const now = isStored && newest ? newest.decidedAt : (options.clock ?? systemClock).now();
  return { peek, next: dueAfter(now, { plan, newest }), leftOut, asWritten };
}
