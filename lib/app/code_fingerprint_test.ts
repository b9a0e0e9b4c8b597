import { deepStrictEqual, match, ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { codeFingerprint } from "./code_fingerprint.ts";
import { inProject, PROJECT_ROOT } from "./project.ts";

interface Graph {
  readonly modules: readonly { readonly specifier: string }[];
}

/** The runtime's own answer to what the sandbox worker loads, types included. */
function workerGraph(): readonly string[] {
  const text = execFileSync(
    Deno.execPath(),
    ["info", "--json", "--frozen", "--no-remote", "lib/engine/worker.ts"],
    { cwd: PROJECT_ROOT, encoding: "utf8" },
  );
  return (JSON.parse(text) as Graph).modules.map(({ specifier }) => specifier);
}

Deno.test("FR-060 the code fingerprint covers exactly the modules and packages that the worker loads", async () => {
  const graph = workerGraph();
  const root = new URL(`file://${PROJECT_ROOT}`).href;
  const local = graph.filter((specifier) => specifier.startsWith(root))
    .map((specifier) => specifier.slice(root.length)).sort();
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
