import { DAY_MS, HOUR_MS, type Millis } from "./bars.ts";
import { calendarDate, utcDate } from "./weekdays.ts";

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
  const time = match ? utcDate(Number(match[1]), Number(match[2]), Number(match[3])) : NaN;
  if (!Number.isFinite(time) || formatDate(time) !== text) {
    throw new RangeError(`"${text}" is not a date of the form YYYY-MM-DD`);
  }
  return time;
}

/** Milliseconds of a moment written by `formatTime`. Throws RangeError for any other form. */
export function parseTime(text: string): Millis {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{3}))?Z$/.exec(text);
  if (!match) throw new RangeError(`"${text}" is not a time of the form YYYY-MM-DDTHH:MM:SSZ`);
  const [hours, minutes, seconds, millis] = match.slice(2).map((part) => Number(part ?? 0));
  const ofDay = hours! * HOUR_MS + minutes! * 60_000 + seconds! * 1_000 + millis!;
  return parseDate(match[1]!) + ofDay;
}

/** `YYYY-MM-DD` of a moment, in UTC. */
export function formatDate(time: Millis): string {
  const { year, month, day } = calendarDate(time);
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
}

/** `YYYY-MM-DDTHH:MM:SSZ` of a moment, in UTC (with milliseconds only when there are any). */
export function formatTime(time: Millis): string {
  const ofDay = time - Math.floor(time / DAY_MS) * DAY_MS;
  const hours = digits(Math.floor(ofDay / HOUR_MS), 2);
  const minutes = digits(Math.floor(ofDay / 60_000) % 60, 2);
  const seconds = digits(Math.floor(ofDay / 1_000) % 60, 2);
  const millis = ofDay % 1_000;
  const fraction = millis === 0 ? "" : `.${digits(millis, 3)}`;
  return `${formatDate(time)}T${hours}:${minutes}:${seconds}${fraction}Z`;
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
