import type { Disk } from "../core/atomic_file.ts";
import type { CorporateAction } from "../core/bars.ts";
import { formatDate } from "../core/clock.ts";
import { canonicalJson, sha256 } from "../core/hash.ts";
import { FORMAT_VERSION } from "./bar_metadata.ts";
import { fileExists } from "./file_version.ts";
import { openParquet, readNumbers, readTexts } from "./parquet_read.ts";
import { writeParquetFile } from "./parquet_write.ts";
import { actionsFile } from "./places.ts";
import { type Complaint, LAST_TIME, refuseFile, requireColumns, requireHash } from "./refusals.ts";

/** The table of actions with what its footer says of its publishers. */
export interface ActionsTable {
  readonly actions: readonly CorporateAction[];
  readonly source: string;
  readonly licence: string;
}

/** All dividends and splits under a data root by symbol and ex-date; none when there is no table. Refuses a bad one. */
export async function readActions(root: string): Promise<readonly CorporateAction[]> {
  return (await readActionsTable(root)).actions;
}

/** The table under a data root, an empty one when there is none. Refuses a bad one. */
export async function readActionsTable(root: string): Promise<ActionsTable> {
  const file = actionsFile(root);
  if (!await fileExists(file)) return { actions: [], source: "", licence: "" };
  const parquet = await openParquet(file);
  requireColumns(parquet, { symbol: "text", ex_date: "time", kind: "text", value: "number" });
  const symbols = await readTexts(parquet, "symbol");
  const kinds = await readTexts(parquet, "kind");
  const [exDates, values] = await readNumbers(parquet, ["ex_date", "value"]);
  const actions = symbols.map((symbol, row) => ({
    symbol,
    exDate: exDates![row]!,
    kind: kinds[row] as CorporateAction["kind"],
    value: values![row]!,
  }));
  requireHash(file, parquet.metadata.get("content_hash"), hashActions(actions));
  const seen = new Set<string>();
  for (const [row, action] of actions.entries()) {
    const complaint = complaintAbout(action, seen);
    if (complaint) {
      throw refuseFile(file, { ...complaint, where: `row ${row}, column ${complaint.where}` });
    }
  }
  return {
    actions: actions.toSorted(byName),
    source: parquet.metadata.get("source") ?? "",
    licence: parquet.metadata.get("licence") ?? "",
  };
}

/** Replaces the table of actions under a data root; `source` names its publishers. */
export async function writeActions(
  root: string,
  actions: readonly CorporateAction[],
  description: { source: string; licence: string },
  options: { disk?: Disk } = {},
): Promise<void> {
  const sorted = actions.toSorted(byName);
  await writeParquetFile(
    actionsFile(root),
    [
      { name: "symbol", kind: "text", values: sorted.map(({ symbol }) => symbol) },
      { name: "ex_date", kind: "date", values: Float64Array.from(sorted, (one) => one.exDate) },
      { name: "kind", kind: "text", values: sorted.map(({ kind }) => kind) },
      { name: "value", kind: "number", values: Float64Array.from(sorted, (one) => one.value) },
    ],
    { "assay.format": FORMAT_VERSION, ...description, content_hash: hashActions(sorted) },
    options,
  );
}

function hashActions(actions: readonly CorporateAction[]): string {
  return sha256(canonicalJson(actions));
}

function complaintAbout(action: CorporateAction, seen: Set<string>): Complaint | undefined {
  const { symbol, exDate, kind, value } = action;
  if (!(Math.abs(exDate) <= LAST_TIME)) {
    return { where: "ex_date", found: String(exDate), expected: "a date" };
  }
  if (kind !== "dividend" && kind !== "split") {
    return { where: "kind", found: `"${kind}"`, expected: '"dividend" or "split"' };
  }
  if (!(value > 0 && value < Infinity)) {
    return { where: "value", found: String(value), expected: "a number above 0" };
  }
  const name = `${kind} of ${symbol} on ${formatDate(exDate)}`;
  if (seen.has(name)) {
    return { where: "ex_date", found: `a second ${name}`, expected: "one, of the whole amount" };
  }
  seen.add(name);
  return undefined;
}

function byName(a: CorporateAction, b: CorporateAction): number {
  if (a.symbol !== b.symbol) return a.symbol < b.symbol ? -1 : 1;
  if (a.exDate !== b.exDate) return a.exDate - b.exDate;
  return a.kind === b.kind ? 0 : a.kind < b.kind ? -1 : 1;
}
