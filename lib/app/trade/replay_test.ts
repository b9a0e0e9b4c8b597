import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { inTestFolder } from "../../core/test_folder.ts";
import { verifyAccount } from "../../execution/account/mod.ts";
import { loadPaperPlan, replayRange } from "./paper_task.ts";
import { replayPaper } from "./replay.ts";

const DAYS = replayRange("2024-11-01", "2024-11-30");

function replayed(folder: string, models: readonly string[], sets: readonly string[] = []) {
  return loadPaperPlan([], { models, sets }).then((loaded) =>
    replayPaper(loaded, DAYS, { stateFolder: `${folder}state`, logsFolder: `${folder}logs` })
  );
}

Deno.test("thirty days lived decision by decision decide what the backtest decides, to the last bit", () =>
  inTestFolder(async (folder) => {
    const report = await replayed(folder, ["EquityTrendModel_v1", "IndexMeanReversionModel_v1"]);
    strictEqual(report.closes.length, 180);
    deepStrictEqual(
      report.closes.filter(({ status, mode }) => status !== "made" || mode !== "NORMAL"),
      [],
    );
    // Weights of these models depend on prices alone; raw lots and cash dividends show in NAV only.
    deepStrictEqual(report.closes.filter(({ shareDifference }) => shareDifference !== 0), []);
    strictEqual(report.fills.length, report.backtest.fills);
    ok(report.fills.length > 4, `${report.fills.length} fills`);
    ok(Math.abs(report.finalNav / report.backtest.finalNav - 1) < 1e-6);
  }));

Deno.test("thirty days of the whole portfolio end where the backtest ends, and every fill is in the logs", () =>
  inTestFolder(async (folder) => {
    const report = await replayed(folder, []);
    // What coins are kept at follows NAV, which lots move by a millionth.
    ok(report.closes.every(({ shareDifference }) => shareDifference < 1e-7));
    ok(report.closes.every(({ nav, backtestNav }) => Math.abs(nav! / backtestNav - 1) < 1e-6));
    strictEqual(report.fills.length, report.backtest.fills);
    const verdict = await verifyAccount(`${folder}state/replay/paper-replay.db`);
    ok(verdict.ok, JSON.stringify(verdict));
    const lines = async (name: string) =>
      (await readFile(`${folder}logs/paper-replay/${name}.log`, "utf8")).trim().split("\n")
        .map((line) => JSON.parse(line));
    strictEqual((await lines("trades")).length, report.fills.length);
    const decided = (await lines("orders")).filter(({ message }) => message === "decision made");
    strictEqual(decided.length, 180);
  }));
