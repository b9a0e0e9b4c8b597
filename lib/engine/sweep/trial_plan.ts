import type { Plan } from "../plan.ts";
import type { SweepOrder } from "./serve_sweep.ts";

/** The plan that is being run for a request: its own, or that of the trial at this place of its order. */
export function trialPlan(
  { plan, order }: { readonly plan: Plan; readonly order?: SweepOrder },
  place: number,
): Plan {
  const isTrial = order?.kind === "trials" && place >= 0;
  return isTrial ? { ...plan, ...order.patches[place] } : plan;
}
