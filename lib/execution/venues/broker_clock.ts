import type { Clock } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
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
  let ahead: number | undefined;
  const synced: Kind = {
    ...venue,
    async clock(symbol) {
      const told = await venue.clock(symbol);
      ahead = told.time - elapsed();
      return told;
    },
  };
  await synced.clock();
  const now = () => {
    if (ahead === undefined) {
      throw new Refusal("Cannot tell the time: found no answer of the broker's clock");
    }
    return ahead + elapsed();
  };
  return { venue: synced, clock: { now, elapsed } };
}
