import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pid } from "node:process";
import { Refusal } from "./errors.ts";

/** What an atomic write asks of a file system; a test puts a failing one in its place. */
export interface Disk {
  /** Makes a folder and its parents; content when it is there already. */
  makeFolder(folder: string): Promise<void>;
  /** Writes the whole file and returns only when the bytes are on the disk. */
  writeSynced(file: string, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Returns when the names in the folder, and so a rename in it, are on the disk. */
  syncFolder(folder: string): Promise<void>;
  /** Removes a file; content when there is none. */
  remove(file: string): Promise<void>;
}

/** The machine's own file system. */
export const localDisk: Disk = {
  async makeFolder(folder) {
    await mkdir(folder, { recursive: true });
  },
  async writeSynced(file, bytes) {
    const handle = await open(file, "w");
    try {
      for (let written = 0; written < bytes.length;) {
        const { bytesWritten } = await handle.write(bytes, written, bytes.length - written);
        written += bytesWritten;
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  rename,
  async syncFolder(folder) {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  async remove(file) {
    await rm(file, { force: true });
  },
};

let writes = 0;

/**
 * Replaces a file as a whole: whoever reads, and whatever stops, sees the old bytes or the new ones, never a part.
 * Refuses when the disk does, with the old file left as it was.
 */
export async function writeFileAtomically(
  file: string,
  bytes: Uint8Array,
  disk: Disk = localDisk,
): Promise<void> {
  const folder = dirname(file);
  // Same folder, since a rename is atomic only within one file system; process and count keep writers apart.
  const temporary = join(folder, `.${basename(file)}.${pid}-${++writes}.tmp`);
  try {
    await disk.makeFolder(folder);
    await disk.writeSynced(temporary, bytes);
    await disk.rename(temporary, file);
    await disk.syncFolder(folder);
  } catch (cause) {
    await disk.remove(temporary).catch(() => {}); // the first failure is the one to tell
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal(`Cannot write ${file}: ${reason}`, { cause });
  }
}
