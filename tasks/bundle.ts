import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { PROJECT_ROOT, Refusal } from "../lib/mod.ts";
import { BUNDLE_FOLDER, forNode, ON_NODE_FILE, withJsSuffixes } from "./dev/bundle_lib.ts";
import { parseFlags, runTask } from "./shared.ts";

const USAGE = "deno task bundle";

/** What makes the bundle; no part of it. */
const TOOLS = { "@types/node": "22.19.1", esbuild: "0.25.12", typescript: "5.9.3" };

const SOURCE = join(PROJECT_ROOT, "dist/.source");
const BUNDLE = join(PROJECT_ROOT, BUNDLE_FOLDER);

await runTask(async () => {
  const { positionals } = parseFlags({}, USAGE);
  if (positionals.length > 0) {
    throw new Refusal(`found "${positionals.join(" ")}"; usage: ${USAGE}`, { exitCode: 2 });
  }
  const packages = await packagesOfProject();
  await rm(join(SOURCE, "lib"), { recursive: true, force: true });
  await rm(BUNDLE, { recursive: true, force: true });
  await copySource();
  await write(
    join(SOURCE, "package.json"),
    json({ private: true, dependencies: { ...packages, ...TOOLS } }),
  );
  console.error("Fetching the packages and tools with npm …");
  await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]);
  console.error("Bundling …");
  await bundle();
  await declare();
  await write(join(BUNDLE, "package.json"), json(manifest(packages)));
  return `${relative(Deno.cwd(), BUNDLE)}: import { … } from "assay", once it is linked: ` +
    `npm link ${relative(Deno.cwd(), BUNDLE)}, or "npm install ${BUNDLE}" where the notebook is`;
});

function manifest(packages: Readonly<Record<string, string>>) {
  return {
    name: "assay",
    version: "0.0.0",
    private: true,
    type: "module",
    exports: { ".": { types: "./types/mod.d.ts", default: "./index.js" } },
    types: "./types/mod.d.ts",
    engines: { node: ">=20" },
    // Everything is inside the bundle; these are only named by its types.
    peerDependencies: packages,
    peerDependenciesMeta: Object.fromEntries(
      Object.keys(packages).map((name) => [name, { optional: true }]),
    ),
  };
}

async function packagesOfProject(): Promise<Readonly<Record<string, string>>> {
  const { imports } = JSON.parse(await readFile(join(PROJECT_ROOT, "deno.json"), "utf8")) as {
    imports: Record<string, string>;
  };
  return Object.fromEntries(
    Object.entries(imports).filter(([name]) => name !== "fast-check")
      .map(([name, target]) => [name, target.slice(target.lastIndexOf("@") + 1)]),
  );
}

async function copySource(): Promise<void> {
  const entries = await readdir(join(PROJECT_ROOT, "lib"), {
    recursive: true,
    withFileTypes: true,
  });
  for (const entry of entries) {
    if (!entry.isFile() || !/(?<!_test)\.ts$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const path = relative(PROJECT_ROOT, file).replaceAll("\\", "/");
    await write(join(SOURCE, path), forNode(path, await readFile(file, "utf8")));
  }
  const onNode = await readFile(new URL("./dev/bundle_lib_on_node.ts", import.meta.url), "utf8");
  await write(join(SOURCE, ON_NODE_FILE), onNode);
}

async function bundle(): Promise<void> {
  await node("esbuild/bin/esbuild", [
    "index=lib/mod.ts",
    ...["--bundle", "--splitting", "--format=esm", "--platform=node", "--target=node20"],
    ...["--charset=utf8", "--log-level=warning", `--outdir=${BUNDLE}`],
    // Packages written for CommonJS call `require` for what Node brings.
    "--banner:js=import{createRequire as _createRequire}from'node:module';" +
    "const require=_createRequire(import.meta.url);",
  ]);
}

/** Types without a check: that is done where the source is, with Deno's own types. */
async function declare(): Promise<void> {
  await write(
    join(SOURCE, "tsconfig.json"),
    json({
      compilerOptions: {
        ...{ declaration: true, emitDeclarationOnly: true, noCheck: true, strict: true },
        ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
        ...{ module: "esnext", moduleResolution: "bundler", target: "esnext", skipLibCheck: true },
        ...{ allowImportingTsExtensions: true, lib: ["esnext", "dom"], types: ["node"] },
        ...{ rootDir: "lib", outDir: join(BUNDLE, "types") },
      },
      files: ["lib/mod.ts"],
    }),
  );
  await node("typescript/bin/tsc", ["--project", "tsconfig.json"]);
  const types = await readdir(join(BUNDLE, "types"), { recursive: true, withFileTypes: true });
  for (const entry of types) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    await writeFile(file, withJsSuffixes(await readFile(file, "utf8")));
  }
}

async function node(script: string, args: readonly string[]): Promise<void> {
  await run("node", [join("node_modules", script), ...args]);
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const child = new Deno.Command(command, {
    args: [...args],
    cwd: SOURCE,
    stdout: "piped",
    stderr: "piped",
  });
  const output = await child.output().catch((cause) => {
    throw new Refusal(`Cannot bundle: "${command}" does not start, expected Node 20 or newer`, {
      cause,
    });
  });
  if (output.success) return;
  const words = new TextDecoder().decode(output.stderr.length > 0 ? output.stderr : output.stdout);
  throw new Refusal(`Cannot bundle: ${command} ${args[0]} failed: ${words.trim().split("\n")[0]}`, {
    cause: words,
  });
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
