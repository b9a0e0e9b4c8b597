import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { formatTime, parseTime } from "../lib/mod.ts";
import { outcomeOf, type TestProject, testProject } from "./test_project.ts";

async function inProject(work: (project: TestProject) => Promise<void>): Promise<void> {
  const project = await testProject();
  try {
    await work(project);
  } finally {
    await project.remove();
  }
}

Deno.test("without keys or arguments `deno task paper --once` decides on bundled data and shows a portfolio", () =>
  inProject(async (project) => {
    const { code, stdout, stderr } = await project.run("paper", ["--once"]);
    strictEqual(code, 0, stderr);
    match(stdout, /^Decision {4}2024-12-31T20:00:00Z made$/m);
    match(stdout, /^QQQ +58\.554 +512\.34 +29,999\.56$/m);
    const again = await project.run("paper", ["--once", "--json"]);
    strictEqual(JSON.parse(again.stdout).decision.status, "made_already");
    const dump = JSON.parse((await project.run("paper", ["--dump", "--json"])).stdout);
    deepStrictEqual(dump.positions, { QQQ: "58.554" });
    strictEqual(dump.fills.length, 1);
    strictEqual(dump.intents[0].state, "FILLED");
    const status = await project.run("paper", ["--status"]);
    match(status.stdout, /^Next {8}decision at 2025-01-01T00:00:00Z$/m);
    const verified = await project.run("verify", ["--account", "paper"]);
    strictEqual(verified.code, 0, verified.stderr);
    match(verified.stdout, /^paper is intact: 11 events/);
  }));

Deno.test("repeated calls with later times go on where the last one ended", () =>
  inProject(async (project) => {
    const at = async (time: string) => {
      const { code, stdout, stderr } = await project.run("paper", [
        "--once",
        "--at",
        time,
        "--json",
      ]);
      strictEqual(code, 0, stderr);
      return JSON.parse(stdout);
    };
    const first = await at("2024-11-01T12:00:00Z");
    deepStrictEqual([first.decision.status, first.execution.status], ["made", "waiting"]);
    const open = await at("2024-11-01T13:31:00Z");
    deepStrictEqual([open.decision.status, open.execution.status], ["made_already", "done"]);
    deepStrictEqual(open.status.positions, { QQQ: "74.912", SPY: "63.758" });
    const later = await at("2024-11-01T16:00:00Z");
    strictEqual(later.decision.status, "made");
  }));

Deno.test("FR-020 models of other stages are left out, and none left is refused with the way to promote", () =>
  inProject(async (project) => {
    const set = ["--set", "models.EquityTrendModel_v1.lifecycle_stage=research"];
    const { stdout } = await project.run("paper", ["--once", ...set]);
    match(stdout, /^EquityTrendModel_v1 is left out: it is at research, paper trading/m);
    match(stdout, /^rehearsal: stages as written, nothing here counts as evidence$/m);
    const none = await project.run("paper", ["--once", "configs/base/models.yaml"]);
    strictEqual(none.code, 1);
    match(none.stderr, /^error: No model may trade in paper mode: .*deno task models promote/);
  }));

/** The task in a process of its own, with keys for a broker on loopback. */
function onBroker(project: TestProject, env: Readonly<Record<string, string>>) {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${project.folder}deno.json`));
  const [, ...flags] = (tasks.paper.command as string).split(" ");
  return async (...args: readonly string[]) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...flags, ...args],
      ...{ cwd: project.folder, env: { NO_COLOR: "1", ...env } },
      ...{ stdin: "null", stdout: "piped", stderr: "piped" },
    }).spawn();
    return await outcomeOf(child);
  };
}

const STEPS = [
  "2024-11-01T16:00:00Z",
  "2024-11-04T12:00:00Z",
  "2024-11-04T16:00:00Z",
  "2024-11-06T16:00:00Z",
];

for (const seed of [1, 2, 3]) {
  Deno.test(`the contract holds on a broker that fails by schedule ${seed}`, () =>
    inProject((project) => keepsTheContract(project, seed)));
}

async function keepsTheContract(project: TestProject, seed: number): Promise<void> {
  const { faultSchedule, openFaultBroker, USUAL_FAULTS } = await import(
    "../lib/execution/faults/test_fault_broker.ts"
  );
  const frequencies = { ...USUAL_FAULTS, slow: 0 };
  await using broker = openFaultBroker({
    ...{ kind: "alpaca", seed, now: parseTime(STEPS[0]!) + 1_000, tickMs: 20 },
    prices: { SPY: "571", QQQ: "486" },
    faults: faultSchedule(seed, { requests: 60, frequencies, symbols: ["SPY", "QQQ"] }),
  });
  const config = `${project.folder}alpaca.yaml`;
  await writeFile(config, configOf(broker.url));
  const paper = onBroker(project, {
    ALPACA_PAPER_KEY_ID: broker.keys.id,
    ALPACA_PAPER_SECRET_KEY: broker.keys.secret,
  });
  const problems: string[] = [];
  for (const step of [...STEPS, "2024-11-06T16:00:00Z"]) {
    broker.setTime(Math.max(broker.clock.now(), parseTime(step) + 1_000));
    const { code, stderr } = await paper("--once", "--at", step, "--config", config, "--json");
    if (code !== 0) problems.push(stderr);
    ok(code === 0 || /^error: /.test(stderr), stderr);
    ok(!stderr.includes(broker.keys.secret));
  }
  const dump = JSON.parse((await paper("--dump", "--json", "--config", config)).stdout);
  const truth = broker.truth();
  deepStrictEqual(Object.values(truth.acceptedByClientId).filter((count) => count !== 1), []);
  const blocked = new Set(dump.blocked.map(({ symbol }: { symbol: string }) => symbol));
  const free = (symbol: string) => !blocked.has("*") && !blocked.has(symbol);
  for (const symbol of ["SPY", "QQQ"].filter(free)) {
    strictEqual(Number(dump.positions[symbol] ?? 0), Number(truth.positions[symbol] ?? 0), symbol);
  }
  const booked = dump.fills.filter(({ symbol }: { symbol: string }) => free(symbol))
    .map(({ trade_id }: { trade_id: string }) => trade_id).sort();
  const done = truth.fills.filter(({ symbol, owner }) => !owner && free(symbol))
    .map(({ tradeId }) => tradeId).sort();
  deepStrictEqual(booked, done, problems.join("\n"));
  ok(truth.fills.length > 0 || blocked.size > 0, `nothing was traded by ${formatTime(truth.time)}`);
}

function configOf(url: string): string {
  return [
    "models:",
    "  EquityTrendModel_v1: { lifecycle_stage: paper }",
    "  IndexMeanReversionModel_v1: { lifecycle_stage: candidate }",
    "trading: { venue: alpaca, account: alpaca, clock: broker, deadline_ms: 4000 }",
    `brokers: { alpaca: { trading_url: "${url}", data_url: "${url}", timeout_ms: 1000 } }`,
    "",
  ].join("\n");
}
