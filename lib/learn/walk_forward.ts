import { DAY_MS, type Millis } from "../core/bars.ts";

/** A range of UTC dates, both included, each as its 00:00 UTC. */
export interface DateRange {
  readonly start: Millis;
  readonly end: Millis;
}

/** What is chosen on one range is traded on the next. */
export interface WalkForwardWindow {
  readonly train: DateRange;
  readonly test: DateRange;
}

/** How a walk goes through its range of dates. */
export interface WalkForwardOptions extends DateRange {
  readonly trainDays: number;
  readonly testDays: number;
  /** Days from one test range to the next; `testDays` when absent, so that the test ranges join up. */
  readonly stepDays?: number;
  /** Whether training always begins at `start` and grows, instead of keeping its length. */
  readonly anchored: boolean;
}

/**
 * Training ranges, each with the test range that follows it without a gap, the first `trainDays` after `start`. The
 * last test range ends at `end`: of less than half the days of a test there is none of its own, the range before goes on to
 * the end where it joins up. None when there is no day left to test. RangeError
 * for days that are not whole and positive, and for steps shorter than a test: a day must not be traded twice.
 */
export function walkForwardWindows(options: WalkForwardOptions): readonly WalkForwardWindow[] {
  const { start, end, trainDays, testDays, stepDays = testDays, anchored } = options;
  requireDates({ start, end });
  requireDays({ trainDays, testDays, stepDays });
  const windows: WalkForwardWindow[] = [];
  const first = start + trainDays * DAY_MS;
  for (let from = first; from <= end; from += stepDays * DAY_MS) {
    const days = (end - from) / DAY_MS + 1;
    const before = windows.at(-1);
    if (before && stepDays === testDays && 2 * days < testDays) {
      windows[windows.length - 1] = { ...before, test: { ...before.test, end } };
      break;
    }
    windows.push({
      train: { start: anchored ? start : from - trainDays * DAY_MS, end: from - DAY_MS },
      test: { start: from, end: Math.min(end, from + (testDays - 1) * DAY_MS) },
    });
  }
  return windows;
}

function requireDates({ start, end }: DateRange): void {
  if (Number.isInteger(start / DAY_MS) && Number.isInteger(end / DAY_MS)) return;
  throw new RangeError(`A walk goes by days of 00:00 UTC, found ${start} to ${end}`);
}

function requireDays(
  { trainDays, testDays, stepDays }: Record<"trainDays" | "testDays" | "stepDays", number>,
): void {
  for (const days of [trainDays, testDays, stepDays]) {
    if (Number.isInteger(days) && days >= 1) continue;
    throw new RangeError(`Windows are a whole number of days from 1, found ${days}`);
  }
  if (stepDays >= testDays) return;
  throw new RangeError(
    `Windows must step by at least the ${testDays} days of a test, as else a day is traded twice, found ${stepDays}`,
  );
}
