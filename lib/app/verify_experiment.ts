import { stat } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import type { ExperimentCard, TrialRecord } from "../core/experiment.ts";
import { TRIAL_FIGURES } from "../core/trial_figures.ts";
import { canonicalJson, sha256 } from "../core/hash.ts";
import { experimentSheet } from "../report/sheet/experiment.ts";
import { type ExperimentParts, ledgerOnPage, readSheet } from "../report/sheet/read_sheet.ts";
import {
  DamagedExperiment,
  EXPERIMENT_FILES,
  experimentStore,
  jsonDifferences,
  openDatabase,
  runStore,
  type StoredExperiment,
  type StoredTrial,
} from "../results/mod.ts";
import { deflatedBy } from "./optimize/experiments.ts";
import { RESULTS_ROOT } from "./project.ts";
import { loadPageClient } from "./report_client.ts";
import { databaseFile } from "./trial.ts";
import { verify, type VerifyOptions } from "./verify.ts";
import { appraisalFindings } from "./verify_appraisal.ts";
import { countsNothing, wrongCount } from "./verify_count.ts";
import type { Finding, Verification } from "./verify_finding.ts";

/** The page of an experiment as it was read, with what of it does not fit together. */
export interface ExperimentPage {
  /** Name of the file, for findings. */
  readonly name: string;
  readonly page: string;
  readonly parts: ExperimentParts;
  readonly odd: readonly string[];
}

/**
 * Draws the page of an experiment again from the stored experiment, and counts the ledger again up to the entry that the page
 * names; then verifies the experiment itself. Refuses a page whose experiment is not in the results, or was changed there.
 */
export async function verifyExperimentPage(
  page: ExperimentPage,
  options: VerifyOptions,
): Promise<Omit<Verification, "duration_ms">> {
  const root = options.resultsRoot ?? RESULTS_ROOT;
  const { name, parts, odd } = page;
  const id = parts.experimentId;
  const stored = await experimentStore(root).find(id);
  if (!stored) {
    throw new Refusal(
      `${name}: experiment ${id} is not in ${join(root, "experiments")}; run its search here first`,
    );
  }
  const onPage = [
    ...odd.map((what) => pageFinding(name, what)),
    ...await countFindings(page, stored.card, root),
    ...await pageFindings(page, stored),
  ];
  return await verified(stored, { root, options, before: onPage });
}

/** Verifies what a name stands for: the run whose id begins so, else the experiment of that name or id. */
export async function verifyNamed(
  name: string,
  options: VerifyOptions = {},
): Promise<Verification> {
  const root = options.resultsRoot ?? RESULTS_ROOT;
  try {
    await runStore(root).resolve(name, { or: "experiment" });
  } catch (noRun) {
    const matches = name === "" ? undefined : await experimentStore(root).matching(name)
      .catch((error) => {
        if (error instanceof DamagedExperiment) throw error;
        return undefined;
      });
    if (matches === undefined) throw noRun;
    return await verifyExperiment(matches[0].experiment_id, options);
  }
  return await verify(name, options);
}

/**
 * Verifies a stored experiment: its files are those that the ledger names, its trials are on the ledger with their figures,
 * ranking, plateaus, front, tests and validation come out of them again byte by byte, and so does the winner's run. Refuses
 * one that was changed, and a name that is none.
 */
export async function verifyExperiment(
  name: string,
  options: VerifyOptions = {},
): Promise<Verification> {
  const { clock = systemClock, resultsRoot: root = RESULTS_ROOT } = options;
  const begun = clock.elapsed();
  const store = experimentStore(root);
  const stored = await store.find(await store.resolve(name));
  const found = await verified(stored!, { root, options, before: [] });
  return { ...found, duration_ms: clock.elapsed() - begun };
}

async function verified(
  stored: StoredExperiment,
  { root, options, before }: {
    readonly root: string;
    readonly options: VerifyOptions;
    readonly before: readonly Finding[];
  },
): Promise<Omit<Verification, "duration_ms">> {
  const onLedger = await ledgerFindings(stored, root);
  const again = await appraisalFindings(stored, root, options);
  const ran = await winnerAgain(stored.card, root, options);
  const findings = [...before, ...onLedger, ...again.findings, ...ran.findings];
  const { count } = stored.card.trials;
  const appraised = again.appraised
    ? [`Ranking, tests and validation of ${count} trials came from the ledger's figures again`]
    : [];
  return {
    ...ran,
    ...{ experiment_id: stored.id, appraised: again.appraised },
    verdict: findings.length === 0 ? "equal" : "different",
    findings,
    notes: [...ran.notes, ...appraised, ...await returnsNotes(stored, root)],
  };
}

/** Returns that nobody vouches for are not read: their trials are run again. */
async function returnsNotes({ id, folder }: StoredExperiment, root: string) {
  const name = EXPERIMENT_FILES.returns;
  const isThere = await stat(join(folder, name)).then(() => true, () => false);
  const database = await openDatabase(databaseFile(root));
  try {
    const isOnLedger = database.sealedExperiment(id)?.files[name] !== undefined;
    return isThere && !isOnLedger
      ? [`${name} has no hash on the ledger, as in earlier versions: nothing was read from it`]
      : [];
  } finally {
    database.close();
  }
}

