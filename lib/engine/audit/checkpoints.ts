import type { Checkpoint } from "../../core/proofs.ts";
import { seededRandom } from "../../core/random.ts";
import type { Rehearsable } from "../simulate.ts";

/** A decision after which the future is changed, and where the run goes on from to get there. */
export interface ChosenCheckpoint {
  readonly index: number;
  readonly why: Checkpoint["why"];
  /** Place of the first decision made again; 0 begins afresh. */
  readonly from: number;
}

/** Share of the run's decisions that are made again before each checkpoint, at least. */
export const REPLAYED_SHARE = 0.05;

/**
 * `count` decisions in order: the first and the last that traded, the others by the seed, from when a model could first
 * see an asset. Fewer where there are not as many.
 */
export function chooseCheckpoints(
  { laid, record, states, request }: Rehearsable,
  count: number,
): readonly ChosenCheckpoint[] {
  const decisions = laid.market.decisionTimes.length;
  const why = new Map<number, Checkpoint["why"]>();
  const trades = record.outcomes.filter(({ status }) => status === "filled");
  const first = trades[0]?.index;
  const last = trades.at(-1)?.index;
  if (last !== undefined) why.set(last, "last trade");
  if (first !== undefined) why.set(first, "first trade");
  const joins = laid.setup.models.flatMap((model) => [...model.joins]).filter((join) => join >= 0);
  const from = Math.min(...joins, decisions - 1);
  const random = seededRandom(request.plan.seed).fork("checkpoints");
  const wanted = Math.min(count, decisions - from);
  while (why.size < wanted) {
    const index = from + random.integer(decisions - from);
    if (!why.has(index)) why.set(index, "seed");
  }
  const shelf = [...states.keys()];
  const least = Math.ceil(REPLAYED_SHARE * decisions);
  return [...why].sort(([a], [b]) => a - b).map(([index, why]) => ({
    index,
    why,
    from: shelf.findLast((state) => state <= index - least) ?? 0,
  }));
}
