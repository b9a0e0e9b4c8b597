import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../core/clock.ts";
import {
  type Anchor,
  type AnchoredEntry,
  changedFiles,
  type LedgerCheck,
  type LedgerHead,
  openDatabase,
} from "../results/mod.ts";
import { RESULTS_ROOT } from "./project.ts";
import { databaseFile } from "./trial.ts";
import type { VerifyOptions } from "./verify.ts";

/** One thing of the record of trials that is not as it was written, or a result that no trial was written for. */
export interface LedgerFinding {
  readonly kind: "ledger" | "run" | "experiment";
  /** One line that says all of it. */
  readonly message: string;
  readonly entry?: number;
  readonly trial?: number;
}

/** What became of recomputing the ledger of trials. */
export interface LedgerVerification {
  readonly verdict: "intact" | "broken";
  /** In the order of the chain, so that the first is the first that broke it; hidden results come last. */
  readonly findings: readonly LedgerFinding[];
  readonly entries: number;
  readonly trials: number;
  /** Runs and experiments whose trials were looked for. */
  readonly runs: number;
  readonly experiments: number;
  /** The newest entry; null without any. Whoever writes it down elsewhere can prove later that nothing before it changed. */
  readonly head: LedgerHead | null;
  /** Where a lost head was written down again, by whom, and why. */
  readonly anchors: readonly AnchoredEntry[];
  readonly duration_ms: number;
}

/** Recomputes every entry of the ledger of trials, and looks for the trial of every run and experiment that is stored. */
export async function verifyLedger(
  { resultsRoot = RESULTS_ROOT, clock = systemClock }: Pick<
    VerifyOptions,
    "resultsRoot" | "clock"
  > = {},
): Promise<LedgerVerification> {
  const begun = clock.elapsed();
  // Listed first: what is stored by then was registered before.
  const runs = await storedRuns(resultsRoot);
  const experiments = await storedExperiments(resultsRoot);
  const check = await checked(resultsRoot);
  const findings: readonly LedgerFinding[] = [
    ...check.faults.map((fault) => ({ kind: "ledger" as const, ...fault })),
    ...runs.filter((id) => !check.runs.has(id))
      .map((id) => ({
        kind: "run" as const,
        message: `run ${id} is stored, and no trial is on record`,
      })),
    ...await experimentFindings(resultsRoot, experiments, check),
  ];
  return {
    verdict: findings.length === 0 ? "intact" : "broken",
    findings,
    entries: check.entries,
    trials: check.trials,
    runs: runs.length,
    experiments: experiments.length,
    head: check.head ?? null,
    anchors: check.anchors,
    duration_ms: clock.elapsed() - begun,
  };
}

/**
 * Writes the lost head of a ledger down again, as an entry that says who did it, why, and what was found; then verifies the
 * ledger. Refuses a head that is in order.
 */
export async function anchorLedger(
  anchor: Anchor,
  { resultsRoot = RESULTS_ROOT, clock = systemClock }: Parameters<typeof verifyLedger>[0] = {},
): Promise<LedgerVerification> {
  const database = await openDatabase(databaseFile(resultsRoot));
  try {
    database.anchorLedger({ ...anchor, at: clock.now() });
  } finally {
    database.close();
  }
  return await verifyLedger({ resultsRoot, clock });
}

const NOTHING: LedgerCheck = {
  ...{ entries: 0, trials: 0, head: undefined, faults: [], anchors: [] },
  ...{ runs: new Set<string>(), experiments: new Set<string>(), sealed: new Map() },
};

/** Stored experiments that no trial was written for, or that are not as they were saved. */
async function experimentFindings(
  root: string,
  experiments: Awaited<ReturnType<typeof storedExperiments>>,
  { experiments: known, sealed }: LedgerCheck,
): Promise<readonly LedgerFinding[]> {
  const findings = await Promise.all(experiments.map(async ({ folder, id }) => {
    const name = `experiment ${folder} is stored`;
    if (id === undefined || !known.has(id)) return [`${name}, and no trial of it is on record`];
    const changed = await changedFiles(join(root, "experiments", folder), sealed.get(id));
    return changed.map((what) => `${name}, and ${what}`);
  }));
  return findings.flat().map((message) => ({ kind: "experiment", message }));
}

/** Asking must not make a record where there is none, unless the head of one says that there was. */
async function checked(root: string): Promise<LedgerCheck> {
  const files = [databaseFile(root), join(root, "ledger.head")];
  const there = await Promise.all(files.map((file) => stat(file).then(() => true, () => false)));
  if (!there.includes(true)) return NOTHING;
  const database = await openDatabase(databaseFile(root));
  try {
    return database.checkLedger();
  } finally {
    database.close();
  }
}

/** Ids of the runs that have a folder, sorted. */
async function storedRuns(root: string): Promise<readonly string[]> {
  return (await namesIn(join(root, "runs"))).filter((name) => /^[0-9a-f]{16}$/.test(name));
}

/** Folders of experiments with the ids in their cards; undefined where that cannot be read. */
async function storedExperiments(
  root: string,
): Promise<readonly { readonly folder: string; readonly id: string | undefined }[]> {
  const home = join(root, "experiments");
  const folders = (await namesIn(home)).filter((name) => !name.startsWith("."));
  return await Promise.all(folders.map(async (folder) => {
    try {
      const text = await readFile(join(home, folder, "experiment.json"), "utf8");
      const { experiment_id } = JSON.parse(text) as { readonly experiment_id?: unknown };
      return { folder, id: typeof experiment_id === "string" ? experiment_id : undefined };
    } catch {
      return { folder, id: undefined };
    }
  }));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}
