import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { PROJECT_ROOT } from "../../lib/mod.ts";
import { outcomeOf } from "../test_project.ts";
import type { ChaosReport } from "./chaos.ts";

async function chaos(...args: string[]) {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${PROJECT_ROOT}deno.json`));
  const command: string[] = tasks.chaos.command.split(" ").slice(1);
  return await outcomeOf(
    new Deno.Command(Deno.execPath(), {
      args: [...command, ...args],
      ...{ cwd: PROJECT_ROOT, env: { NO_COLOR: "1" }, stdout: "piped", stderr: "piped" },
    }).spawn(),
  );
}

Deno.test("deno task chaos says what its sessions came to, the same each time", async () => {
  const [first, second] = await Promise.all([1, 2].map(async () => {
    const { code, stdout, stderr } = await chaos("-n", "8", "--seed", "40", "--json");
    strictEqual(code, 0, stderr + stdout);
    const { seconds: _, ...report } = JSON.parse(stdout) as ChaosReport;
    return report;
  }));
  deepStrictEqual(first, second);
  strictEqual(first!.sessions, 8);
  ok(first!.orders > 8 && first!.fills > 8 && first!.deaths > 0);
  deepStrictEqual(first!.failures, []);
});

Deno.test("deno task chaos refuses what is no number of sessions", async () => {
  const { code, stderr } = await chaos("-n", "many");
  strictEqual(code, 2);
  match(stderr, /^error: -n: found "many", expected a whole number from 1 on/);
});
