import type { AssetClass } from "../../core/asset.ts";
import { gridMs, HOUR_MS, lowerBound, type Millis } from "../../core/bars.ts";
import { type ExpectedBars, expectedBars } from "../../core/calendar.ts";
import type { KnownOutage } from "../bar_metadata.ts";
import { timeText } from "../refusals.ts";
import type { RawBars } from "../validate_bars.ts";
import type { Finding, Thresholds } from "./report.ts";

/** Rows whose time is that of a row before, or earlier than the row before. */
export function orderFindings({ openTime }: RawBars): readonly Finding[] {
  const seen = new Set<number>();
  const [repeated, backwards]: [number[], number[]] = [[], []];
  for (const [row, time] of openTime.entries()) {
    if (seen.has(time)) repeated.push(row);
    else if (row > 0 && !(time > openTime[row - 1]!)) backwards.push(row);
    seen.add(time);
  }
  const at = (rows: readonly number[]) => `first row ${rows[0]} (${timeText(openTime[rows[0]!]!)})`;
  return [
    ...(repeated.length === 0 ? [] : [{
      check: "duplicates" as const,
      count: repeated.length,
      beyond: true,
      detail: `times that are there twice, ${at(repeated)}`,
    }]),
    ...(backwards.length === 0 ? [] : [{
      check: "order" as const,
      count: backwards.length,
      beyond: true,
      detail: `rows earlier than the row before, ${at(backwards)}`,
    }]),
  ];
}

/** Rows whose prices or volume cannot be (FR-009). */
export function priceFindings(bars: RawBars): readonly Finding[] {
  const { openTime, open, high, low, close, volume } = bars;
  const rows: number[] = [];
  for (let row = 0; row < openTime.length; row++) {
    const sound = open[row]! > 0 && close[row]! > 0 && low[row]! > 0 && high[row]! < Infinity &&
      high[row]! >= Math.max(open[row]!, close[row]!) &&
      low[row]! <= Math.min(open[row]!, close[row]!) &&
      !(volume[row]! < 0 || volume[row] === Infinity);
    if (!sound) rows.push(row);
  }
  const [row] = rows;
  if (row === undefined) return [];
  const values = `open ${open[row]}, high ${high[row]}, low ${low[row]}, close ${
    close[row]
  }, volume ${volume[row]}`;
  return [{
    check: "prices",
    count: rows.length,
    beyond: true,
    detail: `impossible bars, first row ${row} (${timeText(openTime[row]!)}): ${values}`,
  }];
}

/** What the calendar expects from the first to the last bar; undefined outside of the years it knows. */
export function expectationOf(
  { openTime, timeframe }: RawBars,
  assetClass: AssetClass,
): ExpectedBars | undefined {
  const times = openTime.filter((time) => Number.isFinite(time));
  if (times.length === 0) return undefined;
  const first = times.reduce((least, time) => Math.min(least, time), Infinity);
  const last = times.reduce((most, time) => Math.max(most, time), -Infinity);
  const grid = gridMs(timeframe);
  try {
    return expectedBars(assetClass, timeframe, Math.floor(first / grid) * grid, last + grid);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Bars at moments when no bar begins, and the shift of the clock that would explain most of them. */
export function sessionFindings(
  { openTime }: RawBars,
  expected: ExpectedBars | undefined,
): readonly Finding[] {
  if (!expected) {
    return [{
      check: "session",
      count: openTime.length,
      beyond: true,
      detail: "times outside of the years that the calendar knows",
    }];
  }
  const known = new Set(expected.openTime);
  const outside = [...openTime].filter((time) => !known.has(time));
  if (outside.length === 0) return [];
  const shift = bestShift([...openTime], known);
  const hint = shift === undefined
    ? ""
    : `; all times ${shift > 0 ? "later" : "earlier"} by ${
      Math.abs(shift) / HOUR_MS
    } h would fit: is the time zone right?`;
  return [{
    check: "session",
    count: outside.length,
    beyond: true,
    detail: `bars while the market is closed or off the grid, first ${
      timeText(outside[0]!)
    }${hint}`,
  }];
}

/** The shift by whole hours that puts nine of ten bars where bars are expected; undefined when none does. */
function bestShift(times: readonly Millis[], known: ReadonlySet<Millis>): Millis | undefined {
  let best: Millis | undefined;
  let most = 0.9 * times.length;
  for (let hours = -14; hours <= 14; hours++) {
    const shift = hours * HOUR_MS;
    const fitting = times.filter((time) => known.has(time + shift)).length;
    if (fitting > most) [best, most] = [shift, fitting];
  }
  return best === 0 ? undefined : best;
}

/** Bars that the calendar expects and the file has not, known outages apart. */
export function gapFindings(
  { openTime }: RawBars,
  expected: ExpectedBars | undefined,
  knownOutages: readonly KnownOutage[],
  { max_gap_bars }: Thresholds,
): readonly Finding[] {
  if (!expected) return [];
  const have = new Set(openTime);
  let [missing, explained, run, longest] = [0, 0, 0, 0];
  let longestAt = NaN;
  for (const time of expected.openTime) {
    if (have.has(time)) {
      run = 0;
      continue;
    }
    if (knownOutages.some(({ from, to }) => from <= time && time <= to)) {
      explained++;
      continue;
    }
    missing++;
    if (++run > longest) [longest, longestAt] = [run, time];
  }
  if (missing + explained === 0) return [];
  const where = longest === 0 ? "" : `, the longest of ${longest} up to ${timeText(longestAt)}`;
  return [{
    check: "gaps",
    count: missing + explained,
    beyond: longest > max_gap_bars,
    detail: `missing bars, ${explained} of them in known outages${where}`,
  }];
}

/** The longest runs without volume, and of the same four prices. */
export function runFindings(bars: RawBars, thresholds: Thresholds): readonly Finding[] {
  const { openTime, open, high, low, close, volume } = bars;
  const zero = runsOf(openTime.length, (row) => volume[row] === 0);
  const same = runsOf(
    openTime.length,
    (row) =>
      row > 0 && open[row] === open[row - 1] && high[row] === high[row - 1] &&
      low[row] === low[row - 1] && close[row] === close[row - 1],
  );
  const finding = (
    check: Finding["check"],
    { longest, at, rows }: Runs,
    most: number,
    what: string,
  ): readonly Finding[] =>
    rows === 0 ? [] : [{
      check,
      count: rows,
      beyond: longest > most,
      detail: `${what}, at most ${longest} on end, from ${timeText(openTime[at]!)}`,
    }];
  return [
    ...finding("zero_volume", zero, thresholds.max_zero_volume_run, "bars without volume"),
    ...finding("stale", same, thresholds.max_stale_run, "bars that repeat the bar before"),
  ];
}

interface Runs {
  readonly rows: number;
  readonly longest: number;
  /** Row that the longest run begins at. */
  readonly at: number;
}

function runsOf(count: number, holds: (row: number) => boolean): Runs {
  let [rows, longest, run, at] = [0, 0, 0, 0];
  for (let row = 0; row < count; row++) {
    if (!holds(row)) {
      run = 0;
      continue;
    }
    rows++;
    run++;
    if (run > longest) [longest, at] = [run, row - run + 1];
  }
  return { rows, longest, at };
}

/** Rows of the same times in two files, by place: the row in the first and the row in the second. */
export function commonRows(
  one: Float64Array,
  other: Float64Array,
): readonly (readonly [number, number])[] {
  return [...one.keys()].flatMap((row) => {
    const place = lowerBound(other, one[row]!);
    return other[place] === one[row] ? [[row, place] as const] : [];
  });
}
