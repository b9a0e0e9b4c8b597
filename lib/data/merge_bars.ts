import { type Bars, lowerBound, type Millis, PRICE_COLUMNS, upperBound } from "../core/bars.ts";

/** History that a source now tells otherwise than it is stored. */
export interface Revision {
  /** Stored rows with other values, and rows between stored ones that were not there. */
  readonly rows: number;
  readonly first: {
    readonly time: Millis;
    readonly column: string;
    /** NaN where the bar was not stored. */
    readonly stored: number;
    readonly found: number;
  };
  /** Middle one of the ratios new ÷ stored close, when all overlapping prices moved: a split or dividend put into the past. */
  readonly scale?: number;
}

/** What a download adds to a file, and where it contradicts it. */
export interface Merged {
  /** The stored bars, and the new ones before and after them. */
  readonly bars: Bars;
  /** For each row of `bars` the row of the stored file, -1 for one of the download. */
  readonly storedRows: Int32Array;
  readonly added: number;
  /** Stored rows that the source was asked for and has no longer: they are kept. */
  readonly gone: number;
  readonly revision?: Revision;
}

// Smaller moves of all prices together are another feed's rounding, not an event.
const SCALE_TOLERANCE = 0.002;

/**
 * Lays downloaded bars of [from, until) beside the stored ones. Where both have a bar the stored one stands, unless
 * `accept` says that the download does; what lies between stored bars and is new counts as revised history too.
 */
export function mergeBars(
  stored: Bars,
  fresh: Bars,
  options: { from: Millis; until: Millis; accept: boolean },
): Merged {
  const first = stored.openTime[0] ?? Infinity;
  const last = stored.openTime.at(-1) ?? -Infinity;
  const picked: { readonly from: Bars; readonly row: number; readonly storedRow: number }[] = [];
  const differences: { readonly time: Millis; readonly storedRow: number; readonly row: number }[] =
    [];
  let [i, j, added, gone] = [0, 0, 0, 0];
  while (i < stored.openTime.length || j < fresh.openTime.length) {
    const here = stored.openTime[i] ?? Infinity;
    const there = fresh.openTime[j] ?? Infinity;
    if (here < there) {
      if (here >= options.from && here < options.until) gone++;
      picked.push({ from: stored, row: i, storedRow: i++ });
    } else if (there < here) {
      const inside = there > first && there < last;
      if (inside) differences.push({ time: there, storedRow: -1, row: j });
      if (!inside || options.accept) {
        picked.push({ from: fresh, row: j, storedRow: -1 });
        added++;
      }
      j++;
    } else {
      const differs = differentColumn(stored, i, fresh, j) !== undefined;
      if (differs) differences.push({ time: there, storedRow: i, row: j });
      picked.push(
        differs && options.accept
          ? { from: fresh, row: j, storedRow: -1 }
          : { from: stored, row: i, storedRow: i },
      );
      i++;
      j++;
    }
  }
  const column = (pick: (bars: Bars) => Float64Array) =>
    Float64Array.from(picked, ({ from, row }) => pick(from)[row]!);
  const revision = revisionOf(stored, fresh, differences);
  return {
    bars: {
      symbol: stored.symbol,
      timeframe: stored.timeframe,
      openTime: column((bars) => bars.openTime),
      availableAt: column((bars) => bars.availableAt),
      open: column((bars) => bars.open),
      high: column((bars) => bars.high),
      low: column((bars) => bars.low),
      close: column((bars) => bars.close),
      volume: column((bars) => bars.volume),
    },
    storedRows: Int32Array.from(picked, ({ storedRow }) => storedRow),
    added,
    gone,
    ...(revision ? { revision } : {}),
  };
}

function revisionOf(
  stored: Bars,
  fresh: Bars,
  differences: readonly { time: Millis; storedRow: number; row: number }[],
): Revision | undefined {
  const [one] = differences;
  if (!one) return undefined;
  const name = one.storedRow < 0
    ? "close"
    : differentColumn(stored, one.storedRow, fresh, one.row) ?? "close";
  const scale = scaleOf(stored, fresh, differences);
  return {
    rows: differences.length,
    first: {
      time: one.time,
      column: name,
      stored: one.storedRow < 0 ? NaN : stored[name][one.storedRow]!,
      found: fresh[name][one.row]!,
    },
    ...(scale === undefined ? {} : { scale }),
  };
}

/** The ratio by which the past was moved as a whole; undefined when it was not. */
function scaleOf(
  stored: Bars,
  fresh: Bars,
  differences: readonly { storedRow: number; row: number }[],
): number | undefined {
  const ratios = differences.filter(({ storedRow }) => storedRow >= 0)
    .map(({ storedRow, row }) => fresh.close[row]! / stored.close[storedRow]!)
    .sort((a, b) => a - b);
  const overlapFrom = Math.max(stored.openTime[0]!, fresh.openTime[0]!);
  const overlap = upperBound(fresh.openTime, stored.openTime.at(-1)!) -
    lowerBound(fresh.openTime, overlapFrom);
  const middle = ratios[Math.floor(ratios.length / 2)];
  // A new event leaves the bars after it alone, so half of the overlap is enough.
  if (middle === undefined || ratios.length * 2 < overlap) return undefined;
  return Math.abs(middle - 1) > SCALE_TOLERANCE ? middle : undefined;
}

function differentColumn(
  stored: Bars,
  storedRow: number,
  fresh: Bars,
  row: number,
): typeof PRICE_COLUMNS[number] | undefined {
  return PRICE_COLUMNS.find((name) => !Object.is(stored[name][storedRow], fresh[name][row]));
}
