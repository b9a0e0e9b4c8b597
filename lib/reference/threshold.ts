import { DUST, type Exact, total } from "./exact.ts";
import type { Cap } from "./rules.ts";
import type { Mistake } from "./settings.ts";
import type { Witness } from "./witness.ts";

/**
 * Which assets are traded: those whose change reaches the threshold, those to be sold whole, those above their own cap,
 * and those whose change takes away from an excess that the resulting portfolio would have.
 */
export function tradedAssets(
  targets: readonly Exact[],
  drifted: readonly Exact[],
  { threshold, atFill }: { threshold: number; atFill: boolean },
  limits: readonly Cap[],
  { witness, mistakes }: { witness: Witness; mistakes: ReadonlySet<Mistake> },
): boolean[] {
  const traded = targets.map((target, index) => {
    const change = target.minus(drifted[index]!).abs();
    if (target.isZero() && !mistakes.has("threshold_keeps_zero_targets")) return true;
    // No change is no order; but sized at the fill, one made of dust would grow into one.
    if (threshold > 0 || atFill) witness.margin(change.minus(threshold).abs());
    if (change.lt(DUST)) return false;
    if (change.lt(threshold) && !change.isZero()) witness.saw("left_alone");
    return change.gte(threshold);
  });
  if (mistakes.has("threshold_ignores_limits")) return traded;
  const force = (weights: readonly Exact[], among = limits) => {
    let changed = false;
    const sign = total(weights).lt(0) ? -1 : 1;
    for (const { members, limit, used, net } of among) {
      const waiting = members.filter((index) => {
        const [target, held] = [targets[index]!, drifted[index]!];
        const relieves = net ? held.minus(target).times(sign).gt(0) : held.abs().gt(target.abs());
        return !traded[index] && relieves;
      });
      if (waiting.length === 0) continue;
      const excess = used(weights).minus(limit);
      witness.margin(excess.abs());
      if (excess.lte(0)) continue;
      for (const index of waiting) traded[index] = true;
      witness.saw("forced_by_limit");
      changed = true;
    }
    return changed;
  };
  // An asset above its own cap is cut anyway; what that leaves is looked at together, until nothing is too much.
  force(drifted, limits.filter(({ name }) => name === "asset_cap"));
  while (force(targets.map((target, index) => traded[index] ? target : drifted[index]!)));
  return traded;
}
