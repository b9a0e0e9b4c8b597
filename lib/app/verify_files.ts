import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { CARD_FILE, compareFiles, type FileDifference, jsonDifferences } from "../results/mod.ts";
import { cardFinding } from "./verify_card.ts";
import type { Finding } from "./verify_finding.ts";

type Files = ReadonlyMap<string, Uint8Array>;
type Hashes = Readonly<Record<string, string>>;

/** The files of a folder, and the names in it that are no files. Refuses a folder that cannot be read. */
export async function filesIn(
  folder: string,
): Promise<{ files: ReadonlyMap<string, Uint8Array>; strangers: readonly string[] }> {
  const files = new Map<string, Uint8Array>();
  const strangers: string[] = [];
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
      if (entry.isFile()) files.set(entry.name, await readFile(join(folder, entry.name)));
      else strangers.push(entry.name);
    }
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split("\n", 1)[0] : String(cause);
    throw new Refusal(`Cannot read ${folder}: ${message}`, { cause });
  }
  return { files, strangers };
}

/** Files that are missing or are not what the card says, by their hashes alone. */
export function damagedFiles(files: Files, artefacts: Hashes): readonly Finding[] {
  return Object.entries(artefacts).flatMap(([file, expected]) => {
    const bytes = files.get(file);
    if (bytes === undefined) return [missing(file)];
    const found = sha256(bytes);
    if (found === expected) return [];
    const message =
      `${file} is not what the card says: found SHA-256 ${found}, expected ${expected}`;
    return [{ kind: "artefact", file, message, expected, found }];
  });
}

/** What lies in the folder and is no part of the run. */
export function artefactFindings(
  files: Files,
  strangers: readonly string[],
  artefacts: Hashes,
): readonly Finding[] {
  const names = [...files.keys()].filter((name) =>
    name !== CARD_FILE && !Object.hasOwn(artefacts, name)
  );
  return [...names, ...strangers].map((file) => ({
    kind: "artefact",
    file,
    message: `${JSON.stringify(file)} lies in the folder and is no part of the run`,
  }));
}

/** Every stored file against the one that came out now: where the first difference is. */
export async function comparedFiles(
  stored: Files,
  again: Files,
  { artefacts, cardFindings }: { artefacts: Hashes; cardFindings: readonly Finding[] },
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [file, expected] of again) {
    if (file === CARD_FILE) continue;
    const found = stored.get(file);
    const difference = found ? await compareFiles(file, found, expected) : undefined;
    if (found === undefined) findings.push(missing(file));
    else if (difference) {
      findings.push(changed(file, difference, sha256(found) === artefacts[file]));
    }
  }
  for (const file of Object.keys(artefacts)) {
    if (again.has(file)) continue;
    findings.push({ kind: "artefact", file, message: `${file} does not come out again` });
  }
  const card = stored.get(CARD_FILE)!;
  return [...findings, ...cardDifferences(card, again.get(CARD_FILE)!, cardFindings)];
}

/** Key paths of the card that came out otherwise, without those that are told of already. */
function cardDifferences(
  stored: Uint8Array,
  again: Uint8Array,
  known: readonly Finding[],
): readonly Finding[] {
  const [found, expected] = [stored, again].map((bytes) => new TextDecoder().decode(bytes));
  if (found === expected) return [];
  const differences = jsonDifferences(JSON.parse(found!), JSON.parse(expected!));
  if (differences.length > 0) {
    return differences.filter(({ column }) => !known.some((one) => one.column === column))
      .map((difference) => cardFinding(difference.message, difference));
  }
  if (known.length > 0) return [];
  const lines = expected!.split("\n");
  const row = found!.split("\n").findIndex((line, place) => line !== lines[place]) + 1;
  return [cardFinding(`line ${row}: the keys stand in another order`, { row })];
}

function missing(file: string): Finding {
  return { kind: "artefact", file, message: `${file} is missing` };
}

/** A file that fits its card and does not come out again is no damage: the program is to blame. */
function changed(file: string, difference: FileDifference, fits: boolean): Finding {
  const why = fits ? "does not come out again" : "was changed since it was stored";
  return {
    kind: "artefact",
    file,
    ...difference,
    message: `${file} ${why}: ${difference.message}`,
  };
}
