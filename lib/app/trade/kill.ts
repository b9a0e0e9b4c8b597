import { stat } from "node:fs/promises";
import type { Millis } from "../../core/bars.ts";
import { type Clock, formatTime } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import {
  cancelOurOrders,
  isKilled,
  type KillOrder,
  killOrder,
  recordKill,
  releaseKillSwitch,
  stateFile,
  throwKillSwitch,
} from "../../execution/account/mod.ts";
import type { VenueOrder } from "../../core/trading.ts";
import { heartbeatFile, readHeartbeat } from "./heartbeat.ts";
import {
  paperBooks,
  reachAccount,
  type RegisteredAccount,
  registeredAccounts,
} from "./registered.ts";

/** What throwing and releasing the switch works with. */
export interface KillOptions {
  readonly stateFolder: string;
  readonly clock: Clock;
  readonly environment: (name: string) => string | undefined;
  /** Accounts of configurations, beside those that were traded from the folder before; asked after the flag is set. */
  readonly configured?: () => Promise<readonly RegisteredAccount[]>;
}

/** An order as it is shown, once it is no longer a promise. */
export type ShownOrder = Pick<VenueOrder, "clientOrderId" | "symbol" | "side" | "quantity">;

/** What the switch did at one account. */
export interface AccountKill {
  readonly account: string;
  readonly venue: string;
  readonly mode: string;
  readonly cancelled: readonly ShownOrder[];
  /** Ours that may still fill; the switch has not done its work while there are any. */
  readonly left: readonly ShownOrder[];
  /** Orders of somebody else, left alone. */
  readonly foreign: number;
  /** Why the venue could not be asked; undefined when it was, and nothing is left. */
  readonly trouble?: string;
}

/** What throwing the switch did. Times in milliseconds since it was asked for. */
export interface KillReport {
  readonly kill: true;
  readonly flatten: boolean;
  /** Until the flag was on the disk: from then on no order leaves. */
  readonly flagMs: number;
  /** Until every venue had answered. */
  readonly doneMs: number;
  readonly accounts: readonly AccountKill[];
  /** Why not all accounts may be known, one line each. */
  readonly trouble: readonly string[];
  /** Whether no order of ours is left at any account. */
  readonly verified: boolean;
}

/**
 * Throws the switch: the flag first, then our working and parked orders at every account, with clients of its own, so that
 * it does not matter what the traders are doing. Never throws for what a venue does.
 */
export async function throwSwitch(
  order: Omit<KillOrder, "at">,
  options: KillOptions,
): Promise<KillReport> {
  const { stateFolder, clock } = options;
  const begun = clock.elapsed();
  const since = () => Math.round(clock.elapsed() - begun);
  await throwKillSwitch(stateFolder, { ...order, at: clock.now() });
  const flagMs = since();
  const { known, trouble } = await accountsOf(options);
  const accounts = await Promise.all(known.map((account) => cancelAt(account, options)));
  await Promise.all(
    known.map((account) => recordAt(account, { kind: "kill_on", ...order }, options)),
  );
  return {
    ...{ kill: true, flatten: order.flatten, flagMs, doneMs: since(), accounts, trouble },
    verified: trouble.length === 0 &&
      accounts.every(({ left, trouble }) => left.length === 0 && trouble === undefined),
  };
}

/**
 * Takes the switch back when `confirm` names every account that was traded, separated by commas; the configured one where
 * none was. Refuses otherwise.
 */
