import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Disk, localDisk, writeFileAtomically } from "../core/atomic_file.ts";
import type { Millis } from "../core/bars.ts";
import { formatTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import { holdLock, type Release, tryHoldLock } from "../core/file_lock.ts";
import { placeOf } from "./places.ts";

/** Folder of the locks of a data root, made when it is not there. */
export async function lockFolder(root: string): Promise<string> {
  const folder = join(root, ".locks");
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal(`Cannot write ${folder}: ${reason}`, { cause });
  }
  return folder;
}

/**
 * Holds a data file alone among all processes. Refuses at once when another one updates it, unless it is said to wait.
 */
export async function lockFile(
  root: string,
  file: string,
  options: { wait?: boolean } = {},
): Promise<Release> {
  const name = placeOf(root, file).replaceAll("/", "_");
  const lock = join(await lockFolder(root), `${name}.lock`);
  const release = options.wait ? await holdLock(lock) : await tryHoldLock(lock);
  if (release) return release;
  throw new Refusal(
    `Cannot update ${file}: found another update of it at work, expected to be alone; wait until it is done`,
  );
}

/** Removes what writers of a file left behind when they were killed; call it only while the file is locked. */
export async function removeLeftovers(file: string): Promise<void> {
  const folder = dirname(file);
  const names = await readdir(folder).catch(() => []);
  const left = names.filter((name) =>
    name.startsWith(`.${basename(file)}.`) && name.endsWith(".tmp")
  );
  for (const name of left) await rm(join(folder, name), { force: true });
}

/** Keeps a file that is about to be replaced, beside it under the time of its replacement; returns its new place. */
export async function keepOld(
  file: string,
  now: Millis,
  options: { disk?: Disk } = {},
): Promise<string> {
  const copy = `${file}.before-${formatTime(now).replace(/[-:]|\.\d+/g, "")}`;
  const bytes = new Uint8Array(await readFile(file));
  await writeFileAtomically(copy, bytes, options.disk ?? localDisk);
  return copy;
}
