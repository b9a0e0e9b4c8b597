import type { Bars, Timeframe } from "../../core/bars.ts";
import { type Join, joinColumn } from "../../core/panel.ts";
import type { Feature, Flips } from "../../features/feature.ts";
import { type FeatureCache, featureCache } from "../../features/pipeline.ts";
import { weightProblem } from "../../models/answer.ts";
import { type Model, ruleOf } from "../../models/model.ts";
import { WARM_UP_REGIME } from "../../models/proposer.ts";
import {
  assetViews,
  contextAt,
  type Cursor,
  type FeatureColumn,
  RESERVED_NAMES,
} from "../../models/view.ts";
import type { Pulse } from "../pulse.ts";

/** What is wanted of one asset, told for the whole clock at once: `weights[i]` from decision `times[i]` on. */
export interface Wishes {
  readonly count: number;
  readonly times: Int32Array;
  /** Before the first nothing is wanted. */
  readonly weights: Float64Array;
}

/** One asset on the decision clock, as far as models see it. */
export interface SeenAsset {
  readonly symbol: string;
  readonly decisionTimes: Float64Array;
  readonly trading: Timeframe;
  bars(timeframe: Timeframe): Bars;
  join(timeframe: Timeframe): Join;
}

/** A declared feature with the timeframe that it is computed on. */
export interface Declared {
  readonly name: string;
  readonly feature: Feature;
  readonly timeframe: Timeframe;
}

/** What a model is told and sees, and who watches it while it is asked. */
export interface Asked {
  readonly parameters: unknown;
  readonly features: readonly Declared[];
  readonly pulse?: Pulse | undefined;
}

/** Asks rules of one asset over whole columns. */
export interface WishReader {
  /**
   * Shares of the model's budget; undefined where the answer hangs on more than the asset's own features, where a value or
   * a bar is missing in between, or where the rule gives no weight. Throws what the rule throws. Holds until the next call.
   */
  read(model: Model, asked: Asked): Wishes | undefined;
}

