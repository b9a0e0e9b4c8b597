import { stat } from "node:fs/promises";

/** A text that changes whenever the file does, without reading it; undefined when there is no such file. */
export async function fileVersion(file: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** Whether there is such a file. */
export async function fileExists(file: string): Promise<boolean> {
  return await fileVersion(file) !== undefined;
}
