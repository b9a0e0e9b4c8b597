import type { Feature, FeatureTimeframe, Flips } from "./feature.ts";
import { atr, bollinger, ema, momentum, rollingStd, rsi, sma } from "./kernels.ts";

/** The features that bars of one timeframe offer (FR-002). Periods count bars of that timeframe. */
export interface FeatureBuilders {
  open(): Feature;
  high(): Feature;
  low(): Feature;
  close(): Feature;
  /** Units traded; not comparable between sources. */
  volume(): Feature;
  /** Simple return over `n` bars, a fraction. */
  returns(n: number): Feature;
  sma(n: number, of?: Feature): Feature;
  ema(n: number, of?: Feature): Feature;
  /** Wilder's RSI, 0 to 100. */
  rsi(n: number, of?: Feature): Feature;
  /** Wilder's average true range, in money. */
  atr(n: number): Feature;
  /** Mean of `n` closes less `k` (2) population deviations. */
  bollingerLow(n: number, k?: number): Feature;
  /** Whatever `k` is, the very column of `sma(n)`. */
  bollingerMiddle(n: number, k?: number): Feature;
  /** Mean of `n` closes plus `k` (2) population deviations. */
  bollingerHigh(n: number, k?: number): Feature;
  /** Rolling standard deviation, population unless `sample`. */
  rollingStd(n: number, options?: { sample?: boolean; of?: Feature }): Feature;
  /** close ÷ close n bars ago − 1. */
  momentum(n: number, of?: Feature): Feature;
  /** 1 where `a` > `b`, 0 where not, NaN where either is missing. */
  above(a: Feature, b: Feature): Feature;
}

// A model that brings a feature of its own would be handed whole columns: the engine must know which are ours.
const built = new WeakSet<object>();

/** True of a feature that a builder made, of others that builders made. */
export function isBuilt(feature: unknown): feature is Feature {
  return typeof feature === "object" && feature !== null && built.has(feature);
}

type PriceColumn = "open" | "high" | "low" | "close" | "volume";

/** Builders for one timeframe; `trading` means the plan's own. */
export function featureBuilders(timeframe: FeatureTimeframe): FeatureBuilders {
  const feature = (
    name: string,
    warmUp: number,
    compute: Feature["compute"],
    ...sources: readonly Feature[]
  ): Feature => {
    const made = Object.freeze({ name, timeframe, warmUp, compute });
    if (sources.every(isBuilt)) built.add(made);
    return made;
  };
  /** Which of two features is the larger, row by row. */
  const flag = (name: string, a: Feature, b: Feature): Feature => {
    const made = Object.freeze<Feature>({
      name,
      timeframe,
      warmUp: Math.max(a.warmUp, b.warmUp),
      compute: (_, column) => isAbove(column(a), column(b)),
      flips: (_, column, rows) => crossings(column(a), column(b), rows),
    });
    if (isBuilt(a) && isBuilt(b)) built.add(made);
    return made;
  };
  const price = (column: PriceColumn) => feature(`${column}()`, 1, (bars) => bars[column]);
  const close = price("close");
  /** A kernel of one column and a period; `extra` is what it needs beyond the period. */
  const windowed = (kernel: Kernel, n: number, of: Feature | undefined, extra: number) => {
    const source = sameTimeframe(of ?? close, timeframe);
    // Closes are what is meant when nothing is said: said or not, it is one name and one column.
    const name = source.name === close.name
      ? `${kernel.name}(${n})`
      : `${kernel.name}(${n}, ${source.name})`;
    const warmUp = n + extra + source.warmUp - 1;
    return feature(name, warmUp, (_, column) => kernel(column(source), n), source);
  };
  const band = (side: "lower" | "upper", n: number, k: number) => {
    // In words and in sums it must be the same number.
    if (typeof k !== "number") throw new TypeError("Cannot compute bollinger: k must be a number");
    return feature(`bollinger(${n}, ${k}).${side}`, n, (bars) => bollinger(bars.close, n, k)[side]);
  };

  return Object.freeze<FeatureBuilders>({
    open: () => price("open"),
    high: () => price("high"),
    low: () => price("low"),
    close: () => close,
    volume: () => price("volume"),
    returns: (n) => windowed(momentum, n, undefined, 1),
    sma: (n, of) => windowed(sma, n, of, 0),
    ema: (n, of) => windowed(ema, n, of, 0),
    rsi: (n, of) => windowed(rsi, n, of, 1),
    atr: (n) => feature(`atr(${n})`, n + 1, (bars) => atr(bars.high, bars.low, bars.close, n)),
    bollingerLow: (n, k = 2) => band("lower", n, k),
    bollingerMiddle: (n) => windowed(sma, n, undefined, 0),
    bollingerHigh: (n, k = 2) => band("upper", n, k),
    rollingStd: (n, { sample = false, of } = {}) => {
      const source = sameTimeframe(of ?? close, timeframe);
      const name = `rollingStd(${n}, ${sample ? "sample" : "population"}, ${source.name})`;
      return feature(
        name,
        n + source.warmUp - 1,
        (_, column) => rollingStd(column(source), n, { sample }),
        source,
      );
    },
    momentum: (n, of) => windowed(momentum, n, of, 1),
    above: (a, b) => {
      sameTimeframe(a, timeframe);
      sameTimeframe(b, timeframe);
      return flag(`above(${a.name}, ${b.name})`, a, b);
    },
  });
}

/** Features of four-hour bars. */
export const h4: FeatureBuilders = featureBuilders("h4");
/** Features of daily bars: sessions for equities, UTC days for crypto. */
export const daily: FeatureBuilders = featureBuilders("daily");
/** Features of the bars that the plan trades on (`system.timeframe`). */
export const trading: FeatureBuilders = featureBuilders("trading");

type Kernel = (x: Float64Array, n: number) => Float64Array;

function sameTimeframe(feature: Feature, timeframe: FeatureTimeframe): Feature {
  if (feature.timeframe !== timeframe) {
    throw new RangeError(
      `Cannot combine ${feature.timeframe}.${feature.name} with ${timeframe} features: ` +
        "columns of different bars meet only on the decision clock",
    );
  }
  return feature;
}

function isAbove(a: Float64Array, b: Float64Array): Float64Array {
  const above = new Float64Array(a.length);
  for (let i = 0; i < above.length; i++) {
    const left = a[i]!;
    const right = b[i]!;
    above[i] = left > right ? 1 : left <= right ? 0 : NaN;
  }
  return above;
}

/** Where `isAbove` changes. */
function crossings(a: Float64Array, b: Float64Array, rows: Int32Array): Flips {
  const length = a.length;
  let row = 0;
  // No number is equal to itself when it is missing.
  while (row < length && (a[row] !== a[row] || b[row] !== b[row])) row++;
  if (row === length) return { count: 0, first: 0 };
  const first = a[row]! > b[row]! ? 1 : 0;
  let count = 0;
  rows[count++] = row;
  // By turns, as a search for one end of a stretch is the fastest loop there is.
  for (let isUp = first === 1; row < length; isUp = !isUp) {
    if (isUp) { while (row < length && a[row]! > b[row]!) row++; }
    else while (row < length && a[row]! <= b[row]!) row++;
    if (row === length) break;
    if (a[row] !== a[row] || b[row] !== b[row]) return { count: -1, first };
    rows[count++] = row;
  }
  return { count, first };
}
