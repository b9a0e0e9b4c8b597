import { type Bars, gridMs, type Millis, PRICE_COLUMNS } from "../core/bars.ts";
import type { ExpectedBars } from "../core/calendar.ts";
import type { Refusal } from "../core/errors.ts";
import type { KnownOutage } from "./bar_metadata.ts";
import { type Complaint, LAST_TIME, refuseFile, timeText } from "./refusals.ts";

/** Bars before their moment of availability is worked out. */
export type RawBars = Omit<Bars, "availableAt">;

/** Consecutive bars that an unbroken history would hold and the file does not. */
export interface BarGap {
  /** Row of the file before which they are missing. */
  readonly row: number;
  /** Open times of the missing bars. */
  readonly missing: readonly Millis[];
}

/** Refuses the first row whose time or prices cannot be (FR-009): one line naming file, row, column and both values. */
export function requireSoundRows(bars: RawBars, file: string): void {
  const grid = gridMs(bars.timeframe);
  const { openTime, open, high, low, close, volume } = bars;
  for (let row = 0; row < openTime.length; row++) {
    const sound = openTime[row]! % grid === 0 && openTime[row]! <= LAST_TIME &&
      (row === 0 || openTime[row]! > openTime[row - 1]!) &&
      open[row]! > 0 && close[row]! > 0 && low[row]! > 0 && high[row]! < Infinity &&
      high[row]! >= open[row]! && high[row]! >= close[row]! &&
      low[row]! <= open[row]! && low[row]! <= close[row]! &&
      !(volume[row]! < 0 || volume[row]! === Infinity); // a missing volume is NaN and may be
    if (!sound) {
      throw refuseRow(bars, file, row, timeComplaint(bars, row) ?? priceComplaint(bars, row));
    }
  }
}

/**
 * When each bar is known: its row among the expected bars says so. Refuses a bar at a time when its market is closed.
 * Both columns ascend.
 */
export function alignBars(
  bars: RawBars,
  file: string,
  expected: ExpectedBars,
  availableAt: Float64Array,
): readonly BarGap[] {
  const { openTime } = bars;
  const gaps: BarGap[] = [];
  let next = 0;
  for (let row = 0; row < openTime.length; row++) {
    const from = next;
    while (next < expected.openTime.length && expected.openTime[next]! < openTime[row]!) next++;
    if (expected.openTime[next] !== openTime[row]) {
      throw refuseRow(bars, file, row, {
        where: "open_time",
        found: "a bar while the market is closed",
        expected: "bars of regular New York sessions only",
      });
    }
    if (next > from) gaps.push({ row, missing: [...expected.openTime.slice(from, next)] });
    availableAt[row] = expected.availableAt[next]!;
    next++;
  }
  return gaps;
}

/** Refuses the first gap of more than `maxGapBars` bars that no known outage explains (FR-009). */
export function requireSmallGaps(
  gaps: readonly BarGap[],
  file: string,
  options: { maxGapBars: number; knownOutages: readonly KnownOutage[] },
): void {
  for (const { row, missing } of gaps) {
    const unexplained = missing.filter((time) =>
      !options.knownOutages.some(({ from, to }) => from <= time && time <= to)
    );
    if (unexplained.length <= options.maxGapBars) continue;
    const [first, last] = [missing[0]!, missing[missing.length - 1]!];
    throw refuseFile(file, {
      where: `before row ${row}`,
      found: `${unexplained.length} missing bars from ${timeText(first)} to ${timeText(last)}`,
      expected: `at most ${options.maxGapBars} (data.max_gap_bars) outside known_outages`,
    });
  }
}

function refuseRow(bars: RawBars, file: string, row: number, complaint: Complaint): Refusal {
  const time = bars.openTime[row]!;
  return refuseFile(file, {
    ...complaint,
    where: `row ${row} (${timeText(time)}), column ${complaint.where}`,
  });
}

function timeComplaint({ openTime, timeframe }: RawBars, row: number): Complaint | undefined {
  const time = openTime[row]!;
  const before = openTime[row - 1] ?? -Infinity;
  const where = "open_time";
  if (!(Math.abs(time) <= LAST_TIME)) return { where, found: String(time), expected: "a time" };
  if (time % gridMs(timeframe) !== 0) {
    const expected = timeframe === "h4" ? "00, 04, 08, 12, 16 or 20 o'clock UTC" : "00:00 UTC";
    return { where, found: "a time off the grid", expected };
  }
  if (time > before) return undefined;
  const expected = `a time after row ${row - 1} (${timeText(before)})`;
  return { where, found: time === before ? "the same time again" : "an earlier time", expected };
}

function priceComplaint(bars: RawBars, row: number): Complaint {
  for (const name of PRICE_COLUMNS) {
    const value = bars[name][row]!;
    if (name === "volume") break;
    if (value > 0 && value < Infinity) continue;
    const found = Number.isNaN(value) ? "nothing (NaN)" : String(value);
    return { where: name, found, expected: "a price above 0" };
  }
  const { open, high, low, close, volume } = bars;
  const [top, bottom] = [
    Math.max(open[row]!, close[row]!),
    Math.min(open[row]!, close[row]!),
  ];
  if (high[row]! < top) {
    const expected = `at least ${top}, the higher of open and close`;
    return { where: "high", found: String(high[row]), expected };
  }
  if (low[row]! > bottom) {
    const expected = `at most ${bottom}, the lower of open and close`;
    return { where: "low", found: String(low[row]), expected };
  }
  return { where: "volume", found: String(volume[row]), expected: "0 or more" };
}
