import type { Random } from "../../core/random.ts";

/**
 * A draw from Student's t with four degrees of freedom, scaled to variance 1: fat tails, no fourth moment. Bailey's (1994)
 * polar method, U · √(ν · (W^(−2/ν) − 1) ÷ W) for a point (U, V) inside the unit circle and W = U² + V²; at ν = 4 it takes
 * nothing but square roots.
 */
export function fatTailed(random: Random): number {
  for (;;) {
    const u = 2 * random.next() - 1;
    const v = 2 * random.next() - 1;
    const w = u * u + v * v;
    if (w === 0 || w > 1) continue;
    const t = u * Math.sqrt(4 * (1 / Math.sqrt(w) - 1) / w);
    return t * Math.SQRT1_2; // the variance of t₄ is 2
  }
}
