import { type LifecycleOptions, readRecorded, settingOf } from "../lifecycle/state.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { kernel } from "../notebook.ts";
import { type LivePass, type LiveRequest, passLiveGate } from "./live_gate.ts";
import { gateOf } from "./model_watch.ts";
import { tradedPlan } from "./traded_plan.ts";

/** Passes the gate to real money, or refuses in one line: notebooks, models that are not live, approvals that are missing. */
export async function allowLive(
  loaded: LoadedPlan,
  request: LiveRequest,
  lifecycle: LifecycleOptions = {},
): Promise<LivePass> {
  const gate = await gateOf(loaded, { mode: "live", lifecycle });
  const traded = tradedPlan(loaded, { mode: "live", gate });
  const { events } = await readRecorded(settingOf(lifecycle));
  return passLiveGate(traded, request, { events, isNotebook: kernel() !== undefined });
}
