import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { canonicalJson, sha256 } from "../core/hash.ts";
import { PROJECT_ROOT } from "./project.ts";

/** The code that decides a run's result: every module the sandbox loads, and the packages behind them. */
export interface CodeFingerprint {
  readonly fingerprint: string;
  /** Hash of each module by its path in the project. */
  readonly modules: Readonly<Record<string, string>>;
  /** Package and version, as locked. */
  readonly packages: readonly string[];
  readonly deno: string;
}

// `from "…"`, `import "…"` and `import("…")`: all that our own modules use.
const SPECIFIER = /\b(?:from|import)\s*\(?\s*"([^"]+)"/g;
const ENTRY = new URL("../engine/worker.ts", import.meta.url);

let known: Promise<CodeFingerprint> | undefined;

/** The fingerprint of the running code; read once in a process. */
export function codeFingerprint(): Promise<CodeFingerprint> {
  return known ??= compute();
}

async function compute(): Promise<CodeFingerprint> {
  const modules = new Map<string, string>();
  const bare = new Set<string>();
  const visit = async (url: URL): Promise<void> => {
    const name = relative(PROJECT_ROOT, fileURLToPath(url)).replaceAll("\\", "/");
    if (modules.has(name)) return;
    modules.set(name, "");
    const text = await readFile(url, "utf8");
    modules.set(name, sha256(text));
    const specifiers = [...text.matchAll(SPECIFIER)].map((match) => match[1]!);
    await Promise.all(specifiers.map((specifier) => {
      if (specifier.startsWith(".")) return visit(new URL(specifier, url));
      if (!specifier.startsWith("node:")) bare.add(specifier);
      return undefined;
    }));
  };
  await visit(ENTRY);
  const packages = await lockedPackages([...bare].sort());
  const hashes = Object.fromEntries([...modules].sort(([a], [b]) => a < b ? -1 : 1));
  const deno = Deno.version.deno;
  const fingerprint = sha256(canonicalJson({ modules: hashes, packages, deno }));
  return { fingerprint, modules: hashes, packages, deno };
}

interface Lock {
  readonly npm?: Readonly<
    Record<string, { readonly integrity?: string; readonly dependencies?: readonly string[] }>
  >;
}

/** The locked versions of these imports and of all that they depend on. */
async function lockedPackages(imports: readonly string[]): Promise<readonly string[]> {
  const readJson = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(new URL(`../../${name}`, import.meta.url), "utf8"));
  const { imports: map } = await readJson("deno.json") as { imports: Record<string, string> };
  const { npm = {} } = await readJson("deno.lock") as Lock;
  const locked = new Set<string>();
  const add = (name: string) => {
    const key = npm[name] ? name : Object.keys(npm).find((other) => other.startsWith(`${name}@`));
    if (key === undefined) throw new RangeError(`Package ${name} is not in deno.lock`);
    if (locked.has(key)) return;
    locked.add(key);
    for (const dependency of npm[key]!.dependencies ?? []) add(dependency);
  };
  for (const specifier of imports) {
    const target = map[specifier];
    // A package that went unnoticed could change results under an unchanged fingerprint.
    if (!target?.startsWith("npm:")) {
      throw new RangeError(`"${specifier}" is no package of the import map in deno.json`);
    }
    add(target.slice("npm:".length));
  }
  return [...locked].sort();
}
