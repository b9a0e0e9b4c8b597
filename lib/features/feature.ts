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
  /**
   * Of a flag: the rows at which its column changes between 0 and 1, the first row with a value first, written to `rows`;
   * answers how many, or −1 when a value is missing after the first. Without the column itself, which costs more.
   */
  readonly flips?: (bars: Bars, column: ColumnOf, rows: Int32Array) => Flips;
}

/** Gives another feature's column of the same bars, from the cache when it is there. */
export type ColumnOf = (feature: Feature) => Float64Array;

/** How many rows were written, and the flag at the first of them; the others alternate. */
export interface Flips {
  readonly count: number;
  readonly first: 0 | 1;
}
