import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { inProject } from "./test_project.ts";

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
