import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../core/errors.ts";
import type { ExperimentCard } from "../core/experiment.ts";
import { sha256 } from "../core/hash.ts";
import { rankingLines, trialColumns, type TrialRecords, trialSchema } from "./experiment_table.ts";
import type { FileDigests } from "./ledger_experiments.ts";
import { encodeParquet } from "./parquet.ts";

/** Files in the folder of an experiment. Returns are there only where they are not too large. */
export const EXPERIMENT_FILES = {
  card: "experiment.json",
  trials: "trials.parquet",
  ranking: "summary.csv",
  search: "search.json",
  returns: "returns.f64",
} as const;

/** An experiment that is there and not as it was saved, told in one line with what to do. */
export class DamagedExperiment extends Refusal {}

/** How a damaged experiment is mended. */
export const WHAT_TO_DO = "remove the folder and run its search again: its trials are on record";

/** What an experiment says of itself: its card, every trial, and what was searched, which is plain JSON. */
export interface ExperimentContent {
  readonly card: ExperimentCard;
  readonly trials: TrialRecords;
  readonly search: unknown;
}

/** Every file of an experiment but its returns; the same content gives the same bytes. */
export async function experimentFiles(
  { card, trials, search }: ExperimentContent,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { card: cardFile, trials: trialsFile, ranking, search: searchFile } = EXPERIMENT_FILES;
  return new Map([
    [cardFile, encodedJson(card)],
    [trialsFile, await encodeParquet(trialSchema(card), trialColumns(card, trials))],
    [ranking, encodedLines(rankingLines(card, trials))],
    [searchFile, encodedJson(search)],
  ]);
}

/** The SHA-256 of each file, by name. */
export function digestsOf(files: ReadonlyMap<string, Uint8Array>): FileDigests {
  return Object.fromEntries([...files].map(([name, bytes]) => [name, sha256(bytes)]));
}

/** What of a folder is not as it was saved, a line each that begins with the name of the file. */
export async function changedFiles(
  folder: string,
  sealed: FileDigests | undefined,
): Promise<readonly string[]> {
  const name = EXPERIMENT_FILES.card;
  if (sealed === undefined) {
    return [`${name}: no entry of the ledger of trials says that it was saved`];
  }
  const names = Object.keys(sealed).sort();
  if (!names.includes(name)) return [`${name}: the ledger's entry of it was changed`];
  const found = await Promise.all(names.map(async (name) => {
    const bytes = await readFile(join(folder, name)).catch((error) => error.code as string);
    // Returns may go: whoever wants them computes their trials again.
    if (bytes === "ENOENT" && name === EXPERIMENT_FILES.returns) return undefined;
    if (typeof bytes === "string") return `${name}: it was saved and cannot be read`;
    return sha256(bytes) === sealed[name] ? undefined : `${name} was changed since it was saved`;
  }));
  return found.filter((line) => line !== undefined);
}

/** Refuses a folder that is not as it was saved, with exit code 3. */
export async function refuseChanged(
  folder: string,
  sealed: FileDigests | undefined,
): Promise<void> {
  const [first] = await changedFiles(folder, sealed);
  if (first === undefined) return;
  throw new DamagedExperiment(`Experiment ${folder}: ${first}; ${WHAT_TO_DO}`, { exitCode: 3 });
}

function encodedJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

/** Many lines as bytes, some at a time: texts take more memory than what they say. */
function encodedLines(lines: Iterable<string>): Uint8Array {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  let waiting = "";
  for (const line of lines) {
    waiting += line;
    if (waiting.length < 1 << 16) continue;
    parts.push(encoder.encode(waiting));
    waiting = "";
  }
  parts.push(encoder.encode(waiting));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
