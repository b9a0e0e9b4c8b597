import type { Bars, Timeframe } from "../core/bars.ts";

/** Bars of the trading timeframe, whichever the plan names, or of a fixed one. */
export type FeatureTimeframe = Timeframe | "trading";

/**
 * One declared input of a model: a column computed from one asset's own bars, known with the bar it stands
 * beside. Declared, so that it is computed once, cached, joined to the clock and audited by the engine.
 */
export interface Feature {
  /** What it is, spelled like the call that made it: `sma(50)`. Of the same bars, equal names are equal columns. */
  readonly name: string;
  readonly timeframe: FeatureTimeframe;
  /** Bars it takes until there is a value: the first stands in row `warmUp` − 1, where none is missing. */
  readonly warmUp: number;
  /** The column for these bars, which others share: not to be written to. Row i uses rows 0…i only. */
  compute(bars: Bars, column: ColumnOf): Float64Array;
  /** The same column written to `out`, where making it from other columns costs less than keeping it. */
  readonly into?: (bars: Bars, column: ColumnOf, out: Float64Array) => Float64Array;
}

/** Gives another feature's column of the same bars, from the cache when it is there. */
export type ColumnOf = (feature: Feature) => Float64Array;
