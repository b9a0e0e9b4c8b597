import { Refusal } from "../core/errors.ts";
import { canonicalJson, sha256 } from "../core/hash.ts";
import { lockedPackages, moduleGraph, type SourceTexts, sourceTexts } from "./code_fingerprint.ts";
import { PROJECT_ROOT } from "./project.ts";
import { sandboxImports } from "./sandbox_imports.ts";

/** The code of one model: what it is made of, and nothing of what runs it. */
export interface ModelCode {
  readonly fingerprint: string;
  /** Hash of each module by its path in the project: its own, and all that it leads to. */
  readonly modules: Readonly<Record<string, string>>;
  /** Package and version, as locked. */
  readonly packages: readonly string[];
}

const LIST = "lib/models/mod.ts";

const known = new Map<string, Promise<ModelCode>>();

/** The fingerprint of a model that ships with the library; read once in a process. Refuses one from outside. */
export function modelCode(name: string): Promise<ModelCode> {
  const found = known.get(name) ?? modelCodeIn(PROJECT_ROOT, name);
  known.set(name, found);
  return found;
}

/** The same of a project that lies elsewhere, read anew. */
export async function modelCodeIn(root: string, name: string): Promise<ModelCode> {
  const texts = sourceTexts(root);
  const entry = await moduleOf(name, texts);
  const { modules, bare } = await moduleGraph([entry], sandboxImports, texts);
  const packages = await lockedPackages(bare);
  return { fingerprint: sha256(canonicalJson({ modules, packages })), modules, packages };
}

/** The module of the list that defines a model: the one that says its name. */
async function moduleOf(name: string, texts: SourceTexts): Promise<string> {
  const { modules } = sandboxImports(LIST, (await texts(LIST)).text);
  const defining: string[] = [];
  for (const module of modules) {
    const { text } = await texts(module);
    if (text.includes(`name: "${name}"`)) defining.push(module);
  }
  if (defining.length === 1) return defining[0]!;
  throw new Refusal(
    `${name}: found ${defining.length} modules of ${LIST} that define it, expected one`,
  );
}
