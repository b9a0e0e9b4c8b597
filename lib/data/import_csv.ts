import { basename } from "node:path";
import type { Asset } from "../core/asset.ts";
import { DAY_MS, gridMs, HOUR_MS, type Millis, type Timeframe } from "../core/bars.ts";
import { expectedBars, floorToGrid } from "../core/calendar.ts";
import { type Clock, formatTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import { type ImportFormat, type ImportTable, readImportTable } from "./import_table.ts";
import { refuseFile, timeText } from "./refusals.ts";
import type { BarPage, SourceBars } from "./sources/source.ts";
import type { BarFeed } from "./collect.ts";
import { updateBars, type UpdateReport } from "./update.ts";

/** How a foreign file is taken in. */
export interface ImportOptions {
  readonly format: ImportFormat;
  readonly clock: Clock;
  /** Whether its prices before a split are already divided by the ratio. */
  readonly splits?: "raw" | "applied";
  readonly acceptRevisions?: boolean;
}

const MINUTE_MS = 60_000;
const STEPS = [1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 240].map((minutes) => minutes * MINUTE_MS);
// The difference of two days' bars is 23 hours where the clocks change.
const SHORTEST_DAY_MS = 20 * HOUR_MS;

/**
 * Puts the bars of a CSV or Parquet file of another program into the data folder, as an update: what is there stays and
 * is compared. Shorter bars are built into those wanted. Refuses the file as a whole in one line naming the line at
 * fault.
 */
export async function importBars(
  root: string,
  file: string,
  asset: Asset,
  timeframe: Timeframe,
  { format, clock, splits = "raw", acceptRevisions = false }: ImportOptions,
): Promise<UpdateReport> {
  const table = await readImportTable(file, format);
  const bars = importedBars(file, table);
  if (bars.stepMs > gridMs(timeframe)) {
    throw new Refusal(
      `Cannot import ${file}: found bars of a day, expected ${timeframe} bars or shorter ones; say --timeframe daily`,
    );
  }
  const [first, last] = [bars.openTime[0]!, bars.openTime.at(-1)!];
  const whole = bars.stepMs === gridMs(timeframe)
    ? first
    : wholeFrom(asset, timeframe, first, file);
  const doneUntil = last + bars.stepMs;
  const feed: BarFeed = {
    name: "import",
    description: `imported from ${basename(file)}`,
    licence: "unknown",
    splits,
    check() {},
    async *pages({ from, to }): AsyncGenerator<BarPage> {
      yield { bars: rowsBetween(bars, Math.max(from, whole), to), doneUntil };
    },
    actions: () => Promise.resolve([]),
  };
  const report = await updateBars(root, asset, timeframe, feed, {
    from: floorToGrid(whole, timeframe),
    to: doneUntil,
    clock,
    wholeSpan: true,
    acceptRevisions,
  });
  const cut = whole > first
    ? [`the first bar was left out: the file begins inside it, at ${formatTime(first)}`]
    : [];
  return { ...report, notes: [...report.notes, ...cut] };
}

/** The rows as bars in order of time, each checked; refuses the first that cannot be. */
function importedBars(file: string, { moments, numbers, place }: ImportTable): SourceBars {
  if (moments.length < 2) {
    throw refuseFile(file, {
      where: "whole file",
      found: `${moments.length} rows`,
      expected: "at least two",
    });
  }
  const descending = moments[0]!.time > moments.at(-1)!.time;
  const order = Array.from(moments.keys(), (i) => descending ? moments.length - 1 - i : i);
  const step = stepOf(file, order.map((row) => moments[row]!.time), (i) => place(order[i]!));
  const times = order.map((row) => step === DAY_MS ? moments[row]!.date : moments[row]!.time);
  const pick = (column: readonly number[]) => Float64Array.from(order, (row) => column[row]!);
  const bars: SourceBars = {
    stepMs: step,
    openTime: Float64Array.from(times),
    open: pick(numbers.open),
    high: pick(numbers.high),
    low: pick(numbers.low),
    close: pick(numbers.close),
    volume: pick(numbers.volume),
  };
  for (const [i, row] of order.entries()) {
    const where = place(row);
    if (i > 0 && times[i]! <= times[i - 1]!) {
      throw outOfOrder(file, where, times[i]!, times[i - 1]!);
    }
    const wrong = priceComplaint(bars, i);
    if (wrong) throw refuseFile(file, { where, ...wrong });
  }
  return bars;
}

function outOfOrder(file: string, where: string, time: Millis, before: Millis): Refusal {
  return refuseFile(file, {
    where,
    found: time === before
      ? `${timeText(time)} a second time`
      : `${timeText(time)} after ${timeText(before)}`,
    expected: "rows in order of time, each time once",
  });
}

/** Length of the bars: the shortest distance of two rows. */
function stepOf(file: string, times: readonly Millis[], place: (row: number) => string): Millis {
  let step = Infinity;
  for (let row = 1; row < times.length; row++) {
    const distance = times[row]! - times[row - 1]!;
    if (distance <= 0) throw outOfOrder(file, place(row), times[row]!, times[row - 1]!);
    step = Math.min(step, distance);
  }
  if (step >= SHORTEST_DAY_MS) return DAY_MS;
  if (STEPS.includes(step)) return step;
  throw refuseFile(file, {
    where: "column of times",
    found: `rows ${step / MINUTE_MS} minutes apart`,
    expected: "bars of 1, 2, 3, 5, 10, 15, 20, 30, 60, 120 or 240 minutes, or of a day",
  });
}

function priceComplaint(
  { open, high, low, close, volume }: SourceBars,
  row: number,
): { found: string; expected: string } | undefined {
  const text = `open ${open[row]}, high ${high[row]}, low ${low[row]}, close ${close[row]}`;
  const prices = [open[row]!, high[row]!, low[row]!, close[row]!];
  if (!prices.every((price) => price > 0)) return { found: text, expected: "four prices above 0" };
  const [top, bottom] = [Math.max(open[row]!, close[row]!), Math.min(open[row]!, close[row]!)];
  if (high[row]! < top || low[row]! > bottom) {
    return { found: text, expected: "the high at the top and the low at the bottom" };
  }
  if (volume[row]! < 0) return { found: `volume ${volume[row]}`, expected: "0 or more" };
  return undefined;
}

/** From where on the bars to build are whole: not in the middle of the one that the file begins in. */
function wholeFrom(asset: Asset, timeframe: Timeframe, first: Millis, file: string): Millis {
  const cell = floorToGrid(first, timeframe);
  const end = cell + gridMs(timeframe);
  try {
    const { tradableAt } = expectedBars(asset.assetClass, timeframe, cell, end);
    return tradableAt[0] !== undefined && first > tradableAt[0] ? end : first;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw refuseFile(file, {
      where: "first row",
      found: timeText(first),
      expected: `a time of the calendar (${cause.message})`,
    });
  }
}

function rowsBetween(bars: SourceBars, from: Millis, to: Millis): SourceBars {
  const keep = (column: Float64Array) =>
    column.filter((_, row) => bars.openTime[row]! >= from && bars.openTime[row]! < to);
  return {
    stepMs: bars.stepMs,
    openTime: keep(bars.openTime),
    open: keep(bars.open),
    high: keep(bars.high),
    low: keep(bars.low),
    close: keep(bars.close),
    volume: keep(bars.volume),
  };
}
