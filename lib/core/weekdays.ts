import { DAY_MS, type Millis } from "./bars.ts";

export const SUNDAY = 0;
export const MONDAY = 1;
export const THURSDAY = 4;
export const FRIDAY = 5;
export const SATURDAY = 6;

/** 00:00 UTC of a calendar date; months count from 1. */
export function utcDate(year: number, month: number, day: number): Millis {
  // Years counted from March put the leap day last; 400 years are 146,097 days.
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) +
    dayOfYear;
  return (era * 146_097 + dayOfEra - DAYS_TO_1970) * DAY_MS;
}

/**
 * Calendar date of a moment in UTC; months count from 1. By arithmetic (Hinnant, "chrono-compatible low-level date
 * algorithms"), as the sandbox has no `Date`.
 */
export function calendarDate(time: Millis): { year: number; month: number; day: number } {
  const days = Math.floor(time / DAY_MS) + DAYS_TO_1970;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra -
    (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

// Days from 1 March of the year 0 to 1 January 1970.
const DAYS_TO_1970 = 719_468;

/** 0 for Sunday to 6 for Saturday, of a moment in UTC. */
export function weekday(time: Millis): number {
  const sinceThursday = Math.floor(time / DAY_MS) % 7; // 1970 began on a Thursday
  return (sinceThursday + 7 + THURSDAY) % 7;
}

/** The first `day` of the week from `date` on, `date` itself included. */
export function weekdayOnOrAfter(date: Millis, day: number): Millis {
  return date + ((day - weekday(date) + 7) % 7) * DAY_MS;
}
