import { DAY_MS, type Millis } from "./bars.ts";
import { parseDate } from "./clock.ts";
import {
  FRIDAY,
  MONDAY,
  SATURDAY,
  SUNDAY,
  THURSDAY,
  utcDate,
  weekday,
  weekdayOnOrAfter,
} from "./weekdays.ts";

/** Minutes after New York's midnight at which a half day ends: 13:00. */
export const HALF_DAY_CLOSE = 13 * 60;

/** Holidays of the New York Stock Exchange in a year from 1993 on, on the weekday that is off: 00:00 UTC each. */
export function holidays(year: number): ReadonlySet<Millis> {
  const newYear = utcDate(year, 1, 1);
  return new Set([
    // Rule 7.2: no Friday off for a Saturday holiday when that Friday ends the accounting year.
    ...(weekday(newYear) === SATURDAY ? [] : [observed(newYear)]),
    ...(year >= 1998 ? [nth(3, MONDAY, utcDate(year, 1, 1))] : []), // Martin Luther King Day
    nth(3, MONDAY, utcDate(year, 2, 1)), // Presidents' Day
    easterSunday(year) - 2 * DAY_MS, // Good Friday
    weekdayOnOrAfter(utcDate(year, 5, 25), MONDAY), // Memorial Day
    ...(year >= 2022 ? [observed(utcDate(year, 6, 19))] : []), // Juneteenth
    observed(utcDate(year, 7, 4)), // Independence Day
    nth(1, MONDAY, utcDate(year, 9, 1)), // Labor Day
    thanksgiving(year),
    observed(utcDate(year, 12, 25)), // Christmas
  ]);
}

/** Days of a year from 1993 on that end at 13:00 by rule: 00:00 UTC each. */
export function halfDays(year: number): ReadonlySet<Millis> {
  const christmasEve = utcDate(year, 12, 24);
  return new Set([
    ...independenceHalfDay(year),
    thanksgiving(year) + DAY_MS,
    // On a Friday it is the day off for Christmas.
    ...(isMondayToThursday(christmasEve) ? [christmasEve] : []),
  ]);
}

/** Days since 1993 on which the exchange stayed shut though no holiday, and why. */
export const oneOffClosures: ReadonlyMap<Millis, string> = new Map([
  [parseDate("1994-04-27"), "funeral of President Nixon"],
  [parseDate("2001-09-11"), "attack on the World Trade Center"],
  [parseDate("2001-09-12"), "attack on the World Trade Center"],
  [parseDate("2001-09-13"), "attack on the World Trade Center"],
  [parseDate("2001-09-14"), "attack on the World Trade Center"],
  [parseDate("2004-06-11"), "funeral of President Reagan"],
  [parseDate("2007-01-02"), "mourning for President Ford"],
  [parseDate("2012-10-29"), "Hurricane Sandy"],
  [parseDate("2012-10-30"), "Hurricane Sandy"],
  [parseDate("2018-12-05"), "mourning for President G. H. W. Bush"],
  [parseDate("2025-01-09"), "mourning for President Carter"],
]);

/** Early closes since 1993 that no rule foretold, in minutes after New York's midnight, and why. */
export const oneOffCloses: ReadonlyMap<Millis, { close: number; reason: string }> = new Map([
  [parseDate("1994-02-11"), { close: 14 * 60 + 30, reason: "snowstorm" }],
  [parseDate("1996-01-08"), { close: 14 * 60, reason: "snowstorm" }],
  [parseDate("1997-10-27"), { close: 15 * 60 + 30, reason: "the Dow fell 550 points" }],
  [parseDate("1997-12-26"), { close: HALF_DAY_CLOSE, reason: "Friday after Christmas" }],
  [parseDate("1999-12-31"), { close: HALF_DAY_CLOSE, reason: "turn of the millennium" }],
  [parseDate("2003-12-26"), { close: HALF_DAY_CLOSE, reason: "Friday after Christmas" }],
  [parseDate("2005-06-01"), { close: 15 * 60 + 56, reason: "communications failure" }],
]);

/** The half day beside July 4th, kept since 1995; none when the 4th touches a weekend on that side. */
function independenceHalfDay(year: number): readonly Millis[] {
  if (year < 1995) return [];
  const fourth = utcDate(year, 7, 4);
  // A Thursday used to be followed by a short Friday; since 2013 the Wednesday before it is short.
  if (weekday(fourth) === THURSDAY && year < 2013) return [fourth + DAY_MS];
  return isMondayToThursday(fourth - DAY_MS) ? [fourth - DAY_MS] : [];
}

/** The weekday off for a fixed date: Friday for a Saturday, Monday for a Sunday. */
function observed(date: Millis): Millis {
  if (weekday(date) === SATURDAY) return date - DAY_MS;
  if (weekday(date) === SUNDAY) return date + DAY_MS;
  return date;
}

function thanksgiving(year: number): Millis {
  return nth(4, THURSDAY, utcDate(year, 11, 1));
}

function nth(count: number, day: number, firstOfMonth: Millis): Millis {
  return weekdayOnOrAfter(firstOfMonth, day) + (count - 1) * 7 * DAY_MS;
}

function isMondayToThursday(date: Millis): boolean {
  return weekday(date) >= MONDAY && weekday(date) < FRIDAY;
}

/** Easter of the Gregorian calendar by the anonymous rule of 1876 (Meeus, Astronomical Algorithms, chapter 8). */
function easterSunday(year: number): Millis {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const yearOfCentury = year % 100;
  const moon = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - Math.floor(century / 4) - moon + 15) % 30;
  const leapDays = 2 * (century % 4) + 2 * Math.floor(yearOfCentury / 4);
  const toSunday = (32 + leapDays - epact - yearOfCentury % 4) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * toSunday) / 451);
  const days = epact + toSunday - 7 * late + 114;
  return utcDate(year, Math.floor(days / 31), days % 31 + 1);
}
