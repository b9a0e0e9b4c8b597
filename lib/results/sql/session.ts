import { decodeAnswer } from "./answer.ts";
import { type Engine, openEngine, type Value } from "./duckdb.ts";
import { load, type Need, type Session } from "./load.ts";
import { type Scan, scansOf } from "./plan.ts";
import { sqlRefusal } from "./refusals.ts";
import { runIds } from "./run_rows.ts";
import { explained, namesIn, statementKind } from "./statement.ts";
import { prepareView } from "./store.ts";
import { columnNames, NOT_LOADED, type View, VIEWS } from "./views.ts";

/** An answer as it leaves the engine: an Arrow IPC stream, and one line for each run that was left out. */
export interface Answer {
  readonly stream: Uint8Array;
  readonly warnings: readonly string[];
}

/** SQL over the runs of one results folder, one question at a time. */
export interface SqlSession {
  ask(text: string, values: readonly Value[]): Promise<Answer>;
  close(): void;
}

/** Opens SQL in this process, which must run on the lock file of this folder. */
export async function openSession(root: string): Promise<SqlSession> {
  const engine = await openEngine((opened) => {
    for (const view of VIEWS) prepareView(opened, view);
  });
  const session: Session = { engine, root, loaded: new Map() };
  return {
    ask: (text, values) => ask(session, text, values),
    close: () => engine.close(),
  };
}

async function ask(session: Session, text: string, values: readonly Value[]): Promise<Answer> {
  const { engine } = session;
  const scans = await scansIn(engine, text, values);
  const ids = await runIds(session.root);
  const warnings = new Set<string>();
  for (const need of needs(scans, ids)) await load(session, need, { ids, warnings });
  for (let retries = 0;; retries++) {
    try {
      return { stream: query(engine, text, values), warnings: [...warnings] };
    } catch (error) {
      const view = unreadView(error);
      if (view === undefined || retries > VIEWS.length) throw error;
      await load(session, { view, columns: columnNames(view), runs: ids }, {
        ids,
        warnings,
      });
    }
  }
}

/** What a statement may read of the views, before it does. */
async function scansIn(
  engine: Engine,
  text: string,
  values: readonly Value[],
): Promise<readonly Scan[]> {
  const kind = statementKind(text);
  if (kind === "description") return [];
  if (kind === "summary") return namedViews(text);
  if (kind === "rows") return await plannedScans(engine, text, values);
  check(engine, text);
  return await scansIn(engine, explained(text), values);
}

function query(engine: Engine, text: string, values: readonly Value[]): Uint8Array {
  try {
    return engine.ask(text, values);
  } catch (error) {
    throw sqlRefusal(error, text);
  }
}

/** What the statement reads, from its plan over empty tables: every mistake in it shows before anything is read. */
async function plannedScans(
  engine: Engine,
  text: string,
  values: readonly Value[],
): Promise<readonly Scan[]> {
  check(engine, text);
  try {
    const stream = engine.ask(`EXPLAIN (FORMAT json) ${text}`, values, { planning: true });
    const { columns } = await decodeAnswer(stream);
    return scansOf(String(columns.at(-1)!.values[0]));
  } catch (error) {
    throw sqlRefusal(error, text);
  }
}

function check(engine: Engine, text: string): void {
  try {
    engine.check(text);
  } catch (error) {
    throw sqlRefusal(error, text);
  }
}

function namedViews(text: string): readonly Scan[] {
  const names = namesIn(text);
  return VIEWS.filter(({ name }) => names.has(name))
    .map((view) => ({ view, columns: columnNames(view), wants: () => true }));
}

/** What all scans of each view need together, in the order of the views. */
function needs(scans: readonly Scan[], ids: readonly string[]): readonly Need[] {
  return VIEWS.flatMap((view) => {
    const own = scans.filter((scan) => scan.view === view);
    if (own.length === 0) return [];
    return [{
      view,
      columns: columnNames(view).filter((name) =>
        own.some(({ columns }) => columns.includes(name))
      ),
      runs: ids.filter((id) => own.some(({ wants }) => wants(id))),
    }];
  });
}

/** The view of which a column was read that no plan had shown. */
function unreadView(error: unknown): View | undefined {
  const message = error instanceof Error ? error.message : "";
  const name = new RegExp(`${NOT_LOADED}(\\w+)\\.`).exec(message)?.[1];
  return VIEWS.find((view) => view.name === name);
}
