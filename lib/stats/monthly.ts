import { DAY_MS, type Millis } from "../core/bars.ts";
import { calendarDate } from "../core/weekdays.ts";
import { finiteOrNull } from "./moments.ts";

/** NAV at chosen times: row `i` of each column is one mark. */
export interface Marks {
  readonly times: Float64Array;
  readonly nav: Float64Array;
}

/** Return of one calendar month (UTC), or of the part of it that was marked. */
export interface MonthlyReturn {
  /** `YYYY-MM`. */
  readonly month: string;
  /** A fraction; null when NAV was not positive as the month began. */
  readonly return: number | null;
}

/**
 * NAV once a day: the last value at or before each 00:00 UTC, or before each time of `at` (session
 * closes, when only equities trade). The first and the last mark are always included. Times ascend.
 */
export function dailyMarks(
  times: Float64Array,
  nav: Float64Array,
  options: { readonly at?: Float64Array } = {},
): Marks {
  if (times.length === 0) return { times: new Float64Array(), nav: new Float64Array() };
  const wanted = wantedTimes(times[0]!, times.at(-1)!, options.at);
  const values = new Float64Array(wanted.length);
  values[0] = nav[0]!;
  let row = 0;
  for (let i = 1; i < wanted.length; i++) {
    while (row + 1 < times.length && times[row + 1]! <= wanted[i]!) row++;
    values[i] = nav[row]!;
  }
  return { times: wanted, nav: values };
}

/**
 * Return of every calendar month touched by the marks. A mark at 00:00 on the 1st ends the month
 * before.
 */
export function monthlyReturns(times: Float64Array, nav: Float64Array): MonthlyReturn[] {
  const months: MonthlyReturn[] = [];
  if (times.length < 2) return months;
  const last = times.at(-1)!;
  let before = nav[0]!;
  let row = 0;
  for (let start = monthStart(times[0]!); start < last; start = nextMonthStart(start)) {
    const end = nextMonthStart(start);
    while (row + 1 < times.length && times[row + 1]! <= end) row++;
    months.push({
      month: monthName(start),
      return: before > 0 ? finiteOrNull(nav[row]! / before - 1) : null,
    });
    before = nav[row]!;
  }
  return months;
}

/** Highest monthly return; null when there is none. */
export function bestMonth(months: readonly MonthlyReturn[]): number | null {
  return definedReturns(months).reduce<number | null>(
    (best, value) => best === null || value > best ? value : best,
    null,
  );
}

/** Lowest monthly return; null when there is none. */
export function worstMonth(months: readonly MonthlyReturn[]): number | null {
  return definedReturns(months).reduce<number | null>(
    (worst, value) => worst === null || value < worst ? value : worst,
    null,
  );
}

/** Share of months that gained, 0 to 1; null when there is none. */
export function positiveMonths(months: readonly MonthlyReturn[]): number | null {
  const returns = definedReturns(months);
  return finiteOrNull(returns.filter((value) => value > 0).length / returns.length);
}

function definedReturns(months: readonly MonthlyReturn[]): number[] {
  return months.map((month) => month.return).filter((value) => value !== null);
}

function wantedTimes(first: Millis, last: Millis, at = midnights(first, last)): Float64Array {
  const inside = at.filter((time) => time > first && time < last);
  const wanted = new Float64Array(inside.length + (last > first ? 2 : 1));
  wanted[0] = first;
  wanted.set(inside, 1);
  if (last > first) wanted[inside.length + 1] = last;
  return wanted;
}

function midnights(first: Millis, last: Millis): Float64Array {
  const from = Math.ceil(first / DAY_MS);
  const midnights = new Float64Array(Math.max(0, Math.floor(last / DAY_MS) - from + 1));
  for (let i = 0; i < midnights.length; i++) midnights[i] = (from + i) * DAY_MS;
  return midnights;
}

function monthStart(time: Millis): Millis {
  return (Math.floor(time / DAY_MS) - calendarDate(time).day + 1) * DAY_MS;
}

function nextMonthStart(start: Millis): Millis {
  return monthStart(start + 31 * DAY_MS); // the 1st to the 4th of the next month
}

function monthName(time: Millis): string {
  const { year, month } = calendarDate(time);
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}`;
}
