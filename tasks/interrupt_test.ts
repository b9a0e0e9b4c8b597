import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { outcomeOf, type TestProject, testProject } from "./test_project.ts";

let project: TestProject;

/** A model that never answers, listed in the copy of the library as any model would be. */
const ENDLESS = `import { z } from "zod";
import { trading } from "../features/mod.ts";
import { defineModel } from "./model.ts";

export const endless = defineModel({
  name: "EndlessModel_v1",
  version: "1.0.0",
  universe: ["BTC"],
  parameters: z.strictObject({}),
  features: () => ({ price: trading.close() }),
  decide() {
    for (;;);
  },
});
`;

Deno.test.beforeAll(async () => {
  project = await testProject();
  const models = `${project.folder}lib/models/`;
  await writeFile(`${models}endless.ts`, ENDLESS);
  const list = await readFile(`${models}mod.ts`, "utf8");
  await writeFile(
    `${models}mod.ts`,
    `import { endless } from "./endless.ts";\n${list.replace("[\n", "[\n  endless,\n")}`,
  );
});

Deno.test.afterAll(async () => await project.remove());

const SLOW = ["--models", "EndlessModel_v1", "--set", "system.model_timeout_ms=60000"];

/** Resolves when the newest trial runs, so that its models are being asked or soon will be. */
async function running(count: number): Promise<void> {
  while ((await project.trials().catch(() => [])).length < count) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function leftovers(): Promise<string[]> {
  const locks = await readdir(`${project.folder}results/locks`).catch(() => []);
  return [...await project.runs(), ...locks];
}

const signals: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM"];

for (const signal of signals) {
  Deno.test(`FR-058 ${signal} ends a run in one line, leaves nothing half written and marks the trial`, async () => {
    const before = (await project.trials()).length;
    const child = project.start("backtest", [...SLOW, "--threads", "2"]);
    await running(before + 1);
    child.kill(signal);
    deepStrictEqual(await outcomeOf(child), {
      code: 1,
      stdout: "",
      stderr: "error: Interrupted\n",
    });
    deepStrictEqual(await leftovers(), []);
    const { status, message } = (await project.trials()).at(-1)!;
    deepStrictEqual([status, message], ["interrupted", "Interrupted"]);
  });
}

Deno.test("FR-058 what a killed run left is out of the way of the next request for it", async () => {
  const before = (await project.trials()).length;
  const child = project.start("backtest", SLOW);
  await running(before + 1);
  child.kill("SIGKILL");
  await outcomeOf(child);
  const next = project.start("backtest", SLOW);
  await running(before + 2);
  next.kill("SIGINT");
  const { code, stderr } = await outcomeOf(next);
  deepStrictEqual([code, stderr], [1, "error: Interrupted\n"]);
  deepStrictEqual(await leftovers(), []);
});

Deno.test("FR-058 while one process computes a run, another waits, and Ctrl-C ends the wait", async () => {
  const before = (await project.trials()).length;
  const first = project.start("backtest", SLOW);
  await running(before + 1);
  const second = project.start("backtest", SLOW);
  const reader = second.stderr.getReader();
  const { value } = await reader.read();
  strictEqual(
    new TextDecoder().decode(value),
    "Another process is computing this run; waiting for it\n",
  );
  second.kill("SIGINT");
  const rest = await reader.read();
  strictEqual(new TextDecoder().decode(rest.value), "error: Interrupted\n");
  await reader.cancel();
  await second.stdout.cancel();
  strictEqual((await second.status).code, 1);
  strictEqual((await project.trials()).length, before + 1);
  first.kill("SIGINT");
  await outcomeOf(first);
});

Deno.test("FR-018 a model that never answers is stopped at its time limit, in a backtest and in a check", async () => {
  const limit = ["--set", "system.model_timeout_ms=600"];
  const models = ["--set", "models.EndlessModel_v1.budget_fraction=0", ...limit];
  const run = await project.run("backtest", ["--models", "EndlessModel_v1", ...limit]);
  strictEqual(run.code, 1);
  match(run.stderr, /^error: EndlessModel_v1 did not decide for [^\n]* within 600 ms [^\n]*\n$/);
  strictEqual((await project.trials()).at(-1)!.status, "failed");
  const check = await project.run("check", models);
  strictEqual(check.code, 1);
  match(check.stderr, /^error: Not ready: smoke run: EndlessModel_v1 did not decide [^\n]*\n$/);
  ok(check.stdout.includes("missing  smoke run"));
  deepStrictEqual(await leftovers(), []);
});
