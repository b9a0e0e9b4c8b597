import { momentum, sma } from "../features/mod.ts";
import type { DailyCloses } from "./data.ts";
import { type Dimension, notesOf, sourceNotes } from "./dimension.ts";
import { DEFAULT_CODE, type RegimeDimension } from "./labels.ts";
import { isUsable, knownAt, type Lifetime, seen } from "./source.ts";

/** How one market's trend becomes a label. */
export interface TrendRule {
  readonly dimension: RegimeDimension;
  readonly symbol: string;
  /** Periods in daily bars. */
  readonly average: number;
  readonly momentum: number;
  /** Code of the label: how far the close is above its average, in money, and the momentum, a fraction. */
  code(aboveAverage: number, momentum: number): number;
}

/** Labels from the daily closes of one asset against their average, and their momentum. */
export function trendRegime(
  decisions: Float64Array,
  { close, availableAt }: DailyCloses,
  lifetime: Lifetime,
  rule: TrendRule,
): Dimension {
  const average = sma(close, rule.average);
  const change = momentum(close, rule.momentum);
  const warmRow = Math.max(rule.average - 1, rule.momentum);
  const byRow = new Uint8Array(close.length);
  for (let row = warmRow; row < byRow.length; row++) {
    byRow[row] = rule.code(close[row]! - average[row]!, change[row]!);
  }
  const known = knownAt(decisions, { availableAt, ...lifetime, warmRow });
  const codes = new Uint8Array(decisions.length).fill(DEFAULT_CODE);
  const defaults = new Uint8Array(decisions.length).fill(1);
  for (let i = 0; i < codes.length; i++) {
    if (!isUsable(known.states[i]!)) continue;
    codes[i] = byRow[known.rows[i]!]!;
    defaults[i] = 0;
  }
  const prefix = rule.symbol.toLowerCase();
  const inputs = {
    [`${prefix}_close`]: seen(close, known),
    [`${prefix}_sma`]: seen(average, known),
    [`${prefix}_momentum`]: seen(change, known),
  };
  const notes = notesOf(rule.dimension, known.states, sourceNotes(`daily close of ${rule.symbol}`));
  return { codes, defaults, inputs, notes };
}
