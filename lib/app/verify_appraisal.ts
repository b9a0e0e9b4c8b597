import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { pid } from "node:process";
import { systemClock } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import type { ExperimentCard } from "../core/experiment.ts";
import {
  EXPERIMENT_FILES,
  experimentFiles,
  experimentStore,
  jsonDifferences,
  openDatabase,
  type ResultsDatabase,
  type StoredExperiment,
} from "../results/mod.ts";
import { codeFingerprint, searchFingerprint } from "./code_fingerprint.ts";
import { loadData } from "./load_data.ts";
import { appraiseTrials } from "./optimize/optimize.ts";
import { experimentIdOf } from "./optimize/experiment_id.ts";
import { beginSearch } from "./optimize/run_trials.ts";
import { bestOf } from "./optimize/save_best.ts";
import { type Searched, searched, searchedAgain } from "./optimize/searched.ts";
import { databaseFile } from "./trial.ts";
import type { VerifyOptions } from "./verify.ts";
import { unreadableData } from "./verify_data.ts";
import type { Finding } from "./verify_finding.ts";

/** What became of appraising an experiment again. */
export interface AppraisalCheck {
  readonly findings: readonly Finding[];
  /** Whether it came to that: not with other code or other data. */
  readonly appraised: boolean;
}

/**
 * Appraises a finished experiment again: trials as the ledger has them, their returns where they are kept (else the trials are
 * run again, and nothing is written down of it), then ranking, plateaus, front, tests and validation. Every byte of its files
 * must come out again.
 */
export async function appraisalFindings(
  stored: StoredExperiment,
  root: string,
  options: VerifyOptions,
): Promise<AppraisalCheck> {
  const { id, card } = stored;
  const store = experimentStore(root);
  const experiment = searchedAgain(await store.search(id) as Searched, options);
  const { clock = systemClock, signal } = options;
  try {
    const [data, code, searching] = await Promise.all([
      loadData(experiment.loaded),
      options.code ?? codeFingerprint(),
      searchFingerprint(),
    ]);
    const found = {
      id: experimentIdOf(experiment, { data: data.fingerprint, code, searching }),
      data: data.fingerprint,
      code: code.fingerprint,
    };
    const other = otherGround(card, found);
    if (other.length > 0) return { findings: other, appraised: false };
    const database = await openDatabase(databaseFile(root));
    const fileId = `${id}-verify-${pid}`;
    const work = {
      ...{ experiment, data, code, id, store, database: onlyRead(database), clock, root },
      options: {
        ...(options.threads ? { workers: options.threads } : { workers: 1 }),
        ...(signal ? { signal } : {}),
        takesCutShort: true,
      },
    };
    try {
      const findings = await appraiseTrials(work, beginSearch(experiment), {
        fileId,
        async use({ card, records }) {
          const best = bestOf(records, experiment.search.optimization.save_top_n);
          const files = await experimentFiles({
            card: { ...card, saved: best.map(({ run_id }) => run_id) },
            trials: records,
            search: searched(experiment),
          });
          return await differences(stored.folder, files);
        },
      });
      return { findings, appraised: true };
    } finally {
      database.close();
      await rm(join(root, "experiments", `.returns-${fileId}`), { force: true });
    }
  } catch (error) {
    if (!(error instanceof Refusal) || signal?.aborted) throw error;
    return { findings: [unreadableData(error.message)], appraised: false };
  }
}

/** How the ground differs that the experiment stood on. */
function otherGround(
  card: ExperimentCard,
  found: { readonly id: string; readonly data: string; readonly code: string },
): readonly Finding[] {
  const differs = (kind: Finding["kind"], what: string, expected: string, found: string) =>
    expected === found ? [] : [{ kind, expected, found, message: `${what} since it was made` }];
  const named = [
    ...differs("data", "the data have changed", card.data_fingerprint, found.data),
    ...differs("code", "the code of its trials has changed", card.code_fingerprint, found.code),
  ];
  if (named.length > 0) return named;
  return differs(
    "code",
    "its search or the code that judges it has changed",
    card.experiment_id,
    found.id,
  );
}

/** The record as it is: what is computed again leaves no trace on it. */
function onlyRead(database: ResultsDatabase): ResultsDatabase {
  return {
    ...database,
    beginTrials() {
      throw new Refusal("its trials are not all on record");
    },
    finishTrials() {},
  };
}

/** Files that do not come out again; the search itself is what it was computed from. */
async function differences(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [file, bytes] of files) {
    if (file === EXPERIMENT_FILES.search) continue;
    const found = await readFile(join(folder, file));
    if (found.equals(bytes)) continue;
    if (file !== EXPERIMENT_FILES.card) {
      findings.push({ kind: "artefact", file, message: `${file} does not come out again` });
      continue;
    }
    const [was, is] = [found, bytes].map((text) => JSON.parse(new TextDecoder().decode(text)));
    findings.push(
      ...jsonDifferences(was, is).map(({ message, ...where }): Finding => ({
        ...{ kind: "card", file, ...where },
        message: `${file}: ${message}`,
      })),
    );
  }
  return findings;
}
