import { deepStrictEqual, match, throws } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { inProject } from "./project.ts";
import { sandboxImports, SHARED_WITH_MODELS } from "./sandbox_imports.ts";

const MODEL = "lib/models/dip_buyer.ts";

Deno.test("FR-018 the imports of a model are its packages and modules", () => {
  const text = `
    import { z } from "zod";
    import { h4 } from "../features/mod.ts";
    export { defineModel } from './model.ts';
    export * from "./weights.ts";
    import"./early.ts";
    // taken from the book, which is important to export
    const from = 1;
  `;
  deepStrictEqual(sandboxImports(MODEL, text), {
    packages: ["zod"],
    modules: [
      "lib/features/mod.ts",
      "lib/models/model.ts",
      "lib/models/weights.ts",
      "lib/models/early.ts",
    ],
  });
});

/** Ways to name something outside, each of which the language accepts. */
const WAYS_OUT: readonly string[] = [
  `import { DatabaseSync } from "node:sqlite";`,
  `import { performance } from 'node:perf_hooks';`,
  `import"node:fs";`,
  `import/* a */"node:fs"`,
  `import // a\n "node:fs"`,
  `import fs from/**/"node:fs"`,
  `export*from"node:os"`,
  `export { cpus } from\u00a0"node:os"`,
  `import "n\\u006fde:fs"`,
  `const a = "/*"; import "node:fs"; const b = "*/";`,
  `/* from " */ import "node:fs";`,
  `import { readFile } from "fs";`,
  `import data from "data:text/javascript,export default 1";`,
  `import data from "https://example.com/a.ts";`,
  `import data from "file:///etc/passwd" with { type: "text" };`,
  `import yaml from "yaml";`,
  `import prices from "../../data/equities/SPY.json" with { type: "json" };`,
  `import text from "./notes.txt" with { type: "text" };`,
  `import code from "./code.wasm";`,
  `import late from "./late.js";`,
  `import { serve } from "../engine/lockdown.ts";`,
  `import { backtest } from "../app/backtest.ts";`,
  `import { loadPlan } from "../mod.ts";`,
  `import { oneOffClosures } from "../core/holidays.ts";`,
  `import { main } from "../../tasks/backtest.ts";`,
  `const fs = await import("node:fs");`,
  `const fs = await import\n/* " */ (name);`,
  "const fs = import // (\n (`node:${name}`);",
  `const here = import.meta.url;`,
  `const here = import\n.meta.dirname;`,
  `const fs = import.source("x");`,
];

Deno.test("FR-018 whatever leads out of the sandbox is refused in one line that names the file", () => {
  for (const text of WAYS_OUT) {
    throws(() => sandboxImports(MODEL, text), (error: Error) => {
      deepStrictEqual(error.name, "Refusal", text);
      match(
        error.message,
        /^lib\/models\/dip_buyer\.ts runs in the sandbox: found .*, expected [^\n]*$/,
      );
      return true;
    }, text);
  }
});

Deno.test("FR-018 the hash of core alone may name its part of the runtime", () => {
  const text = `import { createHash } from "node:crypto";`;
  deepStrictEqual(sandboxImports("lib/core/hash.ts", text), { modules: [], packages: [] });
  throws(() => sandboxImports("lib/core/bars.ts", text), { name: "Refusal" });
  throws(() => sandboxImports("lib/core/hash.ts", `import "node:fs";`), { name: "Refusal" });
});

Deno.test("FR-018 what models may import is frozen before any of them is loaded", async () => {
  const name = "lib/engine/shared.ts";
  const { modules } = sandboxImports(name, await readFile(inProject(name), "utf8"));
  const others = modules.filter((module) => !/^lib\/(engine|models)\//.test(module));
  deepStrictEqual(others.sort(), SHARED_WITH_MODELS);
});