/** A reader that keeps its memory from trial to trial. */
export function wishReader(asset: SeenAsset, cache: FeatureCache = featureCache()): WishReader {
  return new Reader(asset, cache);
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** What views of one set of feature names share from trial to trial. */
interface Seat {
  readonly columns: readonly Mutable<FeatureColumn>[];
  readonly views: ReturnType<typeof assetViews>;
}

const NOTHING: FeatureColumn = {
  joined: new Float64Array(0),
  own: new Float64Array(0),
  rows: new Int32Array(0),
};

const NO_STATE = {
  weight: () => 0,
  barsHeld: () => 0,
  budget: () => ({ fraction: 0, money: 0 }),
};

class Reader implements WishReader {
  readonly #asset: SeenAsset;
  readonly #cache: FeatureCache;
  readonly #universe: readonly string[];
  readonly #rules;
  readonly #cursor: Cursor = { index: 0, state: NO_STATE, touched: false, regimeRead: false };
  readonly #seats = new Map<string, Seat>();
  readonly #times: Int32Array;
  readonly #weights: Float64Array;
  /** Values of a lone flag at the decisions where it is asked about. */
  readonly #flags: Float64Array;
  #flipRows = new Int32Array(0);
  #count = 0;

  constructor(asset: SeenAsset, cache: FeatureCache) {
    const { length } = asset.decisionTimes;
    this.#asset = asset;
    this.#cache = cache;
    this.#universe = [asset.symbol];
    this.#rules = {
      universe: this.#universe,
      places: new Map([[asset.symbol, 0]]),
      shorts: false,
    };
    this.#times = new Int32Array(length);
    this.#weights = new Float64Array(length);
    this.#flags = new Float64Array(length);
  }

  read(model: Model, asked: Asked): Wishes | undefined {
    const { features } = asked;
    if (!areNames(features)) return undefined;
    const seat = this.#seatOf(features.map(({ name }) => name));
    const ask = this.#asking(model, asked, seat);
    this.#count = 0;
    const flips = features.length === 1 ? this.#flipsOf(features[0]!) : undefined;
    const isRead = flips
      ? this.#readFlips(flips, this.#asset.join(this.#asset.trading).offset!, seat, ask)
      : this.#readColumns(features, seat, ask);
    if (!isRead || this.#cursor.touched || this.#cursor.regimeRead) return undefined;
    return { count: this.#count, times: this.#times, weights: this.#weights };
  }

  #seatOf(names: readonly string[]): Seat {
    const key = names.join();
    const known = this.#seats.get(key);
    if (known) return known;
    const columns = names.map(() => ({ ...NOTHING }));
    const seat = { columns, views: assetViews(this.#universe, names, [columns], this.#cursor) };
    this.#seats.set(key, seat);
    return seat;
  }

  /** The rule's answer at a decision; NaN where it is no weight. */
  #asking(model: Model, { parameters, pulse }: Asked, { views }: Seat): (t: number) => number {
    const cursor = this.#cursor;
    cursor.touched = false;
    cursor.regimeRead = false;
    const context = contextAt(cursor, {
      times: this.#asset.decisionTimes,
      parameters,
      universe: this.#universe,
      regimeAt: () => WARM_UP_REGIME,
      seen() {
        cursor.touched = true;
        return views;
      },
    });
    const rule = ruleOf(model.decide)!;
    const [view] = views;
    return (t) => {
      pulse?.at(t);
      cursor.index = t;
      const weight = rule(view!, context);
      const isWeight = weightProblem(weight, this.#asset.symbol, this.#rules) === undefined;
      return isWeight ? weight + 0 : NaN;
    };
  }

  #take(t: number, weight: number): void {
    if (this.#count > 0 && this.#weights[this.#count - 1] === weight) return;
    this.#times[this.#count] = t;
    this.#weights[this.#count++] = weight;
  }

  /** Where a lone flag changes; undefined where that takes its column to tell. */
  #flipsOf({ feature, timeframe }: Declared): Flips | undefined {
    const { trading } = this.#asset;
    const isAligned = timeframe === trading && this.#asset.join(trading).offset !== undefined;
    if (!feature.flips || !isAligned) return undefined;
    const bars = this.#asset.bars(timeframe);
    if (this.#flipRows.length < bars.openTime.length) {
      this.#flipRows = new Int32Array(bars.openTime.length);
    }
    return feature.flips(bars, (other) => this.#cache.column(bars, other), this.#flipRows);
  }

  /** A flag has two values, so two answers say all. Decision t sees row t + offset. */
  #readFlips(
    { count, first }: Flips,
    offset: number,
    seat: Seat,
    ask: (t: number) => number,
  ): boolean {
    if (count <= 0) return false;
    const [column] = seat.columns;
    column!.joined = this.#flags;
    const answers = [NaN, NaN];
    const isAsked = [false, false];
    let flag: number = first;
    for (let i = 0; i < count; i++, flag = 1 - flag) {
      // Of flips before the clock begins only the last is seen, at its first decision.
      const next = i + 1 < count ? this.#flipRows[i + 1]! - offset : Infinity;
      if (next <= 0) continue;
      const t = Math.max(0, this.#flipRows[i]! - offset);
      if (t >= this.#flags.length) return this.#count > 0;
      if (!isAsked[flag]) {
        this.#flags[t] = flag;
        answers[flag] = ask(t);
        isAsked[flag] = true;
      }
      if (Number.isNaN(answers[flag])) return false;
      this.#take(t, answers[flag]!);
    }
    return true;
  }

  #readColumns(features: readonly Declared[], seat: Seat, ask: (t: number) => number): boolean {
    const { columns } = seat;
    for (const [place, { feature, timeframe }] of features.entries()) {
      const column = columns[place]!;
      const join = this.#asset.join(timeframe);
      column.own = this.#cache.column(this.#asset.bars(timeframe), feature);
      column.rows = join.rows;
      column.joined = joinColumn(column.own, join);
    }
    const joined = columns.map((column) => column.joined);
    const { rows } = this.#asset.join(this.#asset.trading);
    const first = firstUsable(joined, rows);
    if (first < 0 || rows.indexOf(-1, first) >= 0) return false;
    for (let t = first; t < this.#weights.length; t++) {
      let moved = t === first;
      for (const column of joined) {
        const value = column[t]!;
        if (value !== value) return false;
        if (t > first && isOther(value, column[t - 1]!)) moved = true;
      }
      if (!moved) continue;
      const weight = ask(t);
      if (Number.isNaN(weight)) return false;
      this.#take(t, weight);
    }
    return true;
  }
}

/** Whether a model may declare features under these names; the loop has the words for those that it may not. */
function areNames(features: readonly Declared[]): boolean {
  return features.length > 0 && !features.some(({ name }) => RESERVED_NAMES.includes(name));
}

/** A rule can tell 0 from −0. */
function isOther(value: number, before: number): boolean {
  return value !== before || value === 0 && !Object.is(value, before);
}

/** First decision with a trading bar and every feature; below 0 when there is none. */
function firstUsable(columns: readonly Float64Array[], tradingRows: Int32Array): number {
  let first = 0;
  while (first < tradingRows.length && tradingRows[first]! < 0) first++;
  for (const column of columns) {
    while (first < column.length && Number.isNaN(column[first]!)) first++;
  }
  return first < tradingRows.length ? first : -1;
}
