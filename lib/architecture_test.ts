import { deepStrictEqual, ok } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const LIB = fileURLToPath(new URL("./", import.meta.url));
const ROOT = dirname(LIB.replace(/\/$/, ""));

/** Every house, from left to right, with the houses it may know. */
const HOUSES: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: ["core"],
  data: ["core", "config"],
  stats: ["core"],
  features: ["core"],
  regime: ["core", "features"],
  learn: ["core", "stats", "features"],
  models: ["core", "features", "regime", "learn"],
  portfolio: ["core", "models"],
  risk: ["core", "regime", "portfolio"],
  execution: ["core", "portfolio"],
  engine: [
    "core",
    "config",
    "stats",
    "features",
    "regime",
    "learn",
    "models",
    "portfolio",
    "risk",
    "execution",
  ],
  results: ["core", "config", "stats"],
  report: ["core", "stats", "results"],
  monitor: ["core", "stats", "learn", "results"],
  app: [
    "core",
    "config",
    "data",
    "stats",
    "features",
    "regime",
    "learn",
    "models",
    "portfolio",
    "risk",
    "execution",
    "engine",
    "results",
    "report",
    "monitor",
  ],
};

/** Folders on the side of the tests, with the houses they may know. Only tests may know them. */
const TEST_FOLDERS: Readonly<Record<string, readonly string[]>> = { reference: ["core"] };

/** Where each package may be named; anywhere else it must not appear. Tests may use fast-check. */
const FENCES: Readonly<Record<string, RegExp>> = {
  zod:
    /^lib\/(config|data\/sources|models|execution|learn|engine\/leaks)\/|_test\.ts$|fixtures\.ts$|\/test_\w+\.ts$/,
  yaml: /^lib\/config\//,
  "decimal.js": /^lib\/(reference|execution)\//,
  hyparquet: /^lib\/(data|results)\//,
  "hyparquet-writer": /^lib\/(data|results)\//,
  ccxt: /^lib\/(execution|data\/sources)\//,
  "@alpacahq/alpaca-trade-api": /^lib\/(execution|data)\//,
  "@observablehq/plot": /^lib\/report\//,
  linkedom: /^lib\/report\//,
  "@uwdata/flechette": /^lib\/results\/sql\//,
  arquero: /^lib\/(report|results)\//,
  "@duckdb/duckdb-wasm": /^lib\/(report|results)\//,
  bullmq: /^lib\/engine\//,
  "fast-check": /_test\.ts$|_contract\.ts$/,
};

/** Loaded only by `await import()` inside the function that needs them. */
const HEAVY = [
  "ccxt",
  "@alpacahq/alpaca-trade-api",
  "@observablehq/plot",
  "linkedom",
  "@uwdata/flechette",
  "arquero",
  "@duckdb/duckdb-wasm",
  "bullmq",
  "hyparquet-writer",
];

interface Source {
  readonly path: string;
  readonly text: string;
  /** What it imports as soon as it is loaded, and what it asks for later. */
  readonly statics: readonly string[];
  readonly dynamics: readonly string[];
}

