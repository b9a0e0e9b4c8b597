import type { AssetClass } from "./asset.ts";
import { DAY_MS, gridMs, lowerBound, type Millis, type Timeframe, upperBound } from "./bars.ts";
import { formatTime } from "./clock.ts";
import { HALF_DAY_CLOSE, halfDays, holidays, oneOffCloses, oneOffClosures } from "./holidays.ts";
import { newYorkMoment } from "./new_york.ts";
import { SATURDAY, SUNDAY, utcDate, weekday } from "./weekdays.ts";

export { newYorkOffsetMs } from "./new_york.ts";

/** One regular session of the New York Stock Exchange. */
export interface Session {
  /** 00:00 UTC of the New York trade date, which is also its UTC date. */
  readonly date: Millis;
  /** 09:30 New York time; late openings count as punctual. */
  readonly open: Millis;
  /** The first moment without trading: 16:00 New York time, or earlier. */
  readonly close: Millis;
  /** Whether it ended before 16:00. */
  readonly early: boolean;
}

/** Bars that an unbroken history holds, column by column, ascending. */
export interface ExpectedBars {
  readonly openTime: Float64Array;
  /** When the bar is complete: the earlier of its grid end and its session close. */
  readonly availableAt: Float64Array;
  /** When trading in the bar can begin: the later of its grid open and its session open. */
  readonly tradableAt: Float64Array;
}

const FIRST_YEAR = 1993;
const LAST_YEAR = 2035;
const CALENDAR_START = utcDate(FIRST_YEAR, 1, 1);
const CALENDAR_END = utcDate(LAST_YEAR + 1, 1, 1);

const MINUTE_MS = 60_000;
/** Regular hours in minutes after New York's midnight. */
const OPEN = 9 * 60 + 30;
const CLOSE = 16 * 60;

/** The session of a date (00:00 UTC), undefined on a closed day; RangeError outside 1993-01-01..2035-12-31. */
export function sessionOn(date: Millis): Session | undefined {
  if (date % DAY_MS !== 0) throw new RangeError(`${date} is not a date at 00:00 UTC`);
  requireCovered(date, CALENDAR_END - 1);
  const { sessions, dates } = table();
  const session = sessions[lowerBound(dates, date)];
  return session?.date === date ? session : undefined;
}

/** The first session that opens at or after `time`; RangeError when the calendar holds none. */
export function nextSession(time: Millis): Session {
  requireCovered(time);
  const { sessions, opens } = table();
  return sessions[lowerBound(opens, time)] ?? outside(time);
}

/** The last session that closed at or before `time`; RangeError when the calendar holds none. */
export function previousSession(time: Millis): Session {
  requireCovered(time);
  const { sessions, closes } = table();
  return sessions[upperBound(closes, time) - 1] ?? outside(time);
}

/** Sessions whose date lies in [from, to), oldest first. */
export function sessionsBetween(from: Millis, to: Millis): readonly Session[] {
  requireCovered(from);
  requireCovered(to);
  const { sessions, dates } = table();
  return sessions.slice(lowerBound(dates, from), lowerBound(dates, to));
}

/** Whether New York trades at `time`: its open counts, its close does not. */
export function isOpen(time: Millis): boolean {
  requireCovered(time);
  const { sessions, opens } = table();
  const session = sessions[upperBound(opens, time) - 1];
  return session !== undefined && time < session.close;
}

/** The newest grid time at or before `time`: 00, 04, …, 20 UTC for h4, 00 UTC for daily. */
export function floorToGrid(time: Millis, timeframe: Timeframe): Millis {
  const step = gridMs(timeframe);
  return Math.floor(time / step) * step;
}

/** The first grid time at or after `time`. */
export function ceilToGrid(time: Millis, timeframe: Timeframe): Millis {
  const step = gridMs(timeframe);
  return Math.ceil(time / step) * step;
}

