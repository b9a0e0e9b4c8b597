import { deepStrictEqual, match } from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { type TestProject, testProject } from "./test_project.ts";

let project: TestProject;

/** A model of BTC whose decision is this code, below these imports. */
const modelOf = (name: string, decide: string, imports = "") =>
  `import { z } from "zod";
import { trading } from "../features/mod.ts";
import { defineModel } from "./model.ts";
${imports}
export const escape = defineModel({
  name: "${name}",
  version: "1.0.0",
  universe: ["BTC"],
  parameters: z.strictObject({}),
  features: () => ({ price: trading.close() }),
  decide() {
    ${decide}
    return {};
  },
});
`;

const BOMB = modelOf(
  "BombModel_v1",
  "for (const held: unknown[] = [];;) held.push({ one: [held.length] });",
);
const CLOCK = modelOf(
  "ClockModel_v1",
  `new DatabaseSync(":memory:").prepare("select julianday('now')").get();`,
  `import { DatabaseSync } from "node:sqlite";`,
);
const BURST = modelOf("BurstModel_v1", "", `throw new Error("burst");`);

/** Lists a model in a copy of the library and runs it there. */
async function runOf(name: string, code: string) {
  const models = `${project.folder}lib/models/`;
  const list = await readFile(`${models}mod.ts`, "utf8");
  await writeFile(`${models}escape.ts`, code);
  const listed = `import { escape } from "./escape.ts";\n${list.replace("[\n", "[\n  escape,\n")}`;
  await writeFile(`${models}mod.ts`, listed);
  const flags = ["--set", "system.model_timeout_ms=60000", "--set", "system.model_memory_mb=600"];
  try {
    return await project.run("backtest", ["--models", name, ...flags]);
  } finally {
    await writeFile(`${models}mod.ts`, list);
  }
}

async function leftovers(): Promise<string[]> {
  const locks = await readdir(`${project.folder}results/locks`).catch(() => []);
  return [...await project.runs(), ...locks];
}

Deno.test.beforeAll(async () => {
  project = await testProject();
});

Deno.test.afterAll(async () => await project.remove());

Deno.test("FR-018 a model that fills the memory ends its run in one line, with nothing half written", async () => {
  const { code, stdout, stderr } = await runOf("BombModel_v1", BOMB);
  deepStrictEqual([code, stdout], [1, ""]);
  match(
    stderr,
    /^error: BombModel_v1 used more than 600 MB of memory \(system\.model_memory_mb\); it was stopped\n$/,
  );
  deepStrictEqual(await leftovers(), []);
});

Deno.test("FR-018 a model that imports the runtime does not run", async () => {
  const { code, stdout, stderr } = await runOf("ClockModel_v1", CLOCK);
  deepStrictEqual([code, stdout], [1, ""]);
  match(
    stderr,
    /^error: lib\/models\/escape\.ts runs in the sandbox: found "node:sqlite", expected nothing of the runtime\n$/,
  );
  deepStrictEqual(await leftovers(), []);
});

Deno.test("FR-018 a model that fails while it is loaded ends the run", async () => {
  const { code, stderr } = await runOf("BurstModel_v1", BURST);
  deepStrictEqual(code, 1);
  match(stderr, /burst/);
  deepStrictEqual(await leftovers(), []);
});
