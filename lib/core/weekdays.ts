import { DAY_MS, type Millis } from "./bars.ts";

export const SUNDAY = 0;
export const MONDAY = 1;
export const THURSDAY = 4;
export const FRIDAY = 5;
export const SATURDAY = 6;

/** 00:00 UTC of a calendar date; months count from 1. */
export function utcDate(year: number, month: number, day: number): Millis {
  return Date.UTC(year, month - 1, day);
}

/** 0 for Sunday to 6 for Saturday, of a moment in UTC. */
export function weekday(time: Millis): number {
  const sinceThursday = Math.floor(time / DAY_MS) % 7; // 1970 began on a Thursday
  return (sinceThursday + 7 + THURSDAY) % 7;
}

/** The first `day` of the week from `date` on, `date` itself included. */
export function weekdayOnOrAfter(date: Millis, day: number): Millis {
  return date + ((day - weekday(date) + 7) % 7) * DAY_MS;
}
