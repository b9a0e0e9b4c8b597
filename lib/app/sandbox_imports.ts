import { posix } from "node:path";
import { Refusal } from "../core/errors.ts";

/** What a module asks of others. */
export interface ModuleImports {
  /** Paths in the project. */
  readonly modules: readonly string[];
  /** Packages by the names of the import map. */
  readonly packages: readonly string[];
}

/** What of the runtime may be named, by module; everything else of it may tell time, place or luck. */
const RUNTIME: Readonly<Record<string, readonly string[]>> = {
  "lib/core/hash.ts": ["node:crypto"],
};

/** Houses that models may see, and that may see only each other: the engine's own are not for them. */
const HOUSES = /^lib\/(core|features|regime|learn|models)\//;
const PACKAGES: readonly string[] = ["zod"];

/** What models may import beside each other: the modules that `lib/engine/shared.ts` freezes before it loads any model. */
export const SHARED_WITH_MODELS: readonly string[] = [
  "lib/core/bars.ts",
  "lib/core/clock.ts",
  "lib/core/errors.ts",
  "lib/core/math.ts",
  "lib/core/random.ts",
  "lib/features/feature.ts",
  "lib/features/mod.ts",
  "lib/regime/mod.ts",
];

// White space and comments, as the language reads them between two words.
const GAP = String.raw`(?:\s|/\*[^]*?\*/|//[^\n\r\u2028\u2029]*)*`;
const LATE = new RegExp(String.raw`\bimport${GAP}(?:\(|\.${GAP}(?:meta|source|defer)\b)`);
// Looked for ahead, so that a find in a comment hides no other that begins inside it.
const NAMED = new RegExp(String.raw`\b(?:from|import)\b(?=${GAP}(?:"([^"\n]*)"|'([^'\n]*)'))`, "g");

/**
 * The imports of a module that the sandbox loads. Refuses what could lead out of it (FR-018): the runtime, packages that
 * nobody has looked at, imports made while running, and files that are no code. A comment counts as code.
 */
export function sandboxImports(name: string, text: string): ModuleImports {
  const refuse = (found: string, expected: string): never => {
    throw new Refusal(`${name} runs in the sandbox: found ${found}, expected ${expected}`);
  };
  if (LATE.test(text)) refuse("import( or import.meta", "imports at the top of the file only");
  const specifiers = [...text.matchAll(NAMED)].map((match) => match[1] ?? match[2]!);
  const modules: string[] = [];
  const packages: string[] = [];
  for (const specifier of specifiers) {
    const shown = JSON.stringify(specifier);
    if (specifier.startsWith(".")) {
      const target = posix.join(posix.dirname(name), specifier);
      if (!/^lib\/[\w/]+\.ts$/.test(target)) refuse(shown, "a .ts file of lib");
      if (HOUSES.test(name) && !HOUSES.test(target)) {
        refuse(shown, "nothing outside core, features, regime, learn and models");
      }
      if (
        name.startsWith("lib/models/") && !target.startsWith("lib/models/") &&
        !SHARED_WITH_MODELS.includes(target)
      ) refuse(shown, "a module that lib/engine/shared.ts makes safe for models");
      modules.push(target);
    } else if (specifier.startsWith("node:")) {
      if (!RUNTIME[name]?.includes(specifier)) refuse(shown, "nothing of the runtime");
    } else {
      if (HOUSES.test(name) && !PACKAGES.includes(specifier)) {
        refuse(shown, `no package but ${PACKAGES.join(", ")}`);
      }
      packages.push(specifier);
    }
  }
  return { modules, packages };
}
