import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Lends a test an empty folder (its path ends in "/") that git ignores, and removes it afterwards. */
export async function inTestFolder<Result>(
  action: (folder: string) => Promise<Result>,
): Promise<Result> {
  // Inside the project, since tests may write nowhere else.
  const home = fileURLToPath(new URL("../../results/.test/", import.meta.url));
  await mkdir(home, { recursive: true });
  const folder = await mkdtemp(`${home}run-`);
  try {
    return await action(`${folder}/`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The same in memory, where the machine has a place for that and the process may write there: nothing waits for a disk. */
export async function inMemoryFolder(action: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp("/dev/shm/assay-").catch(() => undefined);
  if (folder === undefined) return await inTestFolder(action);
  try {
    await action(`${folder}/`);
  } finally {
    await rm(folder, { recursive: true });
  }
}
