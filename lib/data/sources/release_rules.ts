import { DAY_MS, type Millis } from "../../core/bars.ts";
import { sessionOn } from "../../core/calendar.ts";
import { newYorkMoment } from "../../core/new_york.ts";
import {
  calendarDate,
  FRIDAY,
  MONDAY,
  SATURDAY,
  SUNDAY,
  utcDate,
  weekday,
  weekdayOnOrAfter,
} from "../../core/weekdays.ts";
import { inCalendar } from "./candles.ts";

/** When a series' observations became known, where no record of each publication is at hand. */
export interface ReleaseRule {
  readonly series: RegExp;
  /** Whose schedule it is, and what was rounded to the careful side. */
  readonly reason: string;
  /** Publication of the observation of a reference date (00:00 UTC); NaN where there is none. */
  publishedAt(date: Millis): Millis;
  /** Minutes after New York's midnight at which a publication of a day is out. */
  readonly minutes: number;
  /** Never revised and dated better by the rule than by FRED, which copies it later. */
  readonly exact?: true;
  /** Age in days at which the newest reference date shows that observations are missing. */
  readonly staleAfterDays?: number;
}

/** Of a day whose hour of publication is not known. */
export const END_OF_DAY = 24 * 60;

const EVENING = 18 * 60;
const MORNING = 10 * 60;
const BEFORE_OPEN = 8 * 60 + 30;

/** The first that matches holds. Times are New York's; days off are the exchange's and the Federal Reserve's. */
export const RELEASE_RULES: readonly ReleaseRule[] = [
  {
    series: /^VIXCLS$/,
    reason: "Cboe: 15 minutes after the session's close",
    publishedAt: (date) => {
      const session = inCalendar(date) ? sessionOn(date) : undefined;
      return session ? session.close + 15 * 60_000 : NaN;
    },
    minutes: EVENING,
    exact: true,
    staleAfterDays: 12,
  },
  {
    series: /^(?:DGS\d+(?:MO)?|DTB\d+|DFII\d+|T10Y[23][YM]|DFF|DFEDTARU?)$/,
    reason: "Federal Reserve, H.15: in the afternoon of the next business day; 18:00",
    publishedAt: (date) => at(businessDay(date + DAY_MS), EVENING),
    minutes: EVENING,
    staleAfterDays: 12,
  },
  {
    series: /^(?:NAPM|ISM|PMI)\w*$/,
    reason: "ISM, Report On Business: first business day of the next month, 10:00",
    publishedAt: (date) => at(businessDay(monthAfter(date)), MORNING),
    minutes: MORNING,
  },
  {
    series: /^CFNAI\w*$/,
    reason: "Chicago Fed: in the fourth week after the month, 08:30; 27 days after it, 10:00",
    publishedAt: (date) => at(monthAfter(date) + 26 * DAY_MS, MORNING),
    minutes: MORNING,
    staleAfterDays: 130,
  },
  {
    series: /^(?:UNRATE|PAYEMS)$/,
    reason: "BLS, Employment Situation: mostly the first Friday, 08:30; the second one",
    publishedAt: (date) => at(weekdayOnOrAfter(monthAfter(date), FRIDAY) + 7 * DAY_MS, BEFORE_OPEN),
    minutes: BEFORE_OPEN,
    staleAfterDays: 130,
  },
  {
    series: /^(?:CPIAUCSL|CPILFESL|INDPRO)$/,
    reason:
      "BLS and Federal Reserve, G.17: by the middle of the next month; from the 20th on, 10:00",
    publishedAt: (date) => at(businessDay(monthAfter(date) + 19 * DAY_MS), MORNING),
    minutes: MORNING,
    staleAfterDays: 130,
  },
  {
    series: /^USREC$/,
    reason:
      "NBER: recessions are dated months later, with no schedule; a year after the month began",
    publishedAt: (date) => at(date + 365 * DAY_MS, 0),
    minutes: END_OF_DAY,
    staleAfterDays: 130,
  },
];

/** The rule of a series, undefined where none is known. */
export function releaseRule(series: string): ReleaseRule | undefined {
  return RELEASE_RULES.find((rule) => rule.series.test(series));
}

/** New York's time on a date; winter time all year before its clocks' rules are known, which is the later one. */
export function at(date: Millis, minutes: number): Millis {
  return date < utcDate(1987, 1, 1)
    ? date + (minutes + 5 * 60) * 60_000
    : newYorkMoment(date, minutes);
}

/** The first day from `date` on that is a business day of both the exchange and the Federal Reserve. */
function businessDay(date: Millis): Millis {
  let day = date;
  while (!isBusinessDay(day)) day += DAY_MS;
  return day;
}

function isBusinessDay(day: Millis): boolean {
  const ofWeek = weekday(day);
  if (ofWeek === SATURDAY || ofWeek === SUNDAY) return false;
  if (inCalendar(day) && !sessionOn(day)) return false;
  const { year } = calendarDate(day);
  const columbusDay = weekdayOnOrAfter(utcDate(year, 10, 8), MONDAY);
  const veteransDay = utcDate(year, 11, 11);
  // On a Saturday it is not made up for, on a Sunday the day after.
  const off = weekday(veteransDay) === SUNDAY ? veteransDay + DAY_MS : veteransDay;
  return day !== columbusDay && day !== off;
}

/** The first day of the month after that of a date. */
function monthAfter(date: Millis): Millis {
  const { year, month } = calendarDate(date);
  return month === 12 ? utcDate(year + 1, 1, 1) : utcDate(year, month + 1, 1);
}
