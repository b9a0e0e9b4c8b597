import type { Clock } from "../../core/clock.ts";
import type { Venue } from "../../core/trading.ts";

/** A venue, and a clock that shows its time as each answer of `venue.clock()` has set it. */
export interface OnBrokerClock<Kind extends Venue> {
  readonly venue: Kind;
  readonly clock: Clock;
}

/** Takes the time of day from the broker (`trading.clock: broker`); between its answers it runs as `clock` does. */
export async function onBrokerClock<Kind extends Venue>(
  venue: Kind,
  { elapsed }: Clock,
): Promise<OnBrokerClock<Kind>> {
  let ahead = 0;
  const synced: Kind = {
    ...venue,
    async clock(symbol) {
      const told = await venue.clock(symbol);
      ahead = told.time - elapsed();
      return told;
    },
  };
  await synced.clock();
  return { venue: synced, clock: { now: () => Math.floor(ahead + elapsed()), elapsed } };
}
