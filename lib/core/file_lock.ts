/** Gives a lock back. */
export type Release = () => Promise<void>;

/**
 * Holds the lock named by `file` (its folder exists), alone among all processes; the system takes it back from a process
 * that dies. `onWait` is called once if somebody else holds it.
 */
export async function holdLock(file: string, onWait: () => void = () => {}): Promise<Release> {
  for (let waited = false;;) {
    const handle = await openLock(file);
    if (!await handle.tryLock(true)) {
      if (!waited) onWait();
      waited = true;
      await handle.lock(true);
    }
    if (await isNamed(handle)) return releaseOf(handle, file);
    handle.close();
  }
}

/** The lock if nobody holds it, else undefined. */
export async function tryHoldLock(file: string): Promise<Release | undefined> {
  const handle = await openLock(file);
  if (await handle.tryLock(true) && await isNamed(handle)) return releaseOf(handle, file);
  handle.close();
  return undefined;
}

function openLock(file: string): Promise<Deno.FsFile> {
  return Deno.open(file, { create: true, write: true });
}

/** Whether the file still has its name: whoever held it before has removed it, and others lock a newer one. */
async function isNamed(handle: Deno.FsFile): Promise<boolean> {
  return (await handle.stat()).nlink !== 0;
}

function releaseOf(handle: Deno.FsFile, file: string): Release {
  return async () => {
    // Removed while it is held, so that it is nobody else's yet.
    await Deno.remove(file).catch(() => {});
    handle.close();
  };
}