/** A page counts what the ledger held when it was written: the entry it names is on this chain, and gives that count. */
async function countFindings(
  { name, parts }: ExperimentPage,
  { experiment_id, family, data_set: dataSet }: ExperimentCard,
  root: string,
): Promise<readonly Finding[]> {
  if (countsNothing(parts)) return [];
  const onPage = ledgerOnPage(parts);
  const database = await openDatabase(databaseFile(root));
  try {
    const what = wrongCount(onPage, database, {
      key: { family, dataSet },
      since: database.sealedExperiment(experiment_id)?.seq,
    });
    return what === undefined ? [] : [pageFinding(name, what)];
  } finally {
    database.close();
  }
}

async function pageFindings(
  { name, page, parts }: ExperimentPage,
  { card, trials }: StoredExperiment,
): Promise<readonly Finding[]> {
  const ledger = ledgerOnPage(parts);
  const deflated = deflatedBy(card, ledger);
  const again = await experimentSheet(
    { card, trials, ...(ledger && { ledger }), ...(deflated && { deflated }) },
    await loadPageClient(),
  );
  if (again === page) return [];
  const differences = parts.cardText === canonicalJson(card)
    ? []
    : jsonDifferences(parsed(parts.cardText), card).map(({ message, ...where }): Finding => ({
      ...{ kind: "card", file: "experiment.json", ...where },
      message: `experiment.json: ${message}`,
    }));
  if (parts.trials !== sha256(canonicalJson(trials))) {
    differences.push(pageFinding(name, "its trials are not those of the stored experiment"));
  }
  if (differences.length > 0) return differences;
  const drawn = readSheet(again);
  if (drawn.kind === "experiment" && drawn.parts.client !== parts.client) {
    const what = "it was drawn by another version of the report; write it again with this one";
    return [pageFinding(name, what)];
  }
  const lines = again.split("\n");
  const row = page.split("\n").findIndex((line, place) => line !== lines[place]) + 1;
  return [pageFinding(name, `line ${row} is not what the experiment gives`, { row })];
}

/** Every trial of the table against what the ledger, a chain of hashes, says of it. */
async function ledgerFindings(
  { id, trials }: StoredExperiment,
  root: string,
): Promise<readonly Finding[]> {
  const database = await openDatabase(databaseFile(root));
  const onRecord = new Map<number, StoredTrial[]>();
  try {
    for (const trial of database.trialsOf(id)) {
      if (trial.place === null) continue;
      const same = onRecord.get(trial.place);
      if (same) same.push(trial);
      else onRecord.set(trial.place, [trial]);
    }
  } finally {
    database.close();
  }
  const wrong = trials.filter((trial) =>
    !onRecord.get(trial.trial)?.some((entry) => isOf(entry, trial))
  );
  return wrong.map(({ trial, run_id }) =>
    pageFinding("trials.parquet", `trial ${trial}, run ${run_id}, is not what the ledger has`, {
      row: trial,
    })
  );
}

/** Whether the ledger's entry is of this trial: its run, how it ended, and the figures of its whole range or a part. */
function isOf({ runId, status, result }: StoredTrial, trial: TrialRecord): boolean {
  if (runId !== trial.run_id) return false;
  if (trial.status === "failed") return status === "failed" || status === "interrupted";
  const { figures } = result;
  if (!figures) return false;
  const width = TRIAL_FIGURES.length;
  const rows = Array.from({ length: figures.length / width }, (_, row) => row * width);
  return rows.some((from) =>
    TRIAL_FIGURES.every((name, place) => {
      const value = figures[from + place]!;
      return trial.figures[name] === (Number.isFinite(value) ? value : null);
    })
  );
}

/** The winner's run, computed again where it is stored. */
async function winnerAgain(
  { winner, trials: { count } }: ExperimentCard,
  root: string,
  options: VerifyOptions,
): Promise<Omit<Verification, "duration_ms">> {
  const run = winner?.run_id;
  const isStored = run !== undefined &&
    await stat(join(root, "runs", run)).then(() => true, () => false);
  if (!isStored) {
    return {
      ...{ run_id: run ?? "", verdict: "equal", findings: [], executed: false },
      ...{ files: 0, bytes: 0, data_root: null },
      notes: ["The winner's run is not stored: no trial was computed again"],
    };
  }
  const { duration_ms: _, ...verified } = await verify(run, options);
  const others = count === 1
    ? []
    : [`The winner is run ${run}; other trials were held against the ledger, not computed again`];
  return { ...verified, notes: [...verified.notes, ...others] };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function pageFinding(file: string, what: string, parts: Partial<Finding> = {}): Finding {
  return { kind: "artefact", file, ...parts, message: `${file}: ${what}` };
}
