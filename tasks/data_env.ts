import { readFile } from "node:fs/promises";
import { DATA_KEY_NAMES, Refusal } from "../lib/mod.ts";

/**
 * Keys of data sources: from the environment, else from a file of lines `KEY=VALUE` (`#` begins a comment line, quotes
 * around a value are dropped). Other variables of the file are passed over. Nothing of it is ever printed.
 */
export async function readKeys(file: string): Promise<Readonly<Record<string, string>>> {
  const fromFile = parseEnv(await textOf(file), file);
  const keys: Record<string, string> = {};
  for (const name of DATA_KEY_NAMES) {
    const value = Deno.env.get(name) || fromFile.get(name);
    if (value) keys[name] = value;
  }
  return keys;
}

/** Variables of an `.env` text. Refuses a line that is none, by its number only: it may hold a key. */
export function parseEnv(text: string, file: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [i, raw] of text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const match = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/.exec(line);
    if (!match) {
      throw new Refusal(`${file}:${i + 1}: found a line that is no variable, expected KEY=VALUE`);
    }
    const value = match[2]!;
    const quoted = /^(["'])(.*)\1$/.exec(value);
    found.set(match[1]!, quoted ? quoted[2]! : value);
  }
  return found;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw new Refusal(`Cannot read ${file}: ${error instanceof Error ? error.message : error}`);
  }
}