export async function releaseSwitch(
  { confirm, operator, reason }: {
    readonly confirm: string;
    readonly operator: string;
    readonly reason: string;
  },
  options: KillOptions,
): Promise<void> {
  const { known, traded } = await accountsOf(options);
  if (known.length === 0) {
    throw new Refusal("Cannot release the kill switch: found no account that was ever traded");
  }
  const namesOf = (accounts: readonly { readonly account: string }[]) =>
    accounts.map(({ account }) => account);
  const named = new Set(confirm.split(",").map((name) => name.trim()));
  // The configured account may be named too, traded or not.
  const asked = [
    ...namesOf(traded.length > 0 ? traded : known),
    ...namesOf(known).filter((name) => named.has(name)),
  ];
  const plain = (names: readonly string[]) => [...new Set(names)].sort().join(",");
  await releaseKillSwitch(options.stateFolder, {
    account: plain(asked),
    confirm: plain([...named]),
  });
  const event = { kind: "kill_off", operator, reason, flatten: false } as const;
  for (const account of known) await recordAt(account, event, options);
}

/** What the switch says, without asking any venue. */
export interface KillStatus {
  readonly kill: boolean;
  /** What was said when it was thrown; null where nobody can tell, which kills all the same. */
  readonly order: (Omit<KillOrder, "at"> & { readonly at: string }) | null;
  readonly accounts: readonly {
    readonly account: string;
    readonly venue: string;
    readonly mode: string;
    /** What the loop last told of itself. */
    readonly heartbeat: Readonly<Record<string, unknown>> | null;
  }[];
}

/** Whether nothing may be sent, since when and why, and how the loops do. */
export async function switchStatus(options: KillOptions): Promise<KillStatus> {
  const { stateFolder } = options;
  const order = killOrder(stateFolder);
  const accounts = await Promise.all((await accountsOf(options)).known.map(async (registered) => {
    const { account, venue, mode } = registered;
    const heartbeat = await readHeartbeat(heartbeatFile(stateFolder, account)) ?? null;
    return { account, venue, mode, heartbeat };
  }));
  return {
    kill: isKilled(stateFolder),
    order: order ? { ...order, at: formatTime(order.at as Millis) } : null,
    accounts,
  };
}

/** Accounts on record and those of configurations that were never traded. What cannot be read stops no kill. */
async function accountsOf({ stateFolder, configured }: KillOptions) {
  const trouble: string[] = [];
  const note = (error: unknown) => {
    trouble.push(error instanceof Error ? error.message : String(error));
    return [];
  };
  const traded = await registeredAccounts(stateFolder).catch(note);
  const named = await configured?.().catch(note) ?? [];
  const names = new Set(traded.map(({ account }) => account));
  const known = [...traded, ...named.filter(({ account }) => !names.has(account))];
  return { known, traded, trouble };
}

async function cancelAt(
  registered: RegisteredAccount,
  options: KillOptions,
): Promise<AccountKill> {
  const { account, venue, mode } = registered;
  const nothing = { account, venue, mode, cancelled: [], left: [], foreign: 0 };
  const isBuiltIn = venue === "paper" || venue === "kraken";
  if (isBuiltIn && !await isThere(paperBooks(options.stateFolder, account))) return nothing;
  try {
    const reached = await reachAccount(registered, options);
    try {
      const { cancelled, left, foreign } = await cancelOurOrders(reached, {
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      });
      return {
        ...{ ...nothing, cancelled: cancelled.map(shown), left: left.map(shown) },
        foreign: foreign.length,
      };
    } finally {
      reached.close();
    }
  } catch (error) {
    return { ...nothing, trouble: error instanceof Error ? error.message : String(error) };
  }
}

function shown({ clientOrderId, symbol, side, quantity }: VenueOrder): ShownOrder {
  return { clientOrderId, symbol, side, quantity };
}

/** Adds the event to an account's chain where there is one; the file is what kills, so trouble here is no reason to fail. */
async function recordAt(
  { account }: RegisteredAccount,
  event: Parameters<typeof recordKill>[1],
  { stateFolder, clock }: KillOptions,
): Promise<void> {
  const file = stateFile(stateFolder, account);
  if (!await isThere(file)) return;
  await recordKill(file, event, { clock }).catch(() => {});
}

async function isThere(file: string): Promise<boolean> {
  return await stat(file).then(() => true, () => false);
}
