import type { Millis } from "../../core/bars.ts";
import type { Clock } from "../../core/clock.ts";

/** A clock that stands until it is set: the time of a replay. */
export interface SettableClock extends Clock {
  set(time: Millis): void;
}

export function settableClock(time: Millis): SettableClock {
  let now = time;
  return {
    now: () => now,
    elapsed: () => now,
    set(next) {
      if (next < now) throw new RangeError("A replay goes forward");
      now = next;
    },
  };
}

/** A clock that was put to `time` just now and goes on from there. */
export function clockFrom(time: Millis, { elapsed }: Clock): Clock {
  const begun = elapsed();
  return { now: () => Math.floor(time + elapsed() - begun), elapsed };
}
