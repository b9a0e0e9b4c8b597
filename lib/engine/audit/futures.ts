import {
  type Bars,
  gridMs,
  lowerBound,
  type Millis,
  type Series,
  upperBound,
} from "../../core/bars.ts";
import { seededRandom } from "../../core/random.ts";
import type { DailyHistory, RegimeData } from "../../regime/mod.ts";
import type { AssetData } from "../plan.ts";
import type { RunRequest } from "../simulate.ts";
import { barsAt, seriesAt } from "../trading/known_data.ts";

/** What changes the raw data of a run after a moment, and leaves all that was known by then. */
export type Future = (request: RunRequest, time: Millis) => RunRequest;

/** Nothing that was not available at `time`: no bar, no observation, no action from then on. */
export function cutFuture({ data, regimes, ...request }: RunRequest, time: Millis): RunRequest {
  const known = (bars: Bars) => barsAt(bars, time);
  return {
    ...request,
    data: data.map((asset) => ({
      ...asset,
      bars: eachBars(asset.bars, known),
      actions: asset.actions.filter(({ exDate }) => exDate < time),
    })),
    ...(regimes && {
      regimes: eachSource(regimes, {
        history: (history) => ({
          ...history,
          bars: known(history.bars),
          splits: history.splits.filter(({ exDate }) => exDate < time),
        }),
        series: (series) => seriesAt(series, time),
      }),
    }),
  };
}

/**
 * Garbage in place of every value that was not available at `time`, but for the opens of the bars that fill the orders
 * decided then. When things become known stays as it was: that is the calendar's business.
 */
export function garbageFuture(seed: number): Future {
  const noise = garbage(seed);
  return ({ plan, data, regimes, ...request }, time) => {
    const step = gridMs(plan.timeframe);
    return {
      ...request,
      plan,
      data: data.map((asset) => ({
        ...asset,
        bars: eachBars(
          asset.bars,
          (bars) => garbledBars(bars, time, noise, bars.timeframe === plan.timeframe ? step : 0),
        ),
        // An action of the day on which the order fills is known with its open.
        actions: asset.actions.map((action, i) =>
          action.exDate < time + step
            ? action
            : { ...action, value: action.value * (0.5 + noise(i)) }
        ),
      })),
      ...(regimes && {
        regimes: eachSource(regimes, {
          history: (history) => ({
            ...history,
            bars: garbledBars(history.bars, time, noise, 0),
            splits: history.splits.map((split, i) =>
              split.exDate < time ? split : { ...split, value: split.value * (0.5 + noise(i)) }
            ),
          }),
          series: (series) => garbledSeries(series, time, noise),
        }),
      }),
    };
  };
}

/** A share of 1 for each place. */
type Noise = (place: number) => number;

// A prime length: columns and rows never fall into step with it.
const NOISE_LENGTH = 4093;

function garbage(seed: number): Noise {
  const random = seededRandom(seed).fork("garbage");
  const shares = Float64Array.from({ length: NOISE_LENGTH }, () => random.next());
  return (place) => shares[place % NOISE_LENGTH]!;
}

/**
 * Bars that might have been: each opens near the close before, moves by a little or by a lot, and trades in volumes like
 * those of late. What is plainly impossible would be told apart from data by whoever looks ahead, and accuse who checks
 * what he is given.
 */
function garbledBars(bars: Bars, time: Millis, noise: Noise, openStep: Millis): Bars {
  const first = upperBound(bars.availableAt, time);
  const length = bars.openTime.length;
  if (first === length) return bars;
  const [open, high, low, close, volume] = [
    bars.open.slice(),
    bars.high.slice(),
    bars.low.slice(),
    bars.close.slice(),
    bars.volume.slice(),
  ];
  const fills = lowerBound(bars.openTime, time);
  const usual = usualVolume(bars.volume, first);
  let last = first === 0 ? bars.open[0]! : bars.close[first - 1]!;
  for (let row = first; row < length; row++) {
    const place = row * 7;
    const isFill = row >= fills && bars.openTime[row]! < time + openStep;
    if (!isFill) open[row] = last * (1 + 0.01 * (noise(place) - 0.5));
    const size = noise(place + 1) < 0.5 ? 0.01 : 0.12;
    close[row] = open[row]! * (1 + size * (noise(place + 2) - 0.5));
    high[row] = Math.max(open[row]!, close[row]!) * (1 + 0.01 * noise(place + 3));
    low[row] = Math.min(open[row]!, close[row]!) * (1 - 0.01 * noise(place + 4));
    volume[row] = usual * (0.25 + (noise(place + 5) < 0.25 ? 8 : 2) * noise(place + 6));
    last = close[row]!;
  }
  return { ...bars, open, high, low, close, volume };
}

/** The mean volume of the last bars that are known. */
function usualVolume(volume: Float64Array, known: number): number {
  const late = volume.subarray(Math.max(0, known - 20), known);
  const sum = late.reduce((sum, value) => sum + value, 0);
  return sum > 0 ? sum / late.length : 1;
}

function garbledSeries(series: Series, time: Millis, noise: Noise): Series {
  const first = upperBound(series.availableAt, time);
  const level = first === 0 ? 1 : series.value[first - 1]! || 1;
  return {
    ...series,
    // Around zero, too: a slope must be able to turn.
    value: series.value.map((value, row) => row < first ? value : level * (4 * noise(row * 7) - 2)),
  };
}

function eachBars(
  bars: AssetData["bars"],
  change: (bars: Bars) => Bars,
): AssetData["bars"] {
  return {
    ...(bars.h4 && { h4: change(bars.h4) }),
    ...(bars.daily && { daily: change(bars.daily) }),
  };
}

function eachSource(
  { equity, crypto, vix, tenYear, twoYear, pmi }: RegimeData,
  change: { history(history: DailyHistory): DailyHistory; series(series: Series): Series },
): RegimeData {
  return {
    ...(equity && { equity: change.history(equity) }),
    ...(crypto && { crypto: change.history(crypto) }),
    ...(vix && { vix: change.series(vix) }),
    ...(tenYear && { tenYear: change.series(tenYear) }),
    ...(twoYear && { twoYear: change.series(twoYear) }),
    ...(pmi && { pmi: change.series(pmi) }),
  };
}
