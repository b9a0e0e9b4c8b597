import type { AssetClass } from "../../core/asset.ts";
import { DAY_MS, type Millis } from "../../core/bars.ts";
import { isOpen, nextSession, sessionOn } from "../../core/calendar.ts";
import { formatTime, parseDate } from "../../core/clock.ts";
import { UnusableAnswer } from "./answers.ts";
import type { SourceBars } from "./source.ts";

/** One bar as a row: open time, open, high, low, close, volume. */
export type Candle = readonly [Millis, number, number, number, number, number];

/** The rows column by column. */
export function barsOf(stepMs: Millis, candles: readonly Candle[]): SourceBars {
  const column = (index: number) => Float64Array.from(candles, (candle) => candle[index]!);
  return {
    stepMs,
    openTime: column(0),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
  };
}

/**
 * The rows in order, each once: a bar that comes twice alike is one bar. Throws UnusableAnswer when times fall or two
 * bars of one time differ.
 */
export function inOrder(candles: readonly Candle[]): readonly Candle[] {
  return candles.filter((candle, row) => {
    const before = candles[row - 1];
    if (!before || candle[0] > before[0]) return true;
    const time = formatTime(candle[0]);
    if (candle[0] < before[0]) throw new UnusableAnswer(`bars out of order at ${time}`);
    if (candle.every((value, column) => Object.is(value, before[column]))) return false;
    throw new UnusableAnswer(`two different bars at ${time}`);
  });
}

/** The rows that open in [from, to). */
export function within(candles: readonly Candle[], from: Millis, to: Millis): readonly Candle[] {
  return candles.filter(([time]) => time >= from && time < to);
}

/**
 * The open time of the first bar that is not over at `now`, so that all before it are: of a day of equities only its
 * session counts.
 */
export function firstRunning(assetClass: AssetClass, stepMs: Millis, now: Millis): Millis {
  const running = Math.floor(now / stepMs) * stepMs;
  if (assetClass === "crypto" || stepMs < DAY_MS) return running;
  const session = inCalendar(running) ? sessionOn(running) : undefined;
  return session && session.close <= now ? running + DAY_MS : running;
}

/** Whether a moment lies in a regular session of New York; its close does not. */
export function inSession(time: Millis): boolean {
  return inCalendar(time) && isOpen(time);
}

/** Whether nothing of a class trades in [from, to) by the calendar: a weekend, a holiday, a night. */
export function isWithoutSession(assetClass: AssetClass, from: Millis, to: Millis): boolean {
  if (assetClass === "crypto" || !inCalendar(from) || !inCalendar(to)) return false;
  return nextSession(from).open >= to && !isOpen(from);
}

/** Whether the exchange calendar can be asked about a moment. */
export function inCalendar(time: Millis): boolean {
  return time >= FIRST_DAY && time < AFTER_LAST_DAY;
}

const FIRST_DAY = parseDate("1993-01-01");
const AFTER_LAST_DAY = parseDate("2036-01-01");
