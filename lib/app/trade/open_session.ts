import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { gridMs } from "../../core/bars.ts";
import type { Clock } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { Journal } from "../../core/ports.ts";
import { Secret } from "../../core/secret.ts";
import { parseState } from "../../engine/trading/mod.ts";
import type { Sandbox } from "../../engine/sandbox.ts";
import {
  type AccountPeek,
  allJournals,
  fileJournal,
  isFlattening,
  isKilled,
  openAccount,
  peekAccount,
  redactor,
  type TradingLimits,
} from "../../execution/account/mod.ts";
import {
  keyNames,
  type Mode,
  onBrokerClock,
  type OpenedVenue,
  openVenue,
} from "../../execution/venues/mod.ts";
import { decisionFingerprint } from "../code_fingerprint.ts";
import type { LifecycleOptions } from "../lifecycle/state.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { lastingSandbox } from "./lasting_sandbox.ts";
import { liveFeed } from "./live_feed.ts";
import { sightJournal } from "./journal_sight.ts";
import { type MarketFeed, type StoredFeed, storedFeed } from "./market_feed.ts";
import { gateOf } from "./model_watch.ts";
import { sessionOf, type SessionParts } from "./run_session.ts";
import { accountOf, paperBooks, registerAccount } from "./registered.ts";
import type { TradingSession } from "./session.ts";
import { storedFiles } from "./stored_files.ts";
import { skewAt, trustedVenue } from "./trusted_venue.ts";
import { type TradedPlan, tradedPlan } from "./traded_plan.ts";

/** Where a session runs, and by which clock. */
export interface SessionOptions {
  readonly mode: Mode;
  readonly clock: Clock;
  /** In its place, a clock that has to know the stored history first. */
  readonly clockOn?: (stored: StoredFeed) => Clock;
  /** Where state lies, and the folder that holds one of logs for each account. */
  readonly stateFolder: string;
  readonly logsFolder: string;
  /** Reads the environment: the only place that keys come from. */
  environment(name: string): string | undefined;
  /** Waits between two looks; a replay passes one that takes no time. */
  readonly sleep?: (ms: number) => Promise<void>;
  /** True where time is given, not lived: data are those that are stored, and prices those of then. */
  readonly stored?: boolean;
  /** True where many decisions follow each other in no time: their models run in one worker. */
  readonly replays?: boolean;
  /** In place of one of its own, where a test's models throw. */
  readonly sandbox?: Sandbox;
  readonly limits?: TradingLimits;
  /** Where the record of the models' lifecycles is, and which configuration files name their stages. */
  readonly lifecycle?: LifecycleOptions;
  /** The broker's number of the only account that may be traded; any where it is left out. */
  readonly accountNumber?: string;
  readonly fetch?: typeof fetch;
  /** Told every line of the logs, too. */
  readonly journal?: Journal;
}

/** A session with what was opened for it. */
export interface OpenedSession extends TradingSession {
  readonly traded: TradedPlan;
  /** Stored history, where the session runs on it. */
  readonly stored: StoredFeed | undefined;
  readonly journal: Journal;
  /** How far the broker's clock is ahead of ours. */
  skewMs(): Promise<number>;
}

