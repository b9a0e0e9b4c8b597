import { DAY_MS, HOUR_MS, type Millis } from "../core/bars.ts";
import { formatTime, parseDate } from "../core/clock.ts";
import { newYorkMoment, newYorkOffsetMs } from "../core/new_york.ts";
import { Refusal } from "../core/errors.ts";

/** What clocks the times without a zone of their own were read from: milliseconds ahead of UTC, or New York's. */
export type Zone = Millis | "America/New_York";

/** How numbers are written. */
export interface NumberFormat {
  readonly decimal: "." | ",";
  /** What stands between groups of three digits. */
  readonly thousands?: string;
}

/** A time as it was written. */
export interface Moment {
  readonly time: Millis;
  /** 00:00 UTC of the date in the text, which is the date of a daily bar. */
  readonly date: Millis;
  readonly dateOnly: boolean;
}

/** Why a text cannot be used; the caller says where it stands. */
export class UnusableText extends Error {
  readonly expected: string;

  constructor(found: string, expected: string) {
    super(found);
    this.expected = expected;
  }
}

/** The zone of a flag. Refuses names that the library has no clock for, with exit code 2. */
export function parseZone(text: string): Zone {
  if (text === "UTC" || text === "Z") return 0;
  if (text === "America/New_York") return text;
  const offset = offsetOf(text);
  if (offset !== undefined) return offset;
  throw new Refusal(
    `--zone: found "${text}", expected UTC, America/New_York or an offset such as +02:00`,
    {
      exitCode: 2,
    },
  );
}

const MOMENT = new RegExp(
  String.raw`^(\d{4})([-/.]?)(\d{2})\2(\d{2})` +
    String
      .raw`(?:[T ]\s?(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?$`,
  "i",
);

/**
 * Reads seconds, milliseconds, micro- or nanoseconds since 1970, or a date and time written from the year down. Throws
 * UnusableText for other forms, and for a local time when no zone is known.
 */
export function parseMoment(text: string, zone: Zone | undefined): Moment {
  if (/^\d{9,19}(?:\.\d+)?$/.test(text)) return sinceEpoch(Number(text));
  const match = MOMENT.exec(text);
  if (!match) throw notATime(text);
  const [, year, , month, day, hours, minutes, seconds = "0", fraction = "", own] = match;
  const date = dateOf(`${year}-${month}-${day}`, text);
  if (hours === undefined) return { time: date, date, dateOnly: true };
  const ofDay = Number(hours) * HOUR_MS + Number(minutes) * 60_000 + Number(seconds) * 1_000 +
    Math.floor(Number(fraction.padEnd(3, "0").slice(0, 3)));
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) throw notATime(text);
  const offset = own === undefined ? zone : /^[a-z]/i.test(own) ? 0 : offsetOf(own)!;
  if (offset === undefined) {
    throw new UnusableText(
      `"${text}", a local time that does not say where`,
      "a zone in the text, or --zone UTC, --zone America/New_York or --zone +02:00: an hour's error would show the future",
    );
  }
  const time = offset === "America/New_York"
    ? newYorkTime(date, ofDay, text)
    : date + ofDay - offset;
  return { time, date, dateOnly: false };
}

/** Reads a number; empty is NaN. Throws UnusableText for what could mean two things. */
export function parseNumber(text: string, { decimal, thousands }: NumberFormat): number {
  const trimmed = text.trim();
  if (trimmed === "" || /^(?:nan|null|n\/a|-)$/i.test(trimmed)) return NaN;
  let plain = trimmed;
  if (thousands !== undefined && plain.includes(thousands)) {
    const escaped = thousands.replace(/[.'|]/g, "\\$&");
    const point = decimal === "." ? "\\." : ",";
    if (!new RegExp(`^-?\\d{1,3}(?:${escaped}\\d{3})+(?:${point}\\d+)?$`).test(plain)) {
      throw new UnusableText(`"${text}"`, `groups of three digits between "${thousands}"`);
    }
    plain = plain.replaceAll(thousands, "");
  }
  if (decimal === ",") plain = plain.replace(",", ".");
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(plain)) return Number(plain);
  const ambiguous = /^-?[\d.,' ]+$/.test(trimmed) && /[,' ]/.test(trimmed);
  throw new UnusableText(
    `"${text}"`,
    ambiguous
      ? 'a plain number such as 1234.5, or --decimal "," or --thousands "," to say what the comma means'
      : "a number",
  );
}

function sinceEpoch(value: number): Moment {
  const scale = value < 1e11 ? 1_000 : value < 1e14 ? 1 : value < 1e17 ? 1e-3 : 1e-6;
  // Dividing by whole numbers keeps whole milliseconds whole.
  const time = scale >= 1 ? value * scale : Math.floor(value / Math.round(1 / scale));
  return { time, date: Math.floor(time / DAY_MS) * DAY_MS, dateOnly: false };
}

/** A moment that New York's clocks showed exactly once. */
function newYorkTime(date: Millis, ofDay: Millis, text: string): Millis {
  const time = newYorkMoment(date, ofDay / 60_000);
  if (time + newYorkOffsetMs(time) !== date + ofDay) {
    throw new UnusableText(
      `"${text}", which New York's clocks skipped that day in spring`,
      "a time that was: is the zone right?",
    );
  }
  const hourBefore = time - HOUR_MS;
  if (hourBefore + newYorkOffsetMs(hourBefore) === date + ofDay) {
    throw new UnusableText(
      `"${text}", which New York's clocks showed twice that day in autumn (${
        formatTime(hourBefore)
      } and ${formatTime(time)})`,
      "times in UTC, or with their offset",
    );
  }
  return time;
}

function dateOf(text: string, written: string): Millis {
  try {
    return parseDate(text);
  } catch {
    throw notATime(written);
  }
}

function notATime(text: string): UnusableText {
  return /^\d{1,2}[/.]\d{1,2}[/.]\d{2,4}/.test(text)
    ? new UnusableText(
      `"${text}", which means one day in Europe and another in America`,
      "dates from the year down, such as 2024-03-04",
    )
    : new UnusableText(`"${text}"`, "a time such as 2024-03-04T15:30:00Z or seconds since 1970");
}

function offsetOf(text: string): Millis | undefined {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(text);
  if (!match || Number(match[2]) > 14 || Number(match[3] ?? 0) > 59) return undefined;
  const size = Number(match[2]) * HOUR_MS + Number(match[3] ?? 0) * 60_000;
  return match[1] === "-" ? -size : size;
}
