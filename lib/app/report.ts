import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { writeFileAtomically } from "../core/atomic_file.ts";
import { Refusal } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { comparisonSheet } from "../report/sheet/comparison.ts";
import type { SheetTables } from "../report/sheet/sheet_data.ts";
import { tearSheet } from "../report/sheet/sheet.ts";
import { CARD_FILE } from "../results/mod.ts";
import { ledgerCounts } from "./deflated.ts";
import { RESULTS_ROOT } from "./project.ts";
import { loadPageClient } from "./report_client.ts";
import { readCompared } from "./report_runs.ts";
import { type OpenRun, openRun } from "./runs.ts";

/** Where a report is written, and from which results. */
export interface ReportOptions {
  /** A file; its folder is made. Absent: `reports/<run id>.html` in the results folder. */
  readonly out?: string;
  readonly resultsRoot?: string;
}

/** A page that was written. */
export interface Report {
  readonly file: string;
  readonly bytes: number;
}

/** Pages of more runs would be too large to be of use. */
export const MOST_RUNS = 200;

/**
 * Writes one self-contained page: the tear sheet of a run, or several runs side by side (FR-065). Refuses a run that is
 * unknown, ambiguous, damaged or named twice, and a place that cannot be written.
 */
export async function report(
  idsOrPrefixes: readonly string[],
  { out, resultsRoot = RESULTS_ROOT }: ReportOptions = {},
): Promise<Report> {
  refuseCount(idsOrPrefixes);
  if (out !== undefined) await refusePlace(out);
  const { name, text } = idsOrPrefixes.length === 1
    ? await runReport(idsOrPrefixes[0]!, resultsRoot)
    : await comparisonReport(idsOrPrefixes, resultsRoot);
  const file = out === undefined ? join(resultsRoot, "reports", `${name}.html`) : resolve(out);
  const bytes = new TextEncoder().encode(text);
  await writeFileAtomically(file, bytes).catch((error) => {
    throw outside(error, file);
  });
  return { file, bytes: bytes.length };
}

function refuseCount(ids: readonly string[]): void {
  if (ids.length > 0 && ids.length <= MOST_RUNS && !ids.includes("")) return;
  const found = ids.includes("") ? 'an empty run id ""' : `${ids.length} runs`;
  throw new Refusal(`Report: found ${found}, expected 1 to ${MOST_RUNS} run ids`, { exitCode: 2 });
}

async function refusePlace(out: string): Promise<void> {
  const found = await stat(out).catch(() => undefined);
  if (out !== "" && !found?.isDirectory()) return;
  const what = out === "" ? '""' : `the folder "${out}"`;
  throw new Refusal(`--out: found ${what}, expected a file`, { exitCode: 2 });
}

async function runReport(idOrPrefix: string, resultsRoot: string) {
  const [run, client] = await Promise.all([openRun(idOrPrefix, { resultsRoot }), loadPageClient()]);
  const [tables, cardText] = await Promise.all([
    readTables(run),
    readFile(join(run.folder, CARD_FILE), "utf8"),
  ]);
  const { id, card, proofs, damagedProofs } = run;
  const [ledger] = await ledgerCounts([card], resultsRoot);
  const source = { card, cardText, tables, proofs, damagedProofs, ledger };
  return { name: id, text: tearSheet(source, client) };
}

/** What keeps a task from writing outside the project is told in the words of the project. */
function outside(error: unknown, file: string): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error) || !/^(?:NotCapable|PermissionDenied)$/.test(cause.name)) {
    return error;
  }
  return new Refusal(
    `--out: found ${file}, expected a file inside the project: this task may write nowhere else`,
    { cause },
  );
}

const NEEDED = [
  ...["nav", "models", "weights", "trades"] as const,
  ...["orders", "attribution", "bookings", "risk"] as const,
];

/** The tables of a run, without those it does not have. */
async function readTables({ card, tables }: OpenRun): Promise<SheetTables> {
  const occasional = (["features", "regimes", "benchmarks"] as const)
    .filter((name) => Object.hasOwn(card.artefacts, `${name}.parquet`));
  const read = await Promise.all(
    [...NEEDED, ...occasional].map(async (name) => [name, await tables[name]()] as const),
  );
  return Object.fromEntries(read) as unknown as SheetTables;
}

async function comparisonReport(idsOrPrefixes: readonly string[], resultsRoot: string) {
  const [runs, client] = await Promise.all([
    readCompared(idsOrPrefixes, resultsRoot),
    loadPageClient(),
  ]);
  const cards = runs.map(({ card }) => card);
  const ids = cards.map(({ run_id }) => run_id);
  const twice = ids.find((id, place) => ids.indexOf(id) < place);
  if (twice !== undefined) {
    throw new Refusal(`Report: run ${twice} is named twice`, { exitCode: 2 });
  }
  const name = `comparison-${sha256(ids.join(" ")).slice(0, 12)}`;
  const counts = await ledgerCounts(cards, resultsRoot);
  const counted = runs.map((run, place) => ({ ...run, ledger: counts[place] }));
  return { name, text: comparisonSheet(counted, client) };
}
