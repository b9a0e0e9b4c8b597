import type { Millis } from "./bars.ts";

/** Where the time of day comes from. Nothing that reaches a result may ask it. */
export interface Clock {
  /** Now, in milliseconds since 1970 UTC. */
  now(): Millis;
  /** Milliseconds from some fixed moment, never going back: for durations only. */
  elapsed(): number;
}

/** The machine's clock: for logs, durations and the record of when a run was made. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
};

/** A clock that stands where it is put. */
export function fixedClock(time: Millis): Clock {
  return { now: () => time, elapsed: () => 0 };
}

/** Milliseconds of a `YYYY-MM-DD` date at 00:00 UTC. Throws RangeError when it is no calendar date. */
export function parseDate(text: string): Millis {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const time = match ? Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) : NaN;
  if (!Number.isFinite(time) || formatDate(time) !== text) {
    throw new RangeError(`"${text}" is not a date of the form YYYY-MM-DD`);
  }
  return time;
}

/** `YYYY-MM-DD` of a moment, in UTC. */
export function formatDate(time: Millis): string {
  return formatTime(time).slice(0, 10);
}

/** `YYYY-MM-DDTHH:MM:SSZ` of a moment, in UTC (with milliseconds only when there are any). */
export function formatTime(time: Millis): string {
  return new Date(time).toISOString().replace(".000Z", "Z");
}
