import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { testProject } from "./test_project.ts";

Deno.test("`deno task parity` explains a paper session within its own permissions, and refuses in one line", async () => {
  const project = await testProject();
  try {
    const days = ["--from", "2024-11-04", "--until", "2024-11-06"];
    const paper = await project.run("paper", days);
    strictEqual(paper.code, 0, paper.stderr);
    const page = await project.run("parity", ["paper-replay", "--out", "results/session.html"]);
    strictEqual(page.code, 0, page.stderr);
    match(page.stdout, /^Unexplained +0\.00$/m);
    match(page.stdout, /^Decisions: 18 of 18 made again bit by bit$/m);
    match(page.stdout, /^results\/session\.html$/m);
    await writeFile(`${project.folder}strict.yaml`, "lifecycle: { live: { min_days: 99 } }\n");
    const strict = ["--config", "strict.yaml"];
    const { stdout } = await project.run("parity", ["paper-replay", "--json", ...strict]);
    const { remainder, decisions, review } = JSON.parse(stdout);
    strictEqual(
      review.stages[0].reasons[1],
      "days of paper trading: found 3, expected at least 99",
    );
    deepStrictEqual([remainder, decisions.identical], ["0", 18]);
    match(
      page.stdout,
      /^crypto slippage +2 +5\.00 +5\.00 +0\.00 +5\.00 to 5\.00 +keep: 2 orders, fewer than 20$/m,
    );
    const proposed = await project.run("parity", ["paper-replay", "--propose", "own_costs"]);
    deepStrictEqual([proposed.code, proposed.stdout], [1, ""]);
    match(proposed.stderr, /^error: Cannot save a proposal: own fills change no cost[^\n]+\n$/);
    const unknown = await project.run("parity", ["nobody"]);
    deepStrictEqual([unknown.code, unknown.stdout], [1, ""]);
    match(
      unknown.stderr,
      /^error: Cannot compare nobody: found no state of it [^\n]+expected one of paper-replay\n$/,
    );
    const none = await project.run("parity");
    strictEqual(none.code, 2);
    match(
      none.stderr,
      /^error: found 0 sessions, expected one; usage: deno task parity SESSION [^\n]+\n$/,
    );
    const never = await project.run("parity", ["paper-replay", "--from", "never"]);
    deepStrictEqual([never.code, never.stderr.split("\n").length], [2, 2]);
  } finally {
    await project.remove();
  }
});
