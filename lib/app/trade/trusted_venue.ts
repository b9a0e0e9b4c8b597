import type { Clock } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { Journal } from "../../core/ports.ts";
import type { OpenedVenue } from "../../execution/venues/mod.ts";
import type { PlannedAsset } from "../../engine/plan.ts";
import { calendarDifferences, withholding } from "./calendar_check.ts";

/** What a venue is held against before it is traded at. */
export interface VenueTrust {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly assets: readonly PlannedAsset[];
  /** The broker's number of the only account that may be traded; any where it is left out. */
  readonly accountNumber?: string | undefined;
}

/** A venue that shows one account and no other, and whose equities wait where its calendar is not ours. */
export async function trustedVenue(
  venue: OpenedVenue,
  { clock, journal, assets, accountNumber }: VenueTrust,
): Promise<OpenedVenue> {
  const own = accountNumber === undefined ? venue : ofAccount(venue, accountNumber);
  const equities = assets.filter(({ assetClass }) => assetClass === "equity");
  if (equities.length === 0) return own;
  const differences = await calendarDifferences(own, clock.now());
  for (const difference of differences) {
    journal.write({
      ...{ timestamp: clock.now(), component: "calendar", level: "error" },
      message: `calendars differ, equities are not traded: ${difference}`,
    });
  }
  return differences.length === 0 ? own : withholding(own, equities.map(({ symbol }) => symbol));
}

/** Refuses holdings of another account than the one that was approved. */
function ofAccount(venue: OpenedVenue, accountNumber: string): OpenedVenue {
  return {
    ...venue,
    async account() {
      const account = await venue.account();
      if (account.accountNumber === accountNumber) return account;
      throw new Refusal(
        `Cannot trade at ${venue.name}: found account ${account.accountNumber}, ` +
          `expected ${accountNumber}, which was approved`,
      );
    },
  };
}

/** How far the venue's clock is ahead of ours, in milliseconds. */
export async function skewAt(venue: Pick<OpenedVenue, "clock">, clock: Clock): Promise<number> {
  const sent = clock.now();
  const { time } = await venue.clock();
  return time - (sent + clock.now()) / 2;
}
