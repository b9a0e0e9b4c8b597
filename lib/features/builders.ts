import type { Bars } from "../core/bars.ts";
import type { ColumnOf, Feature, FeatureTimeframe } from "./feature.ts";
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
  bollingerLow(n: number, k?: number): Feature;
  bollingerMiddle(n: number, k?: number): Feature;
  bollingerHigh(n: number, k?: number): Feature;
  /** Rolling standard deviation, population unless `sample`. */
  rollingStd(n: number, options?: { sample?: boolean; of?: Feature }): Feature;
  /** close ÷ close n bars ago − 1. */
  momentum(n: number, of?: Feature): Feature;
  /** 1 where `a` > `b`, 0 where not, NaN where either is missing. */
  above(a: Feature, b: Feature): Feature;
}

type PriceColumn = "open" | "high" | "low" | "close" | "volume";

/** Builders for one timeframe; `trading` means the plan's own. */
export function featureBuilders(timeframe: FeatureTimeframe): FeatureBuilders {
  const feature = (name: string, warmUp: number, compute: Feature["compute"]): Feature => ({
    name,
    timeframe,
    warmUp,
    compute,
  });
  const price = (column: PriceColumn) => feature(`${column}()`, 1, (bars) => bars[column]);
  const close = price("close");
  /** A kernel of one column and a period; `extra` is what it needs beyond the period. */
  const windowed = (kernel: Kernel, n: number, of: Feature | undefined, extra: number) => {
    const source = sameTimeframe(of ?? close, timeframe);
    const name = of ? `${kernel.name}(${n}, ${of.name})` : `${kernel.name}(${n})`;
    return feature(name, n + extra + source.warmUp - 1, (_, column) => kernel(column(source), n));
  };
  const band = (side: "lower" | "middle" | "upper", n: number, k: number) =>
    feature(`bollinger(${n}, ${k}).${side}`, n, (bars) => bollinger(bars.close, n, k)[side]);

  return {
    open: () => price("open"),
    high: () => price("high"),
    low: () => price("low"),
    close: () => close,
    volume: () => price("volume"),
    returns: (n) => windowed(momentum, n, undefined, 1),
    sma: (n, of) => windowed(sma, n, of, 0),
    ema: (n, of) => windowed(ema, n, of, 0),
    rsi: (n, of) => windowed(rsi, n, of, 1),
    atr: (n) =>
      feature(`atr(${n})`, n + 1, (bars: Bars) => atr(bars.high, bars.low, bars.close, n)),
    bollingerLow: (n, k = 2) => band("lower", n, k),
    bollingerMiddle: (n, k = 2) => band("middle", n, k),
    bollingerHigh: (n, k = 2) => band("upper", n, k),
    rollingStd: (n, { sample = false, of } = {}) => {
      const source = sameTimeframe(of ?? close, timeframe);
      const name = `rollingStd(${n}, ${sample ? "sample" : "population"}, ${source.name})`;
      return feature(
        name,
        n + source.warmUp - 1,
        (_, column) => rollingStd(column(source), n, { sample }),
      );
    },
    momentum: (n, of) => windowed(momentum, n, of, 1),
    above: (a, b) => {
      sameTimeframe(a, timeframe);
      sameTimeframe(b, timeframe);
      return feature(
        `above(${a.name}, ${b.name})`,
        Math.max(a.warmUp, b.warmUp),
        (_, column: ColumnOf) => isAbove(column(a), column(b)),
      );
    },
  };
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
    const difference = a[i]! - b[i]!;
    // Subtraction keeps NaN, and the sign of a finite difference is exact.
    above[i] = difference > 0 ? 1 : difference <= 0 ? 0 : NaN;
  }
  return above;
}
