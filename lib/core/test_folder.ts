import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Lends a test an empty folder (its path ends in "/") that git ignores, and removes it afterwards. */
export async function inTestFolder(action: (folder: string) => Promise<void>): Promise<void> {
  // Inside the project, since tests may write nowhere else.
  const home = fileURLToPath(new URL("../../results/.test/", import.meta.url));
  await mkdir(home, { recursive: true });
  const folder = await mkdtemp(`${home}run-`);
  try {
    await action(`${folder}/`);
  } finally {
    await rm(folder, { recursive: true });
  }
}