/** Opens an account for trading: its models, data, venue, state and logs. Refuses what must not trade. */
export async function openSession(
  loaded: LoadedPlan,
  options: SessionOptions,
): Promise<OpenedSession> {
  const { mode, stateFolder } = options;
  const gate = await gateOf(loaded, options);
  const traded = tradedPlan(loaded, { mode, gate, held: await heldBefore(loaded, options) });
  const { trading } = loaded.config;
  const sandbox = options.sandbox ?? lastingSandbox({ keepWorkers: options.replays ?? false });
  const closing: (() => void | Promise<void>)[] = [() => sandbox.close()];
  try {
    const data = await storedFeed(traded.loaded, { sandbox, clock: options.clock });
    const clock = options.clockOn?.(data) ?? options.clock;
    const isReplayed = trading.venue === "paper" && trading.paper_prices === "stored";
    // A time that is given may still be one that nothing is on file of.
    const isCovered = clock.now() <= data.newestClose + 2 * gridMs(traded.loaded.plan.timeframe);
    const isStored = isReplayed || options.stored === true && isCovered;
    const feed: MarketFeed = isStored ? data : await liveFeed(traded.loaded, {
      ...{ ...options, stored: data, clock },
      files: storedFiles(traded.loaded, { sandbox, clock: options.clock }),
    });
    const journal = journalOf(loaded, options);
    await mkdir(stateFolder, { recursive: true });
    await registerAccount(stateFolder, accountOf(traded.loaded, mode));
    const opened = await venueOf(traded, options, { clock, data, feed, isStored });
    closing.push(() => opened.venue.close());
    const venue = await trustedVenue(opened.venue, {
      ...{ clock: opened.clock, journal, assets: traded.loaded.plan.assets },
      accountNumber: options.accountNumber,
    });
    const account = await openAccount({
      folder: stateFolder,
      account: trading.account,
      venue,
      symbols: traded.loaded.plan.assets.map(({ symbol }) => symbol),
      clock: opened.clock,
      journal,
      ...(options.sleep ? { sleep: options.sleep } : {}),
      timing: { deadlineMs: trading.deadline_ms },
      ...(options.limits ? { limits: options.limits } : {}),
      ...(trading.venue === "paper" ? { buyCostBps: dearest(traded) } : {}),
    });
    closing.push(() => account.close());
    const parts: SessionParts = {
      ...{ mode, traded, feed, sandbox, account, journal, clock: opened.clock, stateFolder },
      ...{ lifecycle: options.replays ? undefined : options.lifecycle ?? {}, marks: [] },
      codeHash: await decisionFingerprint(),
      sights: sightJournal(account),
      // Our own venue's slippage is known, what others took is in their price.
      slippageBps: (symbol) =>
        trading.venue === "paper"
          ? traded.loaded.plan.assets.find((asset) => asset.symbol === symbol)?.slippageBps ?? 0
          : 0,
    };
    const session = sessionOf(parts);
    return {
      ...session,
      ...{ traded, journal, stored: isStored ? data : undefined },
      skewMs: () => skewAt(venue, opened.clock),
      async close() {
        for (const close of closing.splice(0).reverse()) await close();
      },
    };
  } catch (error) {
    for (const close of closing.splice(0).reverse()) await close();
    throw error;
  }
}

/** Symbols that models of this account have traded and of which something is left. */
async function heldBefore(
  { config: { trading } }: LoadedPlan,
  { stateFolder, clock }: SessionOptions,
): Promise<readonly string[]> {
  const peek = await peekAccount({ folder: stateFolder, account: trading.account, clock });
  return peek ? heldBy(peek) : [];
}

/** Symbols that models of an account have traded and of which something is left. */
export function heldBy({ memory, status: { positions } }: AccountPeek): readonly string[] {
  if (!memory) return [];
  return parseState(memory.text).assets.filter((symbol) => positions[symbol] !== undefined);
}

/** What a purchase at our own venue costs at most beside its price, in basis points. */
function dearest({ loaded: { plan } }: TradedPlan): number {
  return Math.max(...plan.assets.map(({ feeBps, slippageBps }) => feeBps + slippageBps)) + 1;
}

async function venueOf(
  { loaded: { config, plan } }: TradedPlan,
  { mode, stateFolder, environment, fetch, sleep }: SessionOptions,
  { clock, data, feed, isStored }: {
    readonly clock: Clock;
    readonly data: StoredFeed;
    readonly feed: MarketFeed;
    readonly isStored: boolean;
  },
): Promise<{ readonly venue: OpenedVenue; readonly clock: Clock }> {
  const { trading, brokers } = config;
  const venue = await openVenue({
    ...{ venue: trading.venue, mode, brokers, environment, clock },
    ...{ stamps: trading.clock, feed: config.data.live_feed, assets: plan.assets },
    ...(fetch ? { fetch } : {}),
    ...(sleep ? { wait: sleep } : {}),
    guard: () =>
      isKilled(stateFolder) && !isFlattening(stateFolder) ? "the kill switch is on" : undefined,
    paper: {
      account: trading.account,
      file: paperBooks(stateFolder, trading.account),
      initialCash: trading.paper_initial_cash,
      ...(isStored ? { stored: data.replayed } : {}),
      actions: feed.actions,
    },
  });
  if (trading.clock === "system") return { venue, clock };
  if (trading.venue === "paper" || trading.venue === "kraken") {
    throw new Refusal(
      `trading.clock: found broker, expected system: fills at ${trading.venue} are simulated here`,
    );
  }
  return await onBrokerClock(venue, clock);
}

function journalOf({ config: { trading } }: LoadedPlan, options: SessionOptions): Journal {
  const { mode, environment, logsFolder, journal } = options;
  const names = [keyNames("alpaca", mode), keyNames("binance", mode)].flat();
  const secrets = names.flatMap((name) => {
    const text = environment(name)?.trim() ?? "";
    return text === "" ? [] : [new Secret(text)];
  });
  const files = fileJournal(join(logsFolder, trading.account), redactor(secrets));
  return journal ? allJournals([files, journal]) : files;
}
