import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../../core/atomic_file.ts";
import type { Clock } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import { type OpenedVenue, openVenue, type OpenVenueOptions } from "../../execution/venues/mod.ts";
import type { LoadedPlan } from "../load_plan.ts";

/** What it takes to reach an account without its configuration: no keys, only where and what. */
export interface RegisteredAccount
  extends Pick<OpenVenueOptions, "venue" | "mode" | "brokers" | "stamps" | "feed" | "assets"> {
  readonly account: string;
}

/** The account of a configuration. */
export function accountOf(
  { config, plan }: LoadedPlan,
  mode: RegisteredAccount["mode"],
): RegisteredAccount {
  const { trading, brokers, data } = config;
  return {
    ...{ account: trading.account, venue: trading.venue, mode, brokers },
    ...{ stamps: trading.clock, feed: data.live_feed, assets: plan.assets },
  };
}

/** Writes down how an account is reached, before it is traded: the kill switch goes by these files. */
export async function registerAccount(
  stateFolder: string,
  account: RegisteredAccount,
): Promise<void> {
  const file = join(stateFolder, `${account.account}${SUFFIX}`);
  const text = `${JSON.stringify(account)}\n`;
  if (await readFile(file, "utf8").catch(() => "") === text) return;
  await writeFileAtomically(file, new TextEncoder().encode(text));
}

const SUFFIX = ".account.json";

/** Every account that was ever traded from a state folder, by name. Refuses a file that cannot be read. */
export async function registeredAccounts(
  stateFolder: string,
): Promise<readonly RegisteredAccount[]> {
  const names = await readdir(stateFolder).catch(() => []);
  const files = names.filter((name) => name.endsWith(SUFFIX)).sort();
  return await Promise.all(files.map(async (name) => {
    const file = join(stateFolder, name);
    try {
      return JSON.parse(await readFile(file, "utf8")) as RegisteredAccount;
    } catch (cause) {
      throw new Refusal(`Cannot read ${file}: expected how an account is reached`, { cause });
    }
  }));
}

/** Opens an account's venue for looking and cancelling; at the built-in venue nothing is filled meanwhile. */
export async function reachAccount(
  { account, ...registered }: RegisteredAccount,
  { stateFolder, environment, clock }: {
    readonly stateFolder: string;
    readonly environment: (name: string) => string | undefined;
    readonly clock: Clock;
  },
): Promise<OpenedVenue> {
  return await openVenue({
    ...{ ...registered, environment, clock, guard: () => "a kill only cancels" },
    paper: { account, file: paperBooks(stateFolder, account), initialCash: 1, stored: [] },
  });
}

/** The books of the built-in venue. */
export function paperBooks(stateFolder: string, account: string): string {
  return join(stateFolder, `${account}.paper.db`);
}
