import { canonicalJson, sha256 } from "../../core/hash.ts";
import type { LoadedPlan } from "../load_plan.ts";

/** Hash of what decides beside the models: risk, regimes, assets and their costs, venue and account. */
export function liveSettings({ plan, config: { trading } }: LoadedPlan): string {
  const { models: _models, start: _start, end: _end, initialNav: _nav, ...rest } = plan;
  return sha256(canonicalJson({ rest, venue: trading.venue, account: trading.account }));
}
