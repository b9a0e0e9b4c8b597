import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { PROJECT_ROOT } from "../lib/mod.ts";
import { BUNDLE_FOLDER, forNode, withJsSuffixes } from "./dev/bundle_lib.ts";
import * as onNode from "./dev/bundle_lib_on_node.ts";

Deno.test("FR-058 a bundled module finds its neighbours from the folder of the bundle", () => {
  const text = forNode("lib/app/project.ts", 'const root = new URL("../../", import.meta.url);');
  const [, path] = /new URL\("([^"]+)", import/.exec(text)!;
  strictEqual(join(BUNDLE_FOLDER, path!), "lib/app/project.ts");
});

Deno.test("FR-058 a bundled module asks for Deno, its Worker and SQLite where it can be told that they are missing", () => {
  strictEqual(
    forNode("lib/a/b.ts", "const { deno } = Deno.version;"),
    'import { Deno } from "../on_node.ts";\nconst { deno } = Deno.version;',
  );
  strictEqual(
    forNode("lib/b.ts", 'await import("node:sqlite"); new Worker(url);'),
    'import { Worker, withoutSqlite } from "./on_node.ts";\n' +
      'await import("node:sqlite").catch(withoutSqlite); new Worker(url);',
  );
  const plain = 'if (!("Deno" in globalThis)) leave(); // it needs Deno. Really';
  strictEqual(forNode("lib/b.ts", plain), plain);
});

Deno.test("FR-058 every module of lib that uses Deno as a value is told where it is missing", async () => {
  const entries = await readdir(join(PROJECT_ROOT, "lib"), {
    recursive: true,
    withFileTypes: true,
  });
  const using: string[] = [];
  for (const entry of entries) {
    if (!entry.isFile() || !/(?<!_test)\.ts$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const path = relative(PROJECT_ROOT, file);
    const text = await readFile(file, "utf8");
    const code = text.replace(/\/\*\*[^]*?\*\/|\/\/.*/g, "");
    if (!/(?<![.\w"])Deno\.(?:[a-z]|Command)/.test(code)) continue;
    using.push(path);
    match(forNode(path, text), /^import \{ [^}]*\bDeno\b[^}]* \} from "[./]+on_node\.ts";/);
  }
  ok(using.includes("lib/app/code_fingerprint.ts") && using.includes("lib/core/file_lock.ts"));
});

Deno.test("FR-058 where Deno is, the bundle uses it, and what Node lacks is named", () => {
  strictEqual(onNode.Deno, Deno);
  strictEqual(onNode.Worker, Worker);
  throws(onNode.withoutSqlite, /needs node:sqlite, which this Node has not: take Node 22\.5/);
});

Deno.test("FR-058 declarations name each other so that TypeScript finds them", () => {
  deepStrictEqual(
    withJsSuffixes('export { a } from "./a.ts";\ntype B = import("../b/c.ts").B; import "zod.ts";'),
    'export { a } from "./a.js";\ntype B = import("../b/c.js").B; import "zod.ts";',
  );
});
