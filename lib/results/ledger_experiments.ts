import type { DatabaseSync } from "node:sqlite";
import type { Millis } from "../core/bars.ts";
import type { ExperimentCard } from "../core/experiment.ts";
import { canonicalJson } from "../core/hash.ts";
import { inTransaction } from "../core/transaction.ts";
import { wallTime } from "./database_sql.ts";
import { appendEntry } from "./ledger.ts";

/** Of a saved experiment: the SHA-256 of each of its files, by name. */
export type FileDigests = Readonly<Record<string, string>>;

/** An experiment that was saved, as the chain has it. */
export interface SealedExperiment {
  readonly seq: number;
  readonly name: string;
  readonly files: FileDigests;
}

/** Puts the files of an experiment on the chain; nothing where its newest entry says the same already. */
export function sealExperiment(
  database: DatabaseSync,
  { experiment_id, name, family, data_set }: ExperimentCard,
  { files, at }: { readonly files: FileDigests; readonly at: Millis },
): void {
  inTransaction(database, () => {
    const digest = canonicalJson(files);
    const before = selectSealed(database, experiment_id);
    if (before && canonicalJson(before.files) === digest) return;
    appendEntry(database, () => ({
      kind: "experiment",
      written_at: wallTime(at),
      ...{ family, data_set, experiment: name, experiment_id },
      // order: only how many
      count: Object.keys(files).length,
      digest,
    }));
  });
}

/** What the newest entry says of an experiment's files; undefined where it was never saved. */
export function selectSealed(
  database: DatabaseSync,
  experimentId: string,
): SealedExperiment | undefined {
  const row = database.prepare(
    "SELECT seq, experiment, digest FROM ledger WHERE kind = 'experiment' AND experiment_id = ? " +
      "ORDER BY seq DESC LIMIT 1",
  ).get(experimentId);
  return row &&
    { seq: Number(row.seq), name: String(row.experiment), files: parsed(String(row.digest)) };
}

/** Of every experiment what its newest entry says of its files, by id. */
export function selectAllSealed(database: DatabaseSync): ReadonlyMap<string, FileDigests> {
  const rows = database.prepare(
    "SELECT experiment_id, digest FROM ledger WHERE kind = 'experiment' ORDER BY seq",
  ).all();
  return new Map(rows.map((row) => [String(row.experiment_id), parsed(String(row.digest))]));
}

function parsed(text: string): FileDigests {
  try {
    return JSON.parse(text) as FileDigests;
  } catch {
    return {}; // an entry that was changed covers no file
  }
}
