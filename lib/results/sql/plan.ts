import { noQuestion } from "./statement.ts";
import { columnNames, type View, VIEWS } from "./views.ts";

/** What one place of a query reads of a view. */
export interface Scan {
  readonly view: View;
  /** In the order of the view. */
  readonly columns: readonly string[];
  /** Whether it may read rows of a run; others need not be there. */
  readonly wants: (runId: string) => boolean;
}

/** A node of the engine's plan as `EXPLAIN (FORMAT json)` writes it. */
interface PlanNode {
  readonly name: string;
  readonly extra_info?: Readonly<Record<string, string | readonly string[]>>;
  readonly children?: readonly PlanNode[];
}

/** The scans in a plan that was made on empty tables. Refuses one that would change anything. */
export function scansOf(plan: string): readonly Scan[] {
  const roots: readonly PlanNode[] = JSON.parse(plan);
  const change = roots.map(({ name }) => CHANGE.exec(name)?.[0]).find(Boolean);
  if (change !== undefined) throw noQuestion(change.toLowerCase());
  return roots.flatMap(scansUnder);
}

const CHANGE = /INSERT|DELETE|UPDATE|MERGE|CREATE|COPY/;

function scansUnder({ extra_info = {}, children = [] }: PlanNode): readonly Scan[] {
  const below = children.flatMap(scansUnder);
  const table = texts(extra_info.Table)[0]?.split(".").at(-1);
  const view = VIEWS.find(({ name }) => name === table);
  if (!view) return below;
  const filters = texts(extra_info.Filters);
  // A column that only a pushed-down filter reads is not among the projections.
  const filtered = new Set(filters.flatMap((filter) => filter.match(/\w+/g) ?? []));
  const read = new Set(texts(extra_info.Projections).map((name) => name.replace(/^"|"$/g, "")));
  const columns = columnNames(view).filter((name) => read.has(name) || filtered.has(name));
  const conditions = filters.map(runCondition);
  return [
    { view, columns, wants: (runId) => conditions.every((holds) => holds(runId)) },
    ...below,
  ];
}

/** Lists of one are written as the text alone. */
function texts(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined || value === "") return [];
  return typeof value === "string" ? [value] : value;
}

const TEXT = String.raw`'((?:[^']|'')*)'`;
const EQUAL = new RegExp(`^run_id=${TEXT}$`);
const RANGE = new RegExp(`^run_id>=${TEXT} AND run_id<${TEXT}$`);
const PREFIX = new RegExp(String.raw`^(?:starts_with|prefix)\(run_id, ${TEXT}\)$`);
const LIST = /^optional: run_id IN \(('[^()]*')\)$/;

/** The runs that a pushed-down filter lets through; every run where it says something else. */
function runCondition(filter: string): (runId: string) => boolean {
  const found = [EQUAL, RANGE, PREFIX, LIST].map((form) =>
    form.exec(filter)?.slice(1).map(unquoted)
  );
  const [equal, range, prefix, list] = found;
  if (equal) return (runId) => runId === equal[0];
  if (range) return (runId) => runId >= range[0]! && runId < range[1]!;
  if (prefix) return (runId) => runId.startsWith(prefix[0]!);
  if (list) {
    const ids = list[0]!.slice(1, -1).split("', '");
    return (runId) => ids.includes(runId);
  }
  return () => true;
}

function unquoted(text: string): string {
  return text.replaceAll("''", "'");
}
