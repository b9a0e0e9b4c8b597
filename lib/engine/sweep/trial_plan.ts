import type { Plan } from "../plan.ts";
import type { SweepOrder } from "./serve_sweep.ts";

/** The plan that is being worked on for a request: its own, or that of the trial at this place of its order. */
export function trialPlan(
  { plan, order }: { readonly plan: Plan; readonly order?: SweepOrder },
  place: number,
): Plan {
  if (!order || order.kind === "take" || place < 0) return plan;
  return { ...plan, ...order.patches[place] };
}
