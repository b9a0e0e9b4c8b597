import { statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../../core/errors.ts";
import { tryHoldLock } from "../../core/file_lock.ts";

/** The right to trade an account, held by one process of this machine (FR-055). */
export interface Lease {
  /** Whether it is still ours: nobody removed the file under us. Asked before every request. */
  isHeld(): boolean;
  release(): Promise<void>;
}

/** Takes `locks/<venue>-<account>.lock` under the state folder; refuses when another process has it. */
export async function takeLease(
  folder: string,
  { venue, account }: { readonly venue: string; readonly account: string },
): Promise<Lease> {
  const locks = join(folder, "locks");
  const file = join(locks, `${venue}-${account}.lock`);
  await mkdir(locks, { recursive: true });
  const release = await tryHoldLock(file);
  if (!release) {
    throw new Refusal(`Cannot trade account ${account} at ${venue}: another process holds ${file}`);
  }
  const inode = inodeOf(file);
  let isReleased = false;
  return {
    isHeld: () => !isReleased && inode !== undefined && inodeOf(file) === inode,
    async release() {
      if (isReleased) return;
      isReleased = true;
      await release();
    },
  };
}

function inodeOf(file: string): number | undefined {
  try {
    return statSync(file).ino;
  } catch {
    return undefined; // gone, and with it the lease
  }
}
