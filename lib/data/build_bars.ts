import type { Asset } from "../core/asset.ts";
import { type Bars, DAY_MS, gridMs, type Millis, type Timeframe } from "../core/bars.ts";
import { type Session, sessionOn } from "../core/calendar.ts";
import { formatTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import type { BarPage, SourceBars } from "./sources/source.ts";

/** Why rows of a source became no part of a bar, how many, and where the first of them opens. */
export interface LeftOut {
  readonly reason: "broken prices" | "on a day without a session" | "repeated or out of order";
  readonly rows: number;
  readonly first: Millis;
}

/** Makes bars of the grid out of shorter ones, page by page; holds finished bars and the one in work. */
export interface BarBuilder {
  /** Takes the next stretch. Refuses a row that belongs to two bars. */
  add(page: BarPage): void;
  /** Finished bars so far, oldest first. */
  bars(): Bars;
  /** Where a download has to go on: the first bar that is not finished opens here. */
  resumeFrom(): Millis;
  leftOut(): readonly LeftOut[];
}

/** What a bar covers and when it is over: a cell of the grid, for equities cut to the session. */
interface Cell {
  readonly open: Millis;
  readonly availableAt: Millis;
}

interface Columns {
  readonly openTime: number[];
  readonly availableAt: number[];
  readonly open: number[];
  readonly high: number[];
  readonly low: number[];
  readonly close: number[];
  readonly volume: number[];
}

/** The bar in work. */
interface Forming extends Cell {
  readonly opening: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

/**
 * Builds H4 or daily bars from bars of the same length or shorter. Equities: trades of the regular session only. A bar
 * without a single row is absent, missing minutes inside one are not noticed; a bar is finished when its end is not
 * after `now` and the source has answered up to it. `earlier` are bars of a download that was broken off.
 */
export function barBuilder(
  asset: Asset,
  timeframe: Timeframe,
  options: { now: Millis; from: Millis; earlier?: Bars },
): BarBuilder {
  const { now, earlier } = options;
  const columns = emptyColumns(earlier);
  const cellOf = cellFinder(asset, timeframe);
  const leftOut = new Map<LeftOut["reason"], LeftOut>();
  let forming: Forming | undefined;
  let doneUntil = options.from;
  let last = -Infinity;
  const leave = (reason: LeftOut["reason"], first: Millis) => {
    const before = leftOut.get(reason);
    leftOut.set(reason, { reason, rows: (before?.rows ?? 0) + 1, first: before?.first ?? first });
  };
  const finish = () => {
    if (forming && forming.availableAt <= now) pushBar(columns, forming);
    forming = undefined;
  };
  return {
    add({ bars, doneUntil: answered }) {
      for (let row = 0; row < bars.openTime.length; row++) {
        const time = bars.openTime[row]!;
        if (time <= last) {
          leave("repeated or out of order", time);
          continue;
        }
        last = time;
        if (isAbsent(bars, row)) continue;
        if (!isSound(bars, row)) {
          leave("broken prices", time);
          continue;
        }
        const cell = cellOf(time, bars.stepMs);
        if (cell === "no session") leave("on a day without a session", time);
        if (typeof cell === "string") continue;
        if (forming?.open !== cell.open) finish();
        forming = forming ? grown(forming, bars, row) : begun(cell, bars, row);
      }
      doneUntil = Math.max(doneUntil, answered);
      if (forming && forming.availableAt <= doneUntil) finish();
    },
    bars: () => barsOf(asset.symbol, timeframe, columns),
    resumeFrom: () =>
      Math.min(
        forming?.open ?? Infinity,
        Math.floor(doneUntil / gridMs(timeframe)) * gridMs(timeframe),
      ),
    leftOut: () => [...leftOut.values()],
  };
}

/** Bars of the grid out of a whole history at once; see `barBuilder`. */
export function buildBars(
  asset: Asset,
  timeframe: Timeframe,
  source: SourceBars,
  { now }: { now: Millis },
): { readonly bars: Bars; readonly leftOut: readonly LeftOut[] } {
  const builder = barBuilder(asset, timeframe, { now, from: source.openTime[0] ?? 0 });
  builder.add({ bars: source, doneUntil: Infinity });
  return { bars: builder.bars(), leftOut: builder.leftOut() };
}

type Placed = Cell | "no session" | "outside";

/** Finds the bar that a row belongs to; refuses a row that lies in two, or half outside the session. */
function cellFinder(
  { symbol, assetClass }: Asset,
  timeframe: Timeframe,
): (time: Millis, step: Millis) => Placed {
  const grid = gridMs(timeframe);
  const refuse = (time: Millis, step: Millis, edge: Millis, what: string) =>
    new Refusal(
      `Cannot build ${timeframe} bars of "${symbol}": found a ${lengthOf(step)} bar from ` +
        `${formatTime(time)} across ${
          formatTime(edge)
        }, ${what}, expected bars that end there, as 30-minute bars do`,
    );
  const cells = (time: Millis, step: Millis): Cell => {
    const open = Math.floor(time / grid) * grid;
    if (time + step > open + grid) {
      throw refuse(time, step, open + grid, `where a new ${timeframe} bar begins`);
    }
    return { open, availableAt: open + grid };
  };
  if (assetClass === "crypto") return cells;
  const sessions = sessionFinder(symbol);
  return (time, step) => {
    const session = sessions(Math.floor(time / DAY_MS) * DAY_MS);
    // Bars that are ready made, and cut to the session by whoever made them.
    const ready = step === grid && time % grid === 0;
    if (!session) return ready && timeframe === "daily" ? "no session" : "outside";
    if (time + step <= session.open || time >= session.close) return "outside";
    if (!ready && time < session.open) {
      throw refuse(time, step, session.open, "where the session opens");
    }
    if (!ready && time + step > session.close && session.close % HALF_HOUR_MS === 0) {
      throw refuse(time, step, session.close, "where the session ends");
    }
    const { open, availableAt } = cells(time, step);
    return { open, availableAt: Math.min(availableAt, session.close) };
  };
}

/** A close at an odd minute is an accident, which no bar of a source ends at. */
const HALF_HOUR_MS = 30 * 60_000;

/** Sessions by date, the last one kept: rows come day by day. Refuses days that the calendar does not know. */
function sessionFinder(symbol: string): (date: Millis) => Session | undefined {
  let known: Millis | undefined;
  let session: Session | undefined;
  return (date) => {
    if (date === known) return session;
    try {
      session = sessionOn(date);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new Refusal(`Cannot build bars of "${symbol}": ${cause.message}`, { cause });
    }
    known = date;
    return session;
  };
}

/** A length of time as people say it: `60-minute`, `4-hour`, `daily`. */
function lengthOf(step: Millis): string {
  if (step === DAY_MS) return "daily";
  return step > 3_600_000 ? `${step / 3_600_000}-hour` : `${step / 60_000}-minute`;
}

function isAbsent({ open, high, low, close }: SourceBars, row: number): boolean {
  return Number.isNaN(open[row]) && Number.isNaN(high[row]) && Number.isNaN(low[row]) &&
    Number.isNaN(close[row]);
}

function isSound({ open, high, low, close, volume }: SourceBars, row: number): boolean {
  const [top, bottom] = [high[row]!, low[row]!];
  return bottom > 0 && top < Infinity && top >= open[row]! && top >= close[row]! &&
    bottom <= open[row]! && bottom <= close[row]! && !(volume[row]! < 0) &&
    volume[row] !== Infinity;
}

function begun({ open, availableAt }: Cell, bars: SourceBars, row: number): Forming {
  return {
    open,
    availableAt,
    opening: bars.open[row]!,
    high: bars.high[row]!,
    low: bars.low[row]!,
    close: bars.close[row]!,
    volume: bars.volume[row]!,
  };
}

function grown(forming: Forming, bars: SourceBars, row: number): Forming {
  forming.high = Math.max(forming.high, bars.high[row]!);
  forming.low = Math.min(forming.low, bars.low[row]!);
  forming.close = bars.close[row]!;
  forming.volume += bars.volume[row]!; // one missing volume makes the sum unknown
  return forming;
}

function emptyColumns(earlier: Bars | undefined): Columns {
  const start = (column: Float64Array | undefined) => Array.from(column ?? []);
  return {
    openTime: start(earlier?.openTime),
    availableAt: start(earlier?.availableAt),
    open: start(earlier?.open),
    high: start(earlier?.high),
    low: start(earlier?.low),
    close: start(earlier?.close),
    volume: start(earlier?.volume),
  };
}

function pushBar(columns: Columns, bar: Forming): void {
  // Where a broken-off download goes on, its last bars come once more.
  if (bar.open <= (columns.openTime.at(-1) ?? -Infinity)) return;
  columns.openTime.push(bar.open);
  columns.availableAt.push(bar.availableAt);
  columns.open.push(bar.opening);
  columns.high.push(bar.high);
  columns.low.push(bar.low);
  columns.close.push(bar.close);
  columns.volume.push(bar.volume);
}

function barsOf(symbol: string, timeframe: Timeframe, columns: Columns): Bars {
  return {
    symbol,
    timeframe,
    openTime: Float64Array.from(columns.openTime),
    availableAt: Float64Array.from(columns.availableAt),
    open: Float64Array.from(columns.open),
    high: Float64Array.from(columns.high),
    low: Float64Array.from(columns.low),
    close: Float64Array.from(columns.close),
    volume: Float64Array.from(columns.volume),
  };
}
