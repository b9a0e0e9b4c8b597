import { type Exact, exact } from "./exact.ts";

/** Notes which rules had something to say, and how close any yes came to being a no. */
export interface Witness {
  readonly saw: (event: string) => void;
  /** A relative distance from the edge of a comparison. */
  readonly margin: (distance: Exact | undefined) => void;
  readonly events: Record<string, number>;
  readonly smallest: () => number;
}

export function newWitness(): Witness {
  const events: Record<string, number> = {};
  let smallest = exact(1);
  return {
    events,
    saw: (event) => {
      events[event] = (events[event] ?? 0) + 1;
    },
    margin: (distance) => {
      if (distance?.lt(smallest)) smallest = distance;
    },
    smallest: () => smallest.toNumber(),
  };
}
