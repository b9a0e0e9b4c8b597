import type { Join } from "../../core/panel.ts";
import { joinColumn } from "../../core/panel.ts";
import type { Bars, Timeframe } from "../../core/bars.ts";
import { type FeatureCache, featureCache } from "../../features/pipeline.ts";
import type { Feature } from "../../features/feature.ts";
import { type Model, ruleOf } from "../../models/model.ts";
import { WARM_UP_REGIME } from "../../models/proposer.ts";
import { weightProblem } from "../../models/answer.ts";
import { assetViews, contextAt, type Cursor, type FeatureColumn } from "../../models/view.ts";

/** What a model wants of one asset, told for the whole clock at once: `weights[i]` from decision `times[i]` on. */
export interface Wishes {
  readonly count: number;
  readonly times: Int32Array;
  /** Shares of the model's budget. Before the first nothing is wanted. */
  readonly weights: Float64Array;
}

/** One asset on the decision clock, as far as models see it. */
export interface SeenAsset {
  readonly symbol: string;
  readonly decisionTimes: Float64Array;
  bars(timeframe: Timeframe): Bars;
  join(timeframe: Timeframe): Join;
}

/** Asks rules of one asset over whole columns; undefined where the answer hangs on more than the asset's own features. */
export interface WishReader {
  read(
    model: Model,
    parameters: unknown,
    features: Readonly<
      Record<string, { readonly feature: Feature; readonly timeframe: Timeframe }>
    >,
    trading: Timeframe,
  ): Wishes | undefined;
}

interface MutableColumn extends FeatureColumn {
  joined: Float64Array;
  own: Float64Array;
  rows: Int32Array;
}

/** Everything that views of one set of feature names share from trial to trial. */
interface Seat {
  readonly columns: readonly MutableColumn[];
  readonly views: ReturnType<typeof assetViews>;
}

const EMPTY = new Float64Array(0);
const NO_ROWS = new Int32Array(0);
const NO_STATE = {
  weight: () => 0,
  barsHeld: () => 0,
  budget: () => ({ fraction: 0, money: 0 }),
};

/** A reader that keeps its memory from trial to trial: what it answers holds until it is asked again. */
export function wishReader(asset: SeenAsset, cache: FeatureCache = featureCache()): WishReader {
  const length = asset.decisionTimes.length;
  const times = new Int32Array(length);
  const weights = new Float64Array(length);
  const cursor: Cursor = { index: 0, state: NO_STATE, touched: false, regimeRead: false };
  const seats = new Map<string, Seat>();
  const scratch = new Map<number, Float64Array>();
  const universe = [asset.symbol];
  const rules = { universe, places: new Map([[asset.symbol, 0]]), shorts: false };

  const seatOf = (names: readonly string[]): Seat => {
    const key = names.join();
    const known = seats.get(key);
    if (known) return known;
    const columns = names.map((): MutableColumn => ({ joined: EMPTY, own: EMPTY, rows: NO_ROWS }));
    const seat = { columns, views: assetViews(universe, names, [columns], cursor) };
    seats.set(key, seat);
    return seat;
  };
  /** A column that only this trial wants is written where the last trial's was. */
  const ownColumn = (feature: Feature, place: number, bars: Bars): Float64Array => {
    if (!feature.into) return cache.column(bars, feature);
    const rows = bars.openTime.length;
    let out = scratch.get(place);
    if (out?.length !== rows) scratch.set(place, out = new Float64Array(rows));
    return feature.into(bars, (other) => cache.column(bars, other), out);
  };

  return {
    read(model, parameters, features, trading) {
      const rule = ruleOf(model.decide)!;
      // order: as the model declares them
      const names = Object.keys(features);
      const { columns, views } = seatOf(names);
      for (const [place, name] of names.entries()) {
        const { feature, timeframe } = features[name]!;
        const column = columns[place]!;
        const join = asset.join(timeframe);
        column.own = ownColumn(feature, place, asset.bars(timeframe));
        column.rows = join.rows;
        column.joined = joinColumn(column.own, join);
      }
      const first = firstUsable(columns, asset.join(trading).rows);
      if (first < 0) return undefined;
      cursor.touched = false;
      cursor.regimeRead = false;
      const context = contextAt(cursor, {
        times: asset.decisionTimes,
        parameters,
        universe,
        regimeAt: () => WARM_UP_REGIME,
        seen() {
          cursor.touched = true;
          return views;
        },
      });
      let count = 0;
      const take = (t: number, weight: number) => {
        if (count > 0 && weights[count - 1] === weight) return;
        times[count] = t;
        weights[count++] = weight;
      };
      const ask = (t: number): number => {
        cursor.index = t;
        const weight = rule(views[0]!, context);
        if (weightProblem(weight, asset.symbol, rules) !== undefined) return NaN;
        return weight + 0;
      };
      const done = columns.length === 1
        ? readOne(columns[0]!.joined, first, { ask, take })
        : readAll(columns.map(({ joined }) => joined), first, { ask, take });
      if (!done || cursor.touched || cursor.regimeRead) return undefined;
      return { count, times, weights };
    },
  };
}

/** First decision with a trading bar and every feature; below 0 when there is none. */
function firstUsable(columns: readonly FeatureColumn[], tradingRows: Int32Array): number {
  let first = 0;
  while (first < tradingRows.length && tradingRows[first]! < 0) first++;
  for (const { joined } of columns) {
    while (first < joined.length && Number.isNaN(joined[first]!)) first++;
  }
  return first < tradingRows.length ? first : -1;
}

interface Asking {
  /** The rule's answer at a decision; NaN where it is none. */
  ask(t: number): number;
  take(t: number, weight: number): void;
}

/** One column: the answer to a value that was there before is known. False where a value or an answer is missing. */
function readOne(column: Float64Array, first: number, { ask, take }: Asking): boolean {
  const known = new Map<number, number>();
  let before = NaN;
  for (let t = first; t < column.length; t++) {
    const value = column[t]!;
    if (value === before) continue;
    if (value !== value) return false;
    before = value;
    let weight = known.get(value);
    if (weight === undefined) {
      weight = ask(t);
      if (Number.isNaN(weight)) return false;
      if (known.size < MOST_KNOWN) known.set(value, weight);
    }
    take(t, weight);
  }
  return true;
}

// A column of flags has two values; one of prices has as many as rows, and nothing to remember.
const MOST_KNOWN = 16;

function readAll(columns: readonly Float64Array[], first: number, { ask, take }: Asking): boolean {
  for (let t = first; t < columns[0]!.length; t++) {
    let moved = t === first;
    for (const column of columns) {
      const value = column[t]!;
      if (value !== value) return false;
      if (t > first && value !== column[t - 1]) moved = true;
    }
    if (!moved) continue;
    const weight = ask(t);
    if (Number.isNaN(weight)) return false;
    take(t, weight);
  }
  return true;
}
