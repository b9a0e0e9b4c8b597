import { deepStrictEqual, match, ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { codeFingerprint, searchModules } from "./code_fingerprint.ts";
import { inProject, PROJECT_ROOT } from "./project.ts";

interface Graph {
  readonly modules: readonly { readonly specifier: string }[];
}

/** The runtime's own answer to what a module loads, types included. */
function graphOf(entry: string): readonly string[] {
  const text = execFileSync(
    Deno.execPath(),
    ["info", "--json", "--frozen", "--no-remote", entry],
    { cwd: PROJECT_ROOT, encoding: "utf8" },
  );
  return (JSON.parse(text) as Graph).modules.map(({ specifier }) => specifier);
}

/** Those of the project, by their path in it. */
function localOf(graph: readonly string[]): readonly string[] {
  const root = new URL(`file://${PROJECT_ROOT}`).href;
  return graph.filter((specifier) => specifier.startsWith(root))
    .map((specifier) => specifier.slice(root.length)).sort();
}

/** They load a search, name it, run its trials and keep them: whoever does that, the same comes out. */
const BESIDE_SEARCHES = [
  ...["experiment_id", "load_experiment", "optimize", "search_run", "searched", "winner_config"]
    .map((name) => `lib/app/optimize/${name}.ts`),
  ...["lib/app/optimize/work.ts", "lib/engine/sweep/crew.ts", "lib/engine/sweep/trial_plan.ts"],
];

Deno.test("FR-049 no module that decides what a search tries, or what its card says of it, is left out of its fingerprint", async () => {
  const graph = localOf(graphOf("lib/app/optimize/optimize.ts"));
  const deciding = graph.filter((name) =>
    /^lib\/(app\/optimize|engine\/search|engine\/sweep|learn)\//.test(name)
  ).filter((name) => !BESIDE_SEARCHES.includes(name));
  const covered = new Set(Object.keys(await searchModules()));
  deepStrictEqual(deciding.filter((name) => !covered.has(name)), []);
  ok(covered.has("lib/stats/superior_ability.ts") && deciding.length > 20);
});

Deno.test("FR-060 the code fingerprint covers exactly the modules and packages that the worker loads", async () => {
  const graph = graphOf("lib/engine/worker.ts");
  const local = localOf(graph);
  const { modules, packages } = await codeFingerprint();
  // What only goes over a finished run, runs many, or decides beside any, makes no other run.
  const deciding = local.filter((name) =>
    !/\/audit\/|\/sweep\/|\/trading\/|\/envelope|\/prove\.ts$/.test(name)
  );
  deepStrictEqual(Object.keys(modules), deciding);
  ok(deciding.length > 40 && deciding.length < local.length);
  const npm = graph.filter((specifier) => specifier.startsWith("npm:"))
    .map((specifier) => /^npm:\/?((?:@[^/]+\/)?[^/@]+@[^/]+)/.exec(specifier)![1]!);
  deepStrictEqual(packages, [...new Set(npm)].sort());
});

Deno.test("FR-060 the fingerprint leaves out tests, reports and tasks, and names the Deno version", async () => {
  const { modules, deno, fingerprint } = await codeFingerprint();
  const outside = Object.keys(modules).filter((name) =>
    /_test\.ts$|^lib\/(app|report|results|config|data)\/|^tasks\//.test(name)
  );
  deepStrictEqual(outside, []);
  deepStrictEqual(deno, Deno.version.deno);
  match(fingerprint, /^[0-9a-f]{64}$/);
  for (const hash of Object.values(modules)) match(hash, /^[0-9a-f]{64}$/);
});

Deno.test("FR-018 code in the sandbox reaches for no other part of the runtime, and for nothing late", async () => {
  const { modules } = await codeFingerprint();
  const texts = await Promise.all(
    Object.keys(modules).map(async (name) => ({
      name,
      text: await readFile(inProject(name), "utf8"),
    })),
  );
  const runtime = texts.flatMap(({ name, text }) =>
    [...text.matchAll(/"(node:[^"]+)"/g)].map((match) => `${name} ${match[1]}`)
  );
  // The hash of columns and plans; a model cannot name it, since no import of its own is unseen here.
  deepStrictEqual(runtime, ["lib/core/hash.ts node:crypto"]);
  const late = texts.filter(({ text }) => /\bimport\s*\(/.test(text)).map(({ name }) => name);
  deepStrictEqual(late, []);
});