async function sources(folder: string): Promise<Source[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name)).sort();
  return await Promise.all(files.map(async (file) => {
    const text = await readFile(file, "utf8");
    return {
      path: relative(ROOT, file),
      text,
      statics: [...text.matchAll(/^(?:import|export)\b(?! type)\s(?:[^;"]*?\bfrom\s)?"([^"]+)"/gm)]
        .map((match) => match[1]!),
      dynamics: [...withoutComments(text).matchAll(/\bimport\("([^"]+)"\)/g)]
        .map((match) => match[1]!),
    };
  }));
}

/** Every specifier, types too: a house must not know another's shapes either. */
function specifiers({ text }: Source): string[] {
  return [...text.matchAll(/^(?:import|export)\b\s(?:[^;"]*?\bfrom\s)?"([^"]+)"/gm)]
    .map((match) => match[1]!);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*/gm, "");
}

function houseOf(path: string): string | undefined {
  return /^lib\/([a-z]+)\//.exec(path)?.[1];
}

Deno.test("each house imports only from houses to its left", async () => {
  const wrong = (await sources(LIB)).flatMap((source) => {
    const house = houseOf(source.path);
    if (house === undefined) return [];
    return [...specifiers(source), ...source.dynamics]
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => join(dirname(source.path), specifier))
      .filter((target) => {
        const other = houseOf(target);
        if (other === house) return false;
        if (other === undefined) return true;
        if (other in TEST_FOLDERS) return !/_test\.ts$/.test(source.path);
        return !(HOUSES[house] ?? TEST_FOLDERS[house])?.includes(other);
      })
      .map((target) => `${source.path} imports ${target}`);
  });
  deepStrictEqual(wrong, []);
});

Deno.test("every folder of lib is a house of the table or on the side of the tests", async () => {
  const folders = (await readdir(LIB, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory()).map(({ name }) => name);
  deepStrictEqual(folders.filter((name) => !(name in HOUSES) && !(name in TEST_FOLDERS)), []);
});

Deno.test("tasks and notebooks see the library only through lib/mod.ts", async () => {
  const wrong = (await sources(join(ROOT, "tasks"))).flatMap((source) =>
    specifiers(source)
      .filter((specifier) => specifier.includes("/lib/") && !specifier.endsWith("/lib/mod.ts"))
      .filter(() => !/^tasks\/(dev|bench|golden)\//.test(source.path))
      .map((specifier) => `${source.path} imports ${specifier}`)
  );
  deepStrictEqual(wrong, []);
});

Deno.test("third-party packages stay behind their fences", async () => {
  const all = [...await sources(LIB), ...await sources(join(ROOT, "tasks"))];
  const wrong = all.flatMap((source) =>
    [...specifiers(source), ...source.dynamics]
      .filter((specifier) => !specifier.startsWith(".") && !specifier.startsWith("node:"))
      .filter((specifier) => {
        const name = Object.keys(FENCES).find((known) =>
          specifier === known || specifier.startsWith(`${known}/`)
        );
        return name === undefined || !FENCES[name]!.test(source.path);
      })
      .map((specifier) => `${source.path} imports ${specifier}`)
  );
  deepStrictEqual(wrong, []);
});

Deno.test("importing lib/mod.ts loads no heavy package", async () => {
  const byPath = new Map((await sources(LIB)).map((source) => [source.path, source]));
  const reached = new Set<string>();
  const packages = new Set<string>();
  const visit = (path: string) => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const specifier of byPath.get(path)?.statics ?? []) {
      if (specifier.startsWith(".")) visit(join(dirname(path), specifier));
      else packages.add(specifier);
    }
  };
  visit("lib/mod.ts");
  ok(reached.size > 50, `only ${reached.size} modules were reached`);
  deepStrictEqual([...packages].filter((name) => HEAVY.includes(name)), []);
});

Deno.test("the linter keeps clock, chance, locale, open arithmetic and open order out, and no file switches it off", async () => {
  const { lint, tasks } = JSON.parse(await readFile(join(ROOT, "deno.json"), "utf8"));
  deepStrictEqual(lint.plugins, ["./tasks/dev/lint/determinism.ts"]);
  deepStrictEqual(Object.keys(lint).sort(), ["plugins", "rules"]);
  deepStrictEqual(Object.keys(lint.rules).sort(), ["include", "tags"]);
  ok(/ deno lint --quiet &&/.test(tasks.test.command), tasks.test.command);
  const off = /\bdeno-lint-ignore(?:-file)?(?:[ \t]*(?:--.*)?$|.*\bdeterminism\/)/m;
  const wrong = (await sources(LIB)).filter(({ text }) => off.test(text)).map(({ path }) => path);
  deepStrictEqual(wrong, []);
});

Deno.test("files stay below 400 lines", async () => {
  const long = (await sources(LIB))
    .filter(({ path }) => !/_test\.ts$/.test(path))
    .filter(({ text }) => text.split("\n").length > 400)
    .map(({ path }) => path);
  deepStrictEqual(long, []);
});
