import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import type { Bars } from "../core/bars.ts";
import { daily, h4, trading } from "./builders.ts";
import type { Feature } from "./feature.ts";
import { featureCache } from "./pipeline.ts";

function barsOf(...closes: number[]): Bars {
  const close = Float64Array.from(closes);
  const openTime = Float64Array.from(closes, (_, i) => i);
  return {
    symbol: "SPY",
    timeframe: "h4",
    openTime,
    availableAt: openTime,
    open: close,
    high: close,
    low: close,
    close,
    volume: close,
  };
}

Deno.test("FR-002 a feature is computed once for the same bars, whoever asks", () => {
  const cache = featureCache();
  const bars = barsOf(1, 3, 5);
  const column = cache.column(bars, h4.sma(2));
  deepStrictEqual(column, Float64Array.of(NaN, 2, 4));
  strictEqual(cache.column(bars, h4.sma(2)), column);
  strictEqual(cache.column(bars, trading.sma(2)), column);
  strictEqual(cache.computed, 2); // the closes and their average
});

Deno.test("FR-002 features share the columns that they are made of", () => {
  const cache = featureCache();
  const bars = barsOf(1, 3, 5);
  cache.column(bars, h4.above(h4.close(), h4.sma(2)));
  strictEqual(cache.computed, 3);
  cache.column(bars, h4.ema(2, h4.sma(2)));
  strictEqual(cache.computed, 4);
});

Deno.test("FR-002 columns of other bars are others, though these look alike", () => {
  const cache = featureCache();
  const [one, two] = [barsOf(1, 3, 5), barsOf(1, 3, 5)];
  cache.column(one, h4.sma(2));
  strictEqual(cache.column(one, h4.sma(2)) === cache.column(two, h4.sma(2)), false);
  deepStrictEqual(cache.column(barsOf(2, 4), h4.sma(2)), Float64Array.of(NaN, 3));
});

Deno.test("FR-002 when the memory is spent, the column unused for longest leaves first", () => {
  const bars = barsOf(1, 3, 5);
  const cache = featureCache(2 * bars.close.byteLength);
  const open = cache.column(bars, h4.open());
  cache.column(bars, h4.high());
  strictEqual(cache.column(bars, h4.open()), open); // used again, so now the younger of the two
  cache.column(bars, h4.low());
  strictEqual(cache.computed, 3);
  cache.column(bars, h4.open());
  cache.column(bars, h4.low());
  strictEqual(cache.computed, 3);
  cache.column(bars, h4.high());
  strictEqual(cache.computed, 4);
});

Deno.test("FR-002 the memory is counted in bytes: a long column takes the place of two short ones", () => {
  const [short, long] = [barsOf(1, 2), barsOf(1, 2, 3, 4)];
  const cache = featureCache(long.close.byteLength);
  cache.column(short, h4.open());
  cache.column(short, h4.high());
  cache.column(short, h4.open());
  strictEqual(cache.computed, 2);
  cache.column(long, h4.open());
  cache.column(short, h4.open());
  cache.column(short, h4.high());
  strictEqual(cache.computed, 5);
});

Deno.test("FR-002 a column that is handed in twice takes its memory once", () => {
  const bars = barsOf(1, 3, 5);
  const cache = featureCache(2 * bars.close.byteLength);
  cache.column(bars, h4.open());
  for (let i = 0; i < 5; i++) cache.put(bars, "high()", Float64Array.of(i, i, i));
  deepStrictEqual(cache.column(bars, h4.high()), Float64Array.of(4, 4, 4));
  cache.column(bars, h4.open());
  strictEqual(cache.computed, 1);
});

Deno.test("FR-002 a cache too small for anything still answers", () => {
  const cache = featureCache(0);
  const bars = barsOf(1, 3, 5);
  const twice = h4.sma(2, h4.sma(2));
  deepStrictEqual(cache.column(bars, twice), Float64Array.of(NaN, NaN, 3));
  deepStrictEqual(cache.column(bars, twice), Float64Array.of(NaN, NaN, 3));
  strictEqual(cache.computed, 6);
});

Deno.test("FR-004 a feature is not computed on bars of another timeframe, not even for a third one", () => {
  const cache = featureCache();
  const bars = barsOf(1, 3, 5);
  throws(() => cache.column(bars, daily.sma(2)), {
    name: "RangeError",
    message: "Cannot compute daily.sma(2) on h4 bars of SPY",
  });
  const mixed: Feature = {
    name: "mixed()",
    timeframe: "h4",
    warmUp: 1,
    compute: (_, column) => column(daily.close()),
  };
  throws(() => cache.column(bars, mixed), RangeError);
});

Deno.test("FR-002 a column of another length than its bars is refused", () => {
  const short: Feature = {
    name: "short()",
    timeframe: "h4",
    warmUp: 1,
    compute: () => Float64Array.of(1),
  };
  throws(() => featureCache().column(barsOf(1, 3, 5), short), {
    name: "RangeError",
    message: "Feature h4.short() gave 1 values for 3 bars of SPY",
  });
});
