import {
  type Bars,
  lowerBound,
  type Millis,
  type Series,
  sliceBars,
  upperBound,
} from "../../core/bars.ts";
import { seededRandom } from "../../core/random.ts";
import type { DailyHistory, RegimeData } from "../../regime/mod.ts";
import type { AssetData } from "../plan.ts";
import type { RunRequest } from "../simulate.ts";

/** What changes the raw data of a run after a moment, and leaves all that was known by then. */
export type Future = (request: RunRequest, time: Millis) => RunRequest;

/** Nothing that was not available at `time`: no bar, no observation, no action from then on. */
export function cutFuture({ data, regimes, ...request }: RunRequest, time: Millis): RunRequest {
  const known = (bars: Bars) => sliceBars(bars, 0, upperBound(bars.availableAt, time));
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
        series: ({ name, date, availableAt, value }) => {
          const rows = upperBound(availableAt, time);
          return {
            name,
            date: date.subarray(0, rows),
            availableAt: availableAt.subarray(0, rows),
            value: value.subarray(0, rows),
          };
        },
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
    const step = plan.timeframe === "h4" ? H4 : DAY;
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
          action.exDate < time + step ? action : { ...action, value: action.value * noise(i) }
        ),
      })),
      ...(regimes && {
        regimes: eachSource(regimes, {
          history: (history) => ({
            ...history,
            bars: garbledBars(history.bars, time, noise, 0),
            splits: history.splits.map((split, i) =>
              split.exDate < time ? split : { ...split, value: split.value * noise(i) }
            ),
          }),
          series: (series) => garbledSeries(series, time, noise),
        }),
      }),
    };
  };
}

const H4 = 4 * 3_600_000;
const DAY = 24 * 3_600_000;

/** A factor between 0.5 and 1.5 for each place. */
type Noise = (place: number) => number;

// A prime length: columns and rows never fall into step with it.
const NOISE_LENGTH = 4093;

function garbage(seed: number): Noise {
  const random = seededRandom(seed).fork("garbage");
  const factors = Float64Array.from({ length: NOISE_LENGTH }, () => 0.5 + random.next());
  return (place) => factors[place % NOISE_LENGTH]!;
}

function garbledBars(bars: Bars, time: Millis, noise: Noise, openStep: Millis): Bars {
  const first = upperBound(bars.availableAt, time);
  const length = bars.openTime.length;
  if (first === length) return bars;
  const level = first === 0 ? bars.open[0]! : bars.close[first - 1]!;
  const spoil = (column: Float64Array, salt: number, scale: number) => {
    const spoilt = column.slice();
    for (let row = first; row < length; row++) spoilt[row] = scale * noise(row * 7 + salt);
    return spoilt;
  };
  const open = spoil(bars.open, 1, level);
  if (openStep > 0) {
    const fills = lowerBound(bars.openTime, time);
    for (let row = fills; row < length && bars.openTime[row]! < time + openStep; row++) {
      open[row] = bars.open[row]!;
    }
  }
  return {
    ...bars,
    open,
    high: spoil(bars.high, 2, level),
    low: spoil(bars.low, 3, level),
    close: spoil(bars.close, 4, level),
    volume: spoil(bars.volume, 5, 1000),
  };
}

function garbledSeries(series: Series, time: Millis, noise: Noise): Series {
  const first = upperBound(series.availableAt, time);
  const level = first === 0 ? 1 : series.value[first - 1]! || 1;
  return {
    ...series,
    // Around zero, too: a slope must be able to turn.
    value: series.value.map((value, row) => row < first ? value : level * (4 * noise(row * 7) - 4)),
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
