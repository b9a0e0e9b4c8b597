import { Refusal } from "../../core/errors.ts";
import type { TrialRecord } from "../../core/experiment.ts";
import { backtest, type Run } from "../backtest.ts";
import type { LoadedExperiment } from "./load_experiment.ts";
import type { TrialMaker } from "./trial_maker.ts";
import type { OptimizeWork } from "./work.ts";

/** Stores the runs of the best trials, the winner's with all its proofs. Each must be what its trial was. */
export async function saveBest(
  { experiment, id, root, clock, options }: OptimizeWork,
  records: readonly TrialRecord[],
  maker: TrialMaker,
): Promise<readonly string[]> {
  const { loaded, search } = experiment;
  const best = records.filter(({ rank }) => rank !== null && rank <= search.optimization.save_top_n)
    .toSorted((a, b) => a.rank! - b.rank!);
  const saved: string[] = [];
  for (const record of best) {
    options.onStage?.(`run ${saved.length + 1} of the ${best.length} best`);
    const assignment = record.values.map((value, i) =>
      // Where a dimension was not set, the configuration's own value stays.
      value === null && !setsNull(experiment, i) ? undefined : value
    );
    const run = await backtest({
      ...loaded,
      config: maker.config(assignment),
      plan: { ...loaded.plan, ...maker.patch(assignment) },
    }, {
      resultsRoot: root,
      name: `${search.name} #${record.rank}`,
      proofs: record.rank === 1,
      clock,
      ...(options.disk ? { disk: options.disk } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    refuseOther(run, record, { id, whole: search.validation.method !== "split" });
    saved.push(run.id);
  }
  return saved;
}

function setsNull({ space }: LoadedExperiment, dimension: number): boolean {
  const { choice } = space.dimensions[dimension]!;
  return choice.kind === "list" && choice.values.includes(null);
}

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
