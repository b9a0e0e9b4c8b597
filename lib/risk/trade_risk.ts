import { combine, type Matrix, matrix } from "../portfolio/combine.ts";
import type { Adjustment } from "../core/run_record.ts";

/**
 * FR-031: each model's wish with a stop may lose at most `cap` of NAV there; weight × |1 − stop ÷ price| is cut to it.
 * Wishes without a stop pass.
 */
export function capTradeRisk(
  wanted: Matrix,
  stops: Matrix,
  cap: number,
  closeOf: (asset: number) => number,
): Matrix {
  const capped = matrix(wanted.models, wanted.assets);
  for (let at = 0; at < wanted.values.length; at++) {
    const weight = wanted.values[at]!;
    const stop = stops.values[at]!;
    const atRisk = Math.abs(weight) * Math.abs(1 - stop / closeOf(at % wanted.assets));
    capped.values[at] = atRisk > cap ? weight * cap / atRisk : weight;
  }
  return capped;
}

/** What a rule on single wishes did to the net weight of each asset. */
export function netDifferences(rule: string, before: Matrix, after: Matrix): Adjustment[] {
  const was = new Float64Array(before.assets);
  const is = new Float64Array(after.assets);
  combine(before, was);
  combine(after, is);
  return [...was.keys()]
    .filter((asset) => was[asset] !== is[asset])
    .map((asset) => ({ rule, asset, before: was[asset]!, after: is[asset]! }));
}
