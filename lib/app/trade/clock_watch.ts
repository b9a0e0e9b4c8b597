import type { Millis } from "../../core/bars.ts";
import type { Clock } from "../../core/clock.ts";

/** Wall and monotonic clock may part by this much between two looks; more is a suspend or a step. */
export const LARGEST_STEP_MS = 2_000;

/** What a look at both clocks says. */
export interface ClockLook {
  /** Whether they have agreed since the look before: while they do not, nothing is traded. */
  readonly agrees: boolean;
  /** How far the wall clock has run ahead of the monotonic one since the look before; below 0 when it was set back. */
  readonly stepMs: Millis;
}

/**
 * Watches the wall clock against the monotonic one. A machine that was suspended and a clock that was set show alike: both
 * clocks part. From then on a whole stretch between two looks has to agree before the time of day is believed again.
 */
export function watchClocks(clock: Clock): () => ClockLook {
  let wall = clock.now();
  let elapsed = clock.elapsed();
  return () => {
    const [now, passed] = [clock.now(), clock.elapsed()];
    const stepMs = now - wall - (passed - elapsed);
    [wall, elapsed] = [now, passed];
    return { agrees: Math.abs(stepMs) <= LARGEST_STEP_MS, stepMs };
  };
}
