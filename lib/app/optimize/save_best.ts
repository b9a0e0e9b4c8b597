import { Refusal } from "../../core/errors.ts";
import type { TrialRecord } from "../../core/experiment.ts";
import { backtest, type Run } from "../backtest.ts";
import type { RankedTrials } from "./appraise.ts";
import { assignmentOf, type TrialMaker } from "./trial_maker.ts";
import type { OptimizeWork } from "./work.ts";

/** Stores the runs of the winner, with all its proofs, and of the trials that follow by rank. Each must be what its trial was. */
export async function saveBest(
  { experiment, id, root, clock, options }: OptimizeWork,
  records: RankedTrials,
  maker: TrialMaker,
): Promise<readonly string[]> {
  const { loaded, search } = experiment;
  const best = bestOf(records, search.optimization.save_top_n);
  const saved: string[] = [];
  const save = async (record: TrialRecord) => {
    const assignment = assignmentOf(experiment.space, record.values);
    const run = await backtest({
      ...loaded,
      config: maker.config(assignment),
      plan: { ...loaded.plan, ...maker.patch(assignment) },
    }, {
      resultsRoot: root,
      name: `${search.name} #${record.rank}`,
      proofs: record.trial === records.winner,
      clock,
      ...(options.disk ? { disk: options.disk } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    refuseOther(run, record, { id, whole: search.validation.method !== "split" });
    return run.id;
  };
  for (let next = 0; next < best.length; next += AT_ONCE) {
    options.onStage?.(`run ${next + 1} of the ${best.length} best`);
    const some = await Promise.allSettled(best.slice(next, next + AT_ONCE).map(save));
    for (const one of some) {
      if (one.status === "rejected") throw one.reason;
      saved.push(one.value);
    }
  }
  return saved;
}

/** The winner, then those that follow by rank, `count` in all. */
export function bestOf(records: RankedTrials, count: number): readonly TrialRecord[] {
  const first = records.winner === null ? [] : [records.winner];
  const others = records.order.filter((place) => place !== records.winner);
  return [...first, ...others].slice(0, count).map(records.at);
}

/** Runs made side by side: one is computed while another is being written. */
const AT_ONCE = 2;

/** A stored run and the row of its trial are one and the same, or one of them is wrong. */
function refuseOther(
  { id, card }: Run,
  { run_id, trial, figures }: TrialRecord,
  experiment: { readonly id: string; readonly whole: boolean },
): void {
  const stored = card.statistics.portfolio;
  const same = id === run_id &&
    (!experiment.whole ||
      stored.final_nav === figures.final_nav && stored.sharpe === figures.sharpe);
  if (same) return;
  throw new Refusal(
    `Trial ${trial} of experiment ${experiment.id} came to NAV ${figures.final_nav} (run ${run_id}), ` +
      `its run ${id} to ${stored.final_nav}: a model remembers what it saw in other trials`,
    { exitCode: 3 },
  );
}
