import { readFileSync, statSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Millis } from "../../core/bars.ts";
import { localDisk, writeFileAtomically } from "../../core/atomic_file.ts";
import { type Clock, formatTime, parseTime } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import { canonicalJson } from "../../core/hash.ts";
import type { Venue, VenueOrder } from "../../core/trading.ts";
import { isOurId } from "./client_order_id.ts";
import { openState } from "./state_database.ts";
import type { StateEvent } from "./state_events.ts";

/** What the kill file says. */
export interface KillOrder {
  readonly at: Millis;
  readonly operator: string;
  readonly reason: string;
  /** Whether the session may still sell what it holds, and nothing else. */
  readonly flatten: boolean;
}

/** What became of the orders that were out when the switch was thrown. */
export interface CancelReport {
  readonly cancelled: readonly VenueOrder[];
  /** Ours that may still fill: the switch has not done its work while there are any. */
  readonly left: readonly VenueOrder[];
  /** Orders that are none of ours; they are left alone. */
  readonly foreign: readonly VenueOrder[];
}

/** Whether nothing may be sent: the file `KILL` is there, or the state folder cannot be read. Synchronous: asked right before a request. */
export function isKilled(folder: string): boolean {
  try {
    if (!statSync(folder).isDirectory()) return true;
    return statSync(killFile(folder), { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true; // without a folder to look into, nobody can tell
  }
}

/** What the kill file says; undefined without a file, or one that cannot be read, which kills all the same. */
export function killOrder(folder: string): KillOrder | undefined {
  try {
    const { at, operator, reason, flatten } = JSON.parse(readFileSync(killFile(folder), "utf8"));
    return { at: parseTime(at), operator, reason, flatten: flatten === true };
  } catch {
    return undefined;
  }
}

/** Whether selling what is held is allowed under the switch. */
export function isFlattening(folder: string): boolean {
  return killOrder(folder)?.flatten === true;
}

/** Throws the switch: on return the file is on the disk. Throwing it again replaces what the file says. */
export async function throwKillSwitch(folder: string, order: KillOrder): Promise<void> {
  await mkdir(folder, { recursive: true });
  const text = canonicalJson({ ...order, at: formatTime(order.at) });
  await writeFileAtomically(killFile(folder), new TextEncoder().encode(`${text}\n`));
}

/** Takes the switch back, when `confirm` names the account. */
export async function releaseKillSwitch(
  folder: string,
  { account, confirm }: { readonly account: string; readonly confirm: string },
): Promise<void> {
  if (confirm !== account) {
    throw new Refusal(
      `Cannot release the kill switch: found confirmation "${confirm}", expected the account "${account}"`,
    );
  }
  await mkdir(folder, { recursive: true }); // a folder that is missing kills, too
  await rm(killFile(folder), { force: true });
  await localDisk.syncFolder(folder);
}

/** Cancels our working and parked orders, and looks again until none is left or the tries are over. */
export async function cancelOurOrders(
  venue: Venue,
  { sleep, tries = 5, pauseMs = 100 }: {
    readonly sleep: (ms: number) => Promise<void>;
    readonly tries?: number;
    readonly pauseMs?: number;
  },
): Promise<CancelReport> {
  const cancelled = new Map<string, VenueOrder>();
  let open = await venue.openOrders();
  for (let attempt = 0; attempt < tries && open.some(isOurs); attempt++) {
    if (attempt > 0) await sleep(pauseMs);
    const ours = open.filter(isOurs);
    // All at once: a slow answer for one must not keep the others working.
    await Promise.allSettled(ours.map((order) => venue.cancel(order)));
    open = await venue.openOrders();
    const left = new Set(open.map(keyOf));
    for (const order of ours.filter((order) => !left.has(keyOf(order)))) {
      cancelled.set(keyOf(order), order);
    }
  }
  return {
    cancelled: [...cancelled.values()],
    left: open.filter(isOurs),
    foreign: open.filter((order) => !isOurs(order)),
  };
}

function isOurs({ clientOrderId }: VenueOrder): boolean {
  return isOurId(clientOrderId);
}

function keyOf({ symbol, venueOrderId }: VenueOrder): string {
  return `${symbol} ${venueOrderId}`; // some venues number orders within a symbol
}

function killFile(folder: string): string {
  return join(folder, "KILL");
}

/** Adds the throw or release of the switch to an account's chain. Waits for no other writer longer than `waitMs`: the file is what kills. */
export async function recordKill(
  file: string,
  event: Extract<StateEvent, { readonly kind: "kill_on" | "kill_off" }>,
  { clock, waitMs = 300 }: { readonly clock: Clock; readonly waitMs?: number },
): Promise<void> {
  const state = await openState(file, { clock, waitMs });
  try {
    state.append(event);
  } finally {
    state.close();
  }
}
