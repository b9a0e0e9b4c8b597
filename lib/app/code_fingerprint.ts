import { readFile } from "node:fs/promises";
import { posix, resolve } from "node:path";
import { canonicalJson, sha256 } from "../core/hash.ts";
import { PROJECT_ROOT } from "./project.ts";
import { type ModuleImports, sandboxImports } from "./sandbox_imports.ts";

/** The code that decides a run's result: every module the sandbox loads, and the packages behind them. */
export interface CodeFingerprint {
  readonly fingerprint: string;
  /** Hash of the code that turns a record into figures and files: a run is those, too. */
  readonly artefacts: string;
  /** Hash of each module by its path in the project. */
  readonly modules: Readonly<Record<string, string>>;
  /** Package and version, as locked. */
  readonly packages: readonly string[];
  readonly deno: string;
  /** Hash of the code that proves things of a run, and leaves no trace in it. */
  readonly proofs: string;
  /** What `artefacts` covers. */
  readonly written: {
    readonly modules: Readonly<Record<string, string>>;
    readonly packages: readonly string[];
  };
}

const ENTRY = "lib/engine/worker.ts";
const ARTEFACT_ENTRY = "lib/results/artefacts.ts";
const PROOF_ENTRIES = ["lib/engine/prove.ts", "lib/results/envelope.ts", "lib/results/luck.ts"];
const SEARCH_ENTRIES = [
  "lib/engine/search/halving.ts",
  "lib/engine/search/objective.ts",
  "lib/engine/search/windowed.ts",
  "lib/engine/sweep/holding.ts",
  "lib/engine/sweep/serve_sweep.ts",
  "lib/engine/sweep/sweep_statistics.ts",
  "lib/engine/sweep/walk.ts",
  "lib/learn/overlaps.ts",
  "lib/learn/splits.ts",
  "lib/learn/walk_forward.ts",
  "lib/app/optimize/appraise.ts",
];
/** Modules whose text decides what a search tries and what its card says; what they import is covered otherwise or decides neither. */
const SEARCH_MODULES = [
  ...["cross_validate", "hold_returns", "make_card", "proposals", "purge", "run_trials"],
  ...["save_best", "sweep_parts", "traded", "trial_maker", "validate_sweep"],
].map((name) => `lib/app/optimize/${name}.ts`);
/** They go over a run that is finished, run many, or decide beside any: another audit or search makes no other run. */
const BESIDE_RUNS = /^lib\/engine\/(audit\/|sweep\/|trading\/|envelope\w*\.ts|prove\.ts)/;
/** Modules of this house whose text decides what a card says; what they import is covered otherwise or only types. */
const CARD_MODULES = ["lib/app/card_parts.ts", "lib/app/card_plan.ts"];
// `from "…"`, `import "…"` and `import("…")`: all that our own modules use.
const SPECIFIER = /\b(?:from|import)\s*\(?\s*"([^"]+)"/g;

let known: Promise<CodeFingerprint> | undefined;

/** The fingerprint of the running code; read once in a process. Refuses code that could lead out of the sandbox. */
export function codeFingerprint(): Promise<CodeFingerprint> {
  return known ??= compute();
}

/** Hash of the code that decides which trials a search runs and what it makes of them. */
export async function searchFingerprint(): Promise<string> {
  return sha256(canonicalJson(await searchModules()));
}

/** The hash of each module of that code, by its path in the project. */
export async function searchModules(): Promise<Readonly<Record<string, string>>> {
  const texts = sourceTexts();
  const { modules } = await moduleGraph(SEARCH_ENTRIES, ownImports, texts);
  return { ...modules, ...await hashesOf(SEARCH_MODULES, texts) };
}

async function hashesOf(
  names: readonly string[],
  texts: SourceTexts,
): Promise<Readonly<Record<string, string>>> {
  const hashes = await Promise.all(names.map(async (name) => [name, (await texts(name)).hash]));
  return Object.fromEntries(hashes);
}

/** Hash of all the code that a decision of a trading session is made by: whatever the worker loads, and its packages. */
export async function decisionFingerprint(): Promise<string> {
  const { modules, bare } = await moduleGraph([ENTRY], sandboxImports, sourceTexts());
  const packages = await lockedPackages(bare);
  return sha256(canonicalJson({ modules, packages, deno: Deno.version.deno }));
}

async function compute(): Promise<CodeFingerprint> {
  const texts = sourceTexts();
  const loaded = await moduleGraph([ENTRY], sandboxImports, texts);
  const modules = Object.fromEntries(
    Object.entries(loaded.modules).filter(([name]) => !BESIDE_RUNS.test(name)),
  );
  const packages = await lockedPackages(loaded.bare);
  const deno = Deno.version.deno;
  const fingerprint = sha256(canonicalJson({ modules, packages, deno }));
  const writing = await moduleGraph([ARTEFACT_ENTRY], ownImports, texts);
  const written = {
    modules: { ...await hashesOf(CARD_MODULES, texts), ...writing.modules },
    packages: await lockedPackages(writing.bare),
  };
  const artefacts = sha256(canonicalJson(written));
  const proving = await moduleGraph(PROOF_ENTRIES, ownImports, texts);
  const proofs = sha256(canonicalJson(proving.modules));
  return { fingerprint, artefacts, proofs, modules, packages, deno, written };
}

/** The text of a module of the project by its path, and its hash. */
export type SourceTexts = (
  name: string,
) => Promise<{ readonly text: string; readonly hash: string }>;

/** Texts that are read and hashed once, however many graphs they are part of. */
export function sourceTexts(root: string = PROJECT_ROOT): SourceTexts {
  const known = new Map<string, ReturnType<SourceTexts>>();
  const read = async (name: string) => {
    const text = await readFile(resolve(root, name), "utf8");
    return { text, hash: sha256(text) };
  };
  return (name) => {
    const source = known.get(name) ?? read(name);
    known.set(name, source);
    return source;
  };
}

/** The hash of every module that these lead to, by path, and the packages they name. */
export async function moduleGraph(
  entries: readonly string[],
  importsOf: (name: string, text: string) => ModuleImports,
  texts: SourceTexts,
): Promise<{ modules: Readonly<Record<string, string>>; bare: readonly string[] }> {
  const modules = new Map<string, string>();
  const bare = new Set<string>();
  const visit = async (name: string): Promise<void> => {
    if (modules.has(name)) return;
    modules.set(name, "");
    const { text, hash } = await texts(name);
    modules.set(name, hash);
    const imports = importsOf(name, text);
    for (const specifier of imports.packages) bare.add(specifier);
    await Promise.all(imports.modules.map(visit));
  };
  for (const entry of entries) await visit(entry);
  return {
    modules: Object.fromEntries([...modules].sort(([a], [b]) => a < b ? -1 : 1)),
    bare: [...bare].sort(),
  };
}

/** What a module of ours imports, at once or late; the runtime is known by its version. */
function ownImports(name: string, text: string): ModuleImports {
  const specifiers = [...text.matchAll(SPECIFIER)].map((match) => match[1]!);
  const relative = specifiers.filter((specifier) => specifier.startsWith("."));
  return {
    modules: relative.map((specifier) => posix.join(posix.dirname(name), specifier)),
    packages: specifiers.filter((specifier) => !/^\.|^node:/.test(specifier)),
  };
}

interface Lock {
  readonly npm?: Readonly<
    Record<string, { readonly integrity?: string; readonly dependencies?: readonly string[] }>
  >;
}

/** The locked versions of these imports and of all that they depend on. */
export async function lockedPackages(imports: readonly string[]): Promise<readonly string[]> {
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
