import { HOUR_MS, type Millis } from "./bars.ts";
import { calendarDate, SUNDAY, utcDate, weekdayOnOrAfter } from "./weekdays.ts";

const STANDARD_OFFSET_MS = -5 * HOUR_MS;
const SUMMER_OFFSET_MS = -4 * HOUR_MS;
const FIRST_YEAR = 1987;

/**
 * What to add to a UTC moment to read New York's clocks: -4 h in summer, -5 h in winter.
 * Knows the rules of 1987 (April to October) and 2007 (March to November); RangeError before 1987.
 */
export function newYorkOffsetMs(time: Millis): number {
  const { year } = calendarDate(time);
  if (!(year >= FIRST_YEAR)) {
    throw new RangeError(`Cannot tell New York's offset at ${time}: known from ${FIRST_YEAR} on`);
  }
  const { begins, ends } = summerTime(year);
  return time >= begins && time < ends ? SUMMER_OFFSET_MS : STANDARD_OFFSET_MS;
}

/**
 * UTC moment at which New York's clocks read `minutes` after midnight of `date` (00:00 UTC of that date).
 * The hour that comes twice in autumn means its second time; one that spring skips, the hour before it.
 */
export function newYorkMoment(date: Millis, minutes: number): Millis {
  const wallClock = date + minutes * 60_000;
  return wallClock - newYorkOffsetMs(wallClock - STANDARD_OFFSET_MS);
}

/** Clocks change on a Sunday at 02:00: 07:00 UTC when winter ends, 06:00 UTC when summer does. */
function summerTime(year: number): { begins: Millis; ends: Millis } {
  const [spring, autumn] = year >= 2007
    ? [utcDate(year, 3, 8), utcDate(year, 11, 1)]
    : [utcDate(year, 4, 1), utcDate(year, 10, 25)];
  return {
    begins: weekdayOnOrAfter(spring, SUNDAY) + 7 * HOUR_MS,
    ends: weekdayOnOrAfter(autumn, SUNDAY) + 6 * HOUR_MS,
  };
}
