import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { inTestFolder } from "../core/test_folder.ts";
import { openDatabase } from "../results/mod.ts";
import { backtest as backtestHere } from "./backtest.ts";
import { backtestApart } from "./notebook_backtest.ts";
import { inProject } from "./project.ts";
import { openRun } from "./runs.ts";
import { tinyPlan, writeBtc } from "./test_market.ts";
import { databaseFile } from "./trial.ts";

Deno.test("FR-060 a process of its own makes the run that this one makes, byte by byte", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const plan = await tinyPlan(`${folder}data`);
    const resultsRoot = `${folder}results`;
    const apart = await backtestApart(plan, { resultsRoot, audit: false });
    const here = await backtestHere(plan, { resultsRoot, force: true, audit: false });
    strictEqual(apart.origin, "computed");
    strictEqual(here.origin, "confirmed");
    deepStrictEqual([apart.id, apart.card], [here.id, here.card]);
    strictEqual((await apart.tables.nav()).nav[0], 100_000);
    strictEqual((await backtestApart(plan, { resultsRoot, audit: false })).origin, "found");
  });
});

Deno.test("a refusal comes back from the other process in its one line", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const plan = await tinyPlan(`${folder}data`);
    await rejects(
      backtestApart(plan, { resultsRoot: `${folder}results`, mustBe: "0".repeat(16) }),
      { name: "Refusal", exitCode: 3, message: /^Run 0000000000000000 was made on other data/ },
    );
    const aborted = AbortSignal.abort();
    await rejects(backtestApart(plan, { signal: aborted }), { message: "Interrupted" });
  });
});

Deno.test("a run that was asked for lands in the results though the one who asked is killed", async () => {
  await inTestFolder(async (folder) => {
    const resultsRoot = `${folder}results`;
    const file = `${folder}asker.ts`;
    const [loadPlan, apart] = ["load_plan", "notebook_backtest"].map((name) =>
      JSON.stringify(new URL(`./${name}.ts`, import.meta.url).href)
    );
    await writeFile(
      file,
      `import { loadPlan } from ${loadPlan};
import { backtestApart } from ${apart};
const run = backtestApart(await loadPlan(), {
  resultsRoot: ${JSON.stringify(resultsRoot)},
  proofs: false,
  onProgress: () => console.log("begun"),
});
await run;
console.log("ended");
`,
    );
    const asker = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--cached-only", "--frozen", "-A", file],
      cwd: inProject("."),
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = asker.stdout.getReader();
    const { value } = await reader.read();
    asker.kill("SIGKILL");
    await asker.status;
    await reader.cancel();
    strictEqual(new TextDecoder().decode(value).trim().split("\n").at(-1), "begun");
    const run = await openRun(await landed(resultsRoot), { resultsRoot });
    ok(run.card.statistics.portfolio.fills > 0);
  });
});

/** The id of the first run on record, once all is done for it. */
async function landed(resultsRoot: string): Promise<string> {
  const database = await openDatabase(databaseFile(resultsRoot));
  try {
    for (let tries = 0; tries < 300; tries++) {
      const found = database.listTrials().find(({ status }) => status === "finished");
      if (found) return found.run_id;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    database.close();
  }
  throw new Error(`No run came to ${resultsRoot}`);
}
