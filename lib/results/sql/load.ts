import { join } from "node:path";
import { Refusal } from "../../core/errors.ts";
import type { Engine } from "./duckdb.ts";
import { readRecord } from "./record_rows.ts";
import { readRunTable } from "./run_rows.ts";
import { addRows, emptyView } from "./store.ts";
import { columnNames, isRecordView, type View, type ViewName } from "./views.ts";

/** What is in the engine of a view. */
export interface Loaded {
  readonly columns: readonly string[];
  readonly runs: ReadonlySet<string>;
}

/** An engine, the results folder it shows, and what of it is in the engine. */
export interface Session {
  readonly engine: Engine;
  readonly root: string;
  readonly loaded: Map<ViewName, Loaded>;
}

/** The part of a view that a statement needs. */
export interface Need {
  readonly view: View;
  readonly columns: readonly string[];
  readonly runs: readonly string[];
}

/**
 * Brings what is needed into the engine, unless it is there. `found` has the runs there are now, and takes a line for each
 * that is left out. Refuses where there is no run at all.
 */
export async function load(
  session: Session,
  need: Need,
  found: { readonly ids: readonly string[]; readonly warnings: Set<string> },
): Promise<void> {
  const { view } = need;
  if (isRecordView(view.name)) return await loadRecord(session, view);
  if (found.ids.length === 0) throw noRuns(session.root);
  const { engine, loaded } = session;
  const before = loaded.get(view.name);
  const kept = before && need.columns.every((name) => before.columns.includes(name)) &&
    [...before.runs].every((id) => found.ids.includes(id));
  // A count of rows reads no column, and some column must say how many there are.
  const first = columnNames(view)[1]!;
  const wanted = new Set(["run_id", first, ...need.columns, ...before?.columns ?? []]);
  const columns = kept ? before.columns : columnNames(view).filter((name) => wanted.has(name));
  const runs = new Set(kept ? before.runs : []);
  if (!kept) emptyView(engine, view, columns);
  const again = kept ? [] : [...before?.runs ?? []].filter((id) => found.ids.includes(id));
  for (const runId of [...new Set([...again, ...need.runs])].sort()) {
    if (runs.has(runId)) continue;
    if (await loadRun(session, { view, columns, runId }, found.warnings)) runs.add(runId);
  }
  loaded.set(view.name, { columns, runs });
}

/** Adds one run's rows; a damaged one is left out with a warning. */
async function loadRun(
  { engine, root }: Session,
  { view, columns, runId }: { view: View; columns: readonly string[]; runId: string },
  warnings: Set<string>,
): Promise<boolean> {
  try {
    const values = await readRunTable(root, {
      runId,
      table: view.name as Exclude<ViewName, "runs" | "run_models" | "trials">,
      columns: columns.filter((name) => name !== "run_id"),
    });
    if (values && values[columns[1]!]!.length > 0) {
      await addRows(engine, view, { runId, columns, values });
    }
    return true;
  } catch (error) {
    warnings.add(`run ${runId} is left out: ${(error as Error).message.split("\n", 1)[0]}`);
    return false;
  }
}

/** The record changes while others write to it, so it is read for each question. */
async function loadRecord({ engine, root }: Session, view: View): Promise<void> {
  const columns = columnNames(view);
  const values = await readRecord(view, join(root, "assay.db"));
  if (values.run_id!.length === 0) throw noRuns(root);
  emptyView(engine, view, columns);
  await addRows(engine, view, { columns, values });
}

function noRuns(root: string): Refusal {
  return new Refusal(`SQL: no runs in ${join(root, "runs")} yet; "deno task backtest" makes one`);
}