/** Every bar that an unbroken history holds with open time in [from, to). */
export function expectedBars(
  assetClass: AssetClass,
  timeframe: Timeframe,
  from: Millis,
  to: Millis,
): ExpectedBars {
  return assetClass === "crypto"
    ? gridBars(gridMs(timeframe), from, to)
    : sessionBars(gridMs(timeframe), from, to);
}

/** Every cell of the grid: what never closes trades in all of them. */
function gridBars(step: Millis, from: Millis, to: Millis): ExpectedBars {
  const first = Math.ceil(from / step) * step;
  const count = Math.max(0, Math.ceil((to - first) / step));
  const openTime = new Float64Array(count);
  const availableAt = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    openTime[i] = first + i * step;
    availableAt[i] = first + (i + 1) * step;
  }
  return { openTime, availableAt, tradableAt: openTime };
}

/** The grid cells that overlap a session, each cut to it. */
function sessionBars(step: Millis, from: Millis, to: Millis): ExpectedBars {
  const sessions = sessionsBetween(floorToGrid(from, "daily"), to);
  const most = sessions.length * (Math.ceil(LONGEST_SESSION_MS / step) + 1);
  const openTime = new Float64Array(most);
  const availableAt = new Float64Array(most);
  const tradableAt = new Float64Array(most);
  let count = 0;
  for (const { open, close } of sessions) {
    for (let cell = Math.floor(open / step) * step; cell < close; cell += step) {
      if (cell < from || cell >= to) continue;
      openTime[count] = cell;
      availableAt[count] = Math.min(cell + step, close);
      tradableAt[count++] = Math.max(cell, open);
    }
  }
  return {
    openTime: openTime.subarray(0, count),
    availableAt: availableAt.subarray(0, count),
    tradableAt: tradableAt.subarray(0, count),
  };
}

// From half past nine to four.
const LONGEST_SESSION_MS = 6.5 * 60 * MINUTE_MS;

interface Table {
  readonly sessions: readonly Session[];
  readonly dates: Float64Array;
  readonly opens: Float64Array;
  readonly closes: Float64Array;
}

let builtTable: Table | undefined;

/** All sessions, built when first asked for: they follow from the rules alone. */
function table(): Table {
  return builtTable ??= buildTable();
}

function buildTable(): Table {
  const sessions: Session[] = [];
  for (let year = FIRST_YEAR; year <= LAST_YEAR; year++) sessions.push(...sessionsOf(year));
  return {
    sessions,
    dates: Float64Array.from(sessions.map(({ date }) => date)),
    opens: Float64Array.from(sessions.map(({ open }) => open)),
    closes: Float64Array.from(sessions.map(({ close }) => close)),
  };
}

function sessionsOf(year: number): readonly Session[] {
  const closed = holidays(year);
  const short = halfDays(year);
  const sessions: Session[] = [];
  for (let date = utcDate(year, 1, 1); date < utcDate(year + 1, 1, 1); date += DAY_MS) {
    const day = weekday(date);
    if (day === SATURDAY || day === SUNDAY) continue;
    if (closed.has(date) || oneOffClosures.has(date)) continue;
    const close = oneOffCloses.get(date)?.close ?? (short.has(date) ? HALF_DAY_CLOSE : CLOSE);
    const midnight = newYorkMoment(date, 0); // clocks change on Sundays, never within a session's day
    sessions.push({
      date,
      open: midnight + OPEN * MINUTE_MS,
      close: midnight + close * MINUTE_MS,
      early: close < CLOSE,
    });
  }
  return sessions;
}

function requireCovered(time: Millis, last = CALENDAR_END): void {
  if (!(time >= CALENDAR_START && time <= last)) outside(time);
}

function outside(time: Millis): never {
  const moment = Number.isFinite(time) ? formatTime(time) : String(time);
  throw new RangeError(
    `Cannot look up the New York session at ${moment}: ` +
      `the calendar holds sessions of ${FIRST_YEAR}-01-01 to ${LAST_YEAR}-12-31`,
  );
}
