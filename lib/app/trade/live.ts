import { readPromotions } from "../../results/mod.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { kernel } from "../notebook.ts";
import { RESULTS_ROOT } from "../project.ts";
import { databaseFile } from "../trial.ts";
import { type LivePass, type LiveRequest, passLiveGate } from "./live_gate.ts";
import { tradedPlan } from "./traded_plan.ts";

/** Passes the gate to real money, or refuses in one line: notebooks, models that are not live, approvals that are missing. */
export async function allowLive(
  loaded: LoadedPlan,
  request: LiveRequest,
  { resultsRoot = RESULTS_ROOT }: { readonly resultsRoot?: string } = {},
): Promise<LivePass> {
  const traded = tradedPlan(loaded, "live");
  const promotions = await readPromotions(databaseFile(resultsRoot));
  return passLiveGate(traded, request, { promotions, isNotebook: kernel() !== undefined });
}
