import type { Adjustment } from "../core/run_record.ts";
import type { NetWeights, Rule } from "./rules.ts";

/**
 * FR-027: every rule in order, in place, each change with its reason (FR-032). Throws RangeError when a rule would add
 * exposure: that is a broken rule, not a market.
 */
export function applyRules(weights: NetWeights, rules: readonly Rule[]): readonly Adjustment[] {
  if (rules.length === 0) return NONE;
  if (scratch.length !== weights.length) scratch = new Float64Array(weights.length);
  const before = scratch;
  before.set(weights);
  let adjustments: Adjustment[] | undefined;
  for (const rule of rules) {
    rule.apply(weights);
    for (let asset = 0; asset < weights.length; asset++) {
      const was = before[asset]!;
      const is = weights[asset]!;
      if (is === was) continue;
      if (!(Math.abs(is) <= Math.abs(was)) || is * was < 0) {
        throw new RangeError(`Rule ${rule.name} added exposure: ${was} became ${is}`);
      }
      (adjustments ??= []).push({ rule: rule.name, asset, before: was, after: is });
      before[asset] = is;
    }
  }
  return adjustments ?? NONE;
}

const NONE: readonly Adjustment[] = [];

// Weights before the rule at work, written anew by every call; a decision should not cost memory.
let scratch = new Float64Array(0);
