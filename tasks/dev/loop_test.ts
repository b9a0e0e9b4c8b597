import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { outcomeOf, testProject } from "../test_project.ts";
import { putOnRecord } from "./test_promotion.ts";

const NAME = "EquityTrendModel_v1";

/** Waits until a file says something. */
async function until(file: string, pattern: RegExp): Promise<string> {
  for (let tries = 0; tries < 300; tries++) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (pattern.test(text)) return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${file} never matched ${pattern}`);
}

Deno.test("deno task paper runs on, sees the kill switch, and ends cleanly when it is told to", async () => {
  const project = await testProject();
  await putOnRecord(project, NAME, { to: "paper", config: "configs/paper.yaml" });
  const loop = project.start("paper", ["--set", "trading.paper_prices=live"]);
  const heartbeat = `${project.folder}state/paper.heartbeat.json`;
  try {
    match(await until(heartbeat, /"waiting"/), /"what":"decision"/);
    const second = await project.run("paper", ["--set", "trading.paper_prices=live"]);
    strictEqual(second.code, 1);
    match(second.stderr, /^error: Cannot trade account paper at paper: another process holds/);
    const { code, stdout } = await project.run("kill", ["on", "--json"]);
    strictEqual(code, 0, stdout);
    deepStrictEqual(
      JSON.parse(stdout).accounts.map(({ account }: { account: string }) => account),
      [
        "paper",
      ],
    );
    await until(heartbeat, /"killed"/);
    strictEqual((await project.run("kill", ["off", "--confirm", "paper"])).code, 0);
    await until(heartbeat, /"waiting"/);
    loop.kill("SIGTERM");
    const end = await outcomeOf(loop);
    strictEqual(end.code, 0, end.stderr);
    ok(/"stopped"/.test(await readFile(heartbeat, "utf8")));
    const log = await readFile(`${project.folder}logs/paper/errors.log`, "utf8");
    match(log, /the kill switch is on: nothing is sent/);
    const history = await project.run("models", ["history", NAME, "--json"]);
    const { kind, reason } = JSON.parse(history.stdout).events.at(-1);
    deepStrictEqual([kind, reason], ["demoted", "the kill switch is on"]); // the file is not its to write
  } finally {
    await project.remove();
  }
});
