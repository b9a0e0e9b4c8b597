import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseTime } from "../../lib/core/clock.ts";
import { verifyAccount } from "../../lib/execution/account/mod.ts";
import { keyNames } from "../../lib/execution/venues/mod.ts";
import { openFaultBroker } from "../../lib/execution/faults/test_fault_broker.ts";
import { outcomeOf, testProject } from "../test_project.ts";

const LIMIT_MS = 1_000;
const HANGING = fileURLToPath(new URL("./test_hanging_runner.ts", import.meta.url));

/** A child's standard output up to and with its first line. */
async function firstLine(child: Deno.ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  return text.trim();
}

for (const kind of ["alpaca", "binance"] as const) {
  Deno.test(`SC-009 the kill switch cancels what works within a second, while the runner hangs (${kind})`, () =>
    killsWhileHanging(kind));
}

async function killsWhileHanging(kind: "alpaca" | "binance"): Promise<void> {
  const project = await testProject();
  await using broker = openFaultBroker({
    ...{ kind, seed: 9, now: parseTime("2026-03-02T16:00:01Z") },
    ...{ prices: { [kind === "alpaca" ? "SPY" : "BTCUSDT"]: "60000" }, volatility: 0 },
    faults: [{ on: "order", at: 0, kind: "delayed", ms: 3_600_000 }],
  });
  const [idName, secretName] = keyNames(kind, "paper");
  const env = {
    NO_COLOR: "1",
    [idName]: broker.keys.id,
    [secretName]: broker.keys.secret,
  };
  const command = (task: string, args: readonly string[]) => {
    const { tasks } = JSON.parse(Deno.readTextFileSync(`${project.folder}deno.json`));
    const flags = (tasks.kill.command as string).split(" ").slice(1, -1);
    return new Deno.Command(Deno.execPath(), {
      args: [...flags, task, ...args],
      ...{ cwd: project.folder, env, stdin: "null", stdout: "piped", stderr: "piped" },
    }).spawn();
  };
  const runner = command(HANGING, [kind, `${project.folder}state`, broker.url]);
  try {
    strictEqual(await firstLine(runner), "acknowledged");
    const working = () =>
      broker.truth().orders.filter(({ status }) => ["parked", "new", "partial"].includes(status));
    strictEqual(broker.truth().orders.length, 1);
    strictEqual(working().length, 1);
    const kill = (...args: string[]) => outcomeOf(command("tasks/kill.ts", args));

    const { code, stdout, stderr } = await kill("on", "--json", "--reason", "a test");
    strictEqual(code, 0, stderr + stdout);
    const report = JSON.parse(stdout);
    strictEqual(working().length, 0);
    strictEqual(report.verified, true);
    deepStrictEqual(
      report.accounts.find(({ account }: { account: string }) => account === "main").cancelled
        .map(({ symbol, side }: { symbol: string; side: string }) => `${side} ${symbol}`),
      [kind === "alpaca" ? "buy SPY" : "buy BTC"],
    );
    ok(report.flagMs < LIMIT_MS && report.doneMs < LIMIT_MS, stdout);
    strictEqual((await verifyAccount(`${project.folder}state/main.db`)).ok, true);

    match((await kill("status")).stdout, /is ON since .* by operator: a test/);
    const refused = await kill("off", "--confirm", "other");
    strictEqual(refused.code, 1);
    match(refused.stderr, /found confirmation "other", expected the account "main"/);
    strictEqual((await kill("off", "--confirm", "paper,main")).code, 0);
    strictEqual(JSON.parse((await kill("status", "--json")).stdout).kill, false);
  } finally {
    runner.kill("SIGKILL");
    await runner.status;
    await runner.stdout.cancel().catch(() => {});
    await runner.stderr.cancel().catch(() => {});
    await project.remove();
  }
}

Deno.test("FR-054 the switch is thrown although nothing can be read, and says what it could not verify", async () => {
  const project = await testProject();
  try {
    await mkdir(`${project.folder}state`);
    await writeFile(`${project.folder}state/main.account.json`, "{");
    await writeFile(`${project.folder}broken.yaml`, "nonsense: [");
    const { code, stdout } = await project.run("kill", ["on", "broken.yaml"]);
    strictEqual(code, 1);
    match(stdout, /The kill switch is on after \d+ ms/);
    match(stdout, /warning: Cannot read .*main\.account\.json/);
    match(stdout, /warning: .*broken\.yaml/);
    strictEqual(JSON.parse((await project.run("kill", ["status", "--json"])).stdout).kill, true);
    await Deno.remove(`${project.folder}state`, { recursive: true });
    strictEqual(JSON.parse((await project.run("kill", ["status", "--json"])).stdout).kill, true);
    strictEqual((await project.run("kill", ["off", "--confirm", "paper"])).code, 0);
    strictEqual(JSON.parse((await project.run("kill", ["status", "--json"])).stdout).kill, false);
    const wrong = await project.run("kill", ["of"]);
    strictEqual(wrong.code, 2);
    match(wrong.stderr, /found "of", expected on, off or status/);
  } finally {
    await project.remove();
  }
});
