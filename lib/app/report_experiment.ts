import { Refusal } from "../core/errors.ts";
import { experimentSheet } from "../report/sheet/experiment.ts";
import { experimentStore, runStore } from "../results/mod.ts";
import { deflatedBy, ledgerCountOf } from "./optimize/experiments.ts";
import { loadPageClient } from "./report_client.ts";

/** What a name means: a run, or an experiment; with a note in one line where it could mean both. */
export type ReportSubject =
  | { readonly kind: "run"; readonly id: string; readonly note?: string }
  | { readonly kind: "experiment"; readonly id: string };

/** The run whose id begins with `asked`, else the experiment of that name or id. Refuses none and several. */
export async function reportSubject(asked: string, resultsRoot: string): Promise<ReportSubject> {
  const store = experimentStore(resultsRoot);
  const isAsked = (
    { name, experiment_id }: { readonly name: string | undefined; readonly experiment_id: string },
  ) => name === asked || (asked.length >= 4 && experiment_id.startsWith(asked));
  const { cards, damaged } = await store.list();
  // A damaged experiment is no reason to refuse the page of a run.
  const also = cards.filter(isAsked);
  try {
    const id = await runStore(resultsRoot).resolve(asked, { or: "experiment" });
    if (also.length === 0) return { kind: "run", id };
    const ids = also.map(({ name, experiment_id }) => `${name} (${experiment_id})`).join(", ");
    const note = `"${asked}" is the run ${id} and the experiment ${ids}; this page is the run's`;
    return { kind: "run", id, note };
  } catch (error) {
    const isThere = also.length > 0 ||
      damaged.some(({ id, name }) => isAsked({ name, experiment_id: id }));
    if (!(error instanceof Refusal) || !isThere) throw error;
    return { kind: "experiment", id: await store.resolve(asked) };
  }
}

/** The page of a finished experiment, with what the ledger of trials makes of its winner by now. */
export async function experimentReport(id: string, resultsRoot: string) {
  const { card, trials } = (await experimentStore(resultsRoot).find(id))!;
  const [ledger, client] = await Promise.all([
    ledgerCountOf(card, { resultsRoot }),
    loadPageClient(),
  ]);
  const deflated = deflatedBy(card, ledger);
  const text = await experimentSheet(
    { card, trials, ledger, ...(deflated && { deflated }) },
    client,
  );
  return { name: `experiment-${id}`, text };
}
