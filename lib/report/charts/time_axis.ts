import { DAY_MS, HOUR_MS, type Millis } from "../../core/bars.ts";
import { formatTime } from "../../core/clock.ts";
import { calendarDate, utcDate } from "../../core/weekdays.ts";

/** Moments to mark on an axis, UTC, and what stands below them; a second line carries the year. */
export interface TimeTicks {
  readonly values: readonly Millis[];
  label(time: Millis): string;
}

const MONTHS = [
  ...["Jan", "Feb", "Mar", "Apr", "May", "Jun"],
  ...["Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
] as const;

const MONTH_STEPS = [1, 3, 6, 12, 24, 60, 120] as const;
const SHORT_STEPS = [
  ...[4 * HOUR_MS, 8 * HOUR_MS, 12 * HOUR_MS],
  ...[DAY_MS, 2 * DAY_MS, 7 * DAY_MS, 14 * DAY_MS],
] as const;

// 1970-01-05, where weeks begin.
const A_MONDAY = 4 * DAY_MS;

// Days of a Gregorian month on average.
const MONTH_MS = 30.436875 * DAY_MS;

/** At most about `most` ticks at round moments from `start` to `end`. */
export function timeTicks(start: Millis, end: Millis, most: number): TimeTicks {
  const span = end - start;
  const short = SHORT_STEPS.find((step) => span / step <= most);
  if (span < 2 * MONTH_MS && short !== undefined) return shortTicks(start, end, short);
  const months = MONTH_STEPS.find((step) => span / (step * MONTH_MS) <= most) ?? 240;
  return monthTicks(start, end, months);
}

function shortTicks(start: Millis, end: Millis, step: Millis): TimeTicks {
  const values: Millis[] = [];
  const origin = step < 7 * DAY_MS ? 0 : A_MONDAY;
  const first = Math.ceil((start - origin) / step) * step + origin;
  for (let time = first; time <= end; time += step) values.push(time);
  return {
    values,
    label(time) {
      const { year, month, day } = calendarDate(time);
      const hour = formatTime(time).slice(11, 16);
      const date = `${day} ${MONTHS[month - 1]!}`;
      const isFirst = time === values[0];
      if (step < DAY_MS && !isFirst && hour !== "00:00") return hour;
      if (step < DAY_MS) return `${hour}\n${date}${isFirst ? ` ${year}` : ""}`;
      return isFirst ? `${date}\n${year}` : date;
    },
  };
}

function monthTicks(start: Millis, end: Millis, step: number): TimeTicks {
  const values: Millis[] = [];
  const from = calendarDate(start);
  let months = Math.ceil((from.year * 12 + from.month - 1) / step) * step;
  for (;; months += step) {
    const time = utcDate(Math.floor(months / 12), months % 12 + 1, 1);
    if (time > end) break;
    if (time >= start) values.push(time);
  }
  return {
    values,
    label(time) {
      const { year, month } = calendarDate(time);
      if (step >= 12) return String(year);
      const name = MONTHS[month - 1]!;
      return month === 1 || time === values[0] ? `${name}\n${year}` : name;
    },
  };
}
