import { type KernelOptions, requirePeriod, resultColumn } from "./arguments.ts";
import { canonicalizeNaN } from "./canonical.ts";

/** Simple return over `n` bars, a fraction: x[i] ÷ x[i − n] − 1; NaN before row n and where either value is. */
export function momentum(x: Float64Array, n: number, options: KernelOptions = {}): Float64Array {
  requirePeriod("momentum", n);
  const change = resultColumn("momentum", options.out, [x]);
  change.fill(NaN, 0, n);
  for (let i = n; i < x.length; i++) change[i] = x[i]! / x[i - n]! - 1;
  canonicalizeNaN(change, n, change.length);
  return change;
}
