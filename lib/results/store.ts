import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { pid } from "node:process";
import { type Disk, localDisk } from "../core/atomic_file.ts";
import { Refusal } from "../core/errors.ts";
import { holdLock, tryHoldLock } from "../core/file_lock.ts";
import { sha256 } from "../core/hash.ts";
import { CARD_FILE, type FinishedRun, runFiles } from "./artefacts.ts";
import { parseCard, type RunCard } from "./run_card.ts";

/** A run in its folder, never changed once it is there. */
export interface StoredRun {
  readonly id: string;
  readonly folder: string;
  readonly card: RunCard;
}

/** What saving did: the run is new, or it was there and the same bytes came out again. */
export interface SavedRun extends StoredRun {
  readonly outcome: "saved" | "confirmed";
}

/** Runs under a results folder: `runs/<id>/`, and one lock for each that is being made. */
export interface RunStoreOnDisk {
  /** The run, or undefined; refuses a folder whose card is damaged. */
  find(id: string): Promise<StoredRun | undefined>;
  /**
   * Stores a run in one step. When it is there already its bytes must come out the same; else it stays as it was, the
   * new one is laid beside it as `<id>.different`, and the request is refused.
   */
  save(id: string, run: FinishedRun): Promise<SavedRun>;
  /** Does `work` while no other process does any for the same run; `onWait` is called if one does. */
  exclusive<Result>(
    id: string,
    work: () => Promise<Result>,
    options?: { readonly onWait?: () => void },
  ): Promise<Result>;
  /** Removes what this process is writing, and what dead ones left; called at the start and on interruption. */
  cleanUp(): Promise<void>;
  /** The one id that begins with `prefix`; refuses none and several. `or` is what else of that name was looked for. */
  resolve(prefix: string, options?: { readonly or?: string }): Promise<string>;
}

const RUN_ID = /^[0-9a-f]{16}$/;
const TEMPORARY = /^\.tmp-([0-9a-f]{16})-/;

let saves = 0;

/** The runs under `root`. Nothing is made there before something is stored. */
export function runStore(root: string, options: { readonly disk?: Disk } = {}): RunStoreOnDisk {
  const disk = options.disk ?? localDisk;
  const runs = join(root, "runs");
  const locks = join(root, "locks");
  const lockFile = (id: string) => join(locks, `${id}.lock`);
  const held = new Set<string>();
  const own = new Set<string>();

  async function find(id: string): Promise<StoredRun | undefined> {
    const folder = join(runs, id);
    const file = join(folder, CARD_FILE);
    const text = await readIfThere(file, folder);
    if (text === undefined) return undefined;
    const card = parseCard(text, id, file);
    await refuseDamage(folder, card);
    return { id, folder, card };
  }

  async function exclusive<Result>(
    id: string,
    work: () => Promise<Result>,
    { onWait }: { readonly onWait?: () => void } = {},
  ): Promise<Result> {
    const release = await refusing(`Cannot lock run ${id} in ${locks}`, async () => {
      await disk.makeFolder(locks);
      return await holdLock(lockFile(id), onWait);
    });
    held.add(id);
    try {
      return await work();
    } finally {
      held.delete(id);
      await release();
    }
  }

  async function save(id: string, run: FinishedRun): Promise<SavedRun> {
    if (!RUN_ID.test(id)) throw new RangeError(`A run id is 16 hex digits, found "${id}"`);
    if (!held.has(id)) return await exclusive(id, () => save(id, run));
    const { card, files } = await runFiles(id, run);
    const folder = join(runs, id);
    if (await exists(folder)) {
      const odd = await firstDifference(folder, files);
      if (odd !== undefined) {
        await lay(id, `${folder}.different`, files);
        throw await different(folder, odd);
      }
      return { id, folder, card, outcome: "confirmed" };
    }
    await lay(id, folder, files);
    return { id, folder, card, outcome: "saved" };
  }

  /** Writes a folder beside its place and moves it there, so that it is never seen half. */
  async function lay(id: string, folder: string, files: ReadonlyMap<string, Uint8Array>) {
    const temporary = join(runs, `.tmp-${id}-${pid}-${++saves}`);
    own.add(temporary);
    try {
      await refusing(`Cannot save run ${id} in ${runs}`, async () => {
        await disk.makeFolder(temporary);
        await allDone(
          [...files].map(([name, bytes]) => disk.writeSynced(join(temporary, name), bytes)),
        );
        await disk.syncFolder(temporary);
        if (folder.endsWith(".different")) await removeFolder(folder);
        await disk.rename(temporary, folder);
        await disk.syncFolder(runs);
      });
    } finally {
      await removeFolder(temporary);
      own.delete(temporary);
    }
  }

  async function cleanUp(): Promise<void> {
    for (const folder of own) await removeFolder(folder);
    for (const name of await namesIn(runs)) {
      const id = TEMPORARY.exec(name)?.[1];
      if (id === undefined || held.has(id)) continue;
      await refusing(`Cannot remove ${join(runs, name)}`, async () => {
        await disk.makeFolder(locks);
        const release = await tryHoldLock(lockFile(id));
        if (release === undefined) return; // somebody is writing it
        await removeFolder(join(runs, name));
        await release();
      });
    }
  }

  async function resolve(prefix: string, { or }: { readonly or?: string } = {}): Promise<string> {
    if (prefix === "") {
      throw new Refusal('Run "": found nothing, expected a run id or its beginning');
    }
    const ids = (await namesIn(runs)).filter((name) => RUN_ID.test(name)).sort();
    const matches = ids.filter((id) => id.startsWith(prefix));
    if (matches.length === 1) return matches[0]!;
    throw new Refusal(
      matches.length === 0
        ? `No run "${prefix}" among the ${ids.length} in ${runs}` +
          (or === undefined ? "" : `, and no ${or} of that name`)
        : `Run "${prefix}" is ambiguous: ${matches.slice(0, 5).join(", ")}${
          matches.length > 5 ? " and more" : ""
        }`,
    );
  }

  return { find, save, exclusive, cleanUp, resolve };
}

