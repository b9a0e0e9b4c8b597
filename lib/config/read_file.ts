import { readFile, stat } from "node:fs/promises";
import { Refusal } from "../core/errors.ts";

/** Bytes. Checked before parsing: a parser's time may grow faster than its input. */
export const MAX_FILE_BYTES = 64 * 1024;

/** The text of a configuration file; messages call it `name`. Throws Refusal when there is none to be had. */
export async function readConfigFile(path: string | URL, name: string): Promise<string> {
  const bytes = await readSmallFile(path, name);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal(`${name}: found bytes that are not UTF-8, expected UTF-8 text`);
  }
}

async function readSmallFile(path: string | URL, name: string): Promise<Uint8Array> {
  try {
    const file = await stat(path);
    if (file.isDirectory()) throw new Refusal(`${name}: found a directory, expected a YAML file`);
    if (!file.isFile()) throw new Refusal(`${name}: found no regular file, expected a YAML file`);
    if (file.size > MAX_FILE_BYTES) {
      throw new Refusal(`${name}: found ${file.size} bytes, expected at most ${MAX_FILE_BYTES}`);
    }
    return await readFile(path);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const code = errorCode(error);
    const found = code === "ENOENT" ? "found no such file" : `found no way to read it (${code})`;
    throw new Refusal(`${name}: ${found}, expected a YAML file`, { cause: error });
  }
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return (error as Error & { code?: string }).code ?? error.name;
}

/** Whether there is something at `path`. Errors other than its absence are left to the reading. */
export async function exists(path: string | URL): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    return errorCode(error) !== "ENOENT";
  }
}
