import { combine, type Matrix } from "../portfolio/combine.ts";
import type { Adjustment } from "../core/run_record.ts";

/**
 * FR-031: each model's wish with a stop may lose at most `cap` of NAV there; weight × |1 − stop ÷ price| is cut to it.
 * Wishes without a stop pass. Returns `wanted` itself when no wish is over.
 */
export function capTradeRisk(
  wanted: Matrix,
  stops: Matrix,
  cap: number,
  closeOf: (asset: number) => number,
): Matrix {
  let capped: Matrix | undefined;
  for (let at = 0; at < wanted.values.length; at++) {
    const weight = wanted.values[at]!;
    const stop = stops.values[at]!;
    if (weight === 0 || stop !== stop) continue;
    const atRisk = Math.abs(weight) * Math.abs(1 - stop / closeOf(at % wanted.assets));
    if (!(atRisk > cap)) continue;
    capped ??= copyOf(wanted);
    capped.values[at] = weight * (cap / atRisk);
  }
  return capped ?? wanted;
}

/** What a rule on single wishes did to the net weight of each asset. */
export function netDifferences(rule: string, before: Matrix, after: Matrix): Adjustment[] {
  if (before === after) return [];
  const was = new Float64Array(before.assets);
  const is = new Float64Array(after.assets);
  combine(before, was);
  combine(after, is);
  return [...was.keys()]
    .filter((asset) => was[asset] !== is[asset])
    .map((asset) => ({ rule, asset, before: was[asset]!, after: is[asset]! }));
}

function copyOf({ models, assets, values }: Matrix): Matrix {
  return { models, assets, values: values.slice() };
}