/** Every file must still be what the card says it is. */
async function refuseDamage(folder: string, card: RunCard): Promise<void> {
  // order: as the card lists its files
  for (const [name, hash] of Object.entries(card.artefacts)) {
    const file = join(folder, name);
    const bytes = await readFile(file).catch(() => undefined);
    if (bytes !== undefined && sha256(bytes) === hash) continue;
    const found = bytes === undefined ? "is missing" : "was changed or damaged since it was stored";
    throw new Refusal(`${file} ${found}; remove ${folder} and run again`);
  }
}

/** The first file, by name, that is not the same in `folder`; undefined when all are. */
async function firstDifference(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<string | undefined> {
  // The card holds the hashes of the others, so it differs whenever one does, and comes last.
  const names = [...files.keys()].sort((a, b) =>
    Number(a === CARD_FILE) - Number(b === CARD_FILE) || (a < b ? -1 : 1)
  );
  for (const name of names) {
    const stored = await readFile(join(folder, name)).catch(() => undefined);
    if (stored === undefined || !stored.equals(files.get(name)!)) return name;
  }
  return undefined;
}

/** Why a stored run and a new one differ: the stored file was changed, or the run is not deterministic. */
async function different(folder: string, name: string): Promise<Refusal> {
  const kept = `the stored run is kept and the new one is in ${folder}.different`;
  const file = join(folder, name);
  try {
    const card: Partial<RunCard> = JSON.parse(await readFile(join(folder, CARD_FILE), "utf8"));
    const hash = sha256(await readFile(file));
    if (name === CARD_FILE || card.artefacts?.[name] === hash) {
      return new Refusal(
        `The same request gave a different ${name} than before: ${kept}; this is a defect of the program`,
      );
    }
  } catch {
    // A card or file that cannot be read was damaged, like one whose hash is wrong.
  }
  return new Refusal(
    `${file} was changed or damaged since it was stored: ${kept}; remove ${folder} to accept that`,
  );
}

async function readIfThere(file: string, folder: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw refusalOf(`Cannot read ${file}`, error);
    if (!await exists(folder)) return undefined;
    throw new Refusal(`Cannot read ${file}: it is missing; remove ${folder} and run again`);
  }
}

async function exists(folder: string): Promise<boolean> {
  try {
    await readdir(folder);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw refusalOf(`Cannot read ${folder}`, error);
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw refusalOf(`Cannot read ${folder}`, error);
  }
}

async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Waits for every one even when some fail, so that nothing is still written while the rest is removed. */
async function allDone(promises: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(promises)).find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}

async function refusing<Result>(action: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw refusalOf(action, cause);
  }
}

function refusalOf(action: string, cause: unknown): Refusal {
  const message = cause instanceof Error ? cause.message.split("\n", 1)[0] : String(cause);
  return new Refusal(`${action}: ${message}`, { cause });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
